//! The pieces that WebAssembly binaries are made of (core specification, "Binary Format"; component-model `Binary.md`).

/// A number without sign, as LEB128.
pub(crate) fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A section: a byte that says which, a length, and content.
pub(crate) fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &number(content.len()), content].concat()
}
