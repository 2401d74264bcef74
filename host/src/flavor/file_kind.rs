//! What a file is that is no WebAssembly, for its author's next step.

use std::fmt;

use crate::text::Printable;

/// A kind of file that is given for a component by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// No bytes.
    Empty,
    /// WAT, the text form of WebAssembly.
    Wat,
    /// A contract's text.
    Wit,
    /// Any other text.
    Text,
    /// A program of ELF, Mach-O or PE.
    Program,
    /// A tar file, a zip file, or a compressed file.
    Archive,
    /// Anything else.
    Unknown,
}

/// The first bytes of programs: ELF, Mach-O (64 bits, and for several processors), PE.
const PROGRAMS: [&[u8]; 4] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ"];

/// The first bytes of archives: gzip, zip, zstd, xz.
const ARCHIVES: [&[u8]; 4] = [b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ"];

impl FileKind {
    /// The kind of these bytes.
    #[must_use]
    pub(super) fn of(bytes: &[u8]) -> Self {
        let begins = |list: &[&[u8]]| list.iter().any(|magic| bytes.starts_with(magic));
        // The name of the format in the header of a tar file (POSIX ustar).
        let is_tar = bytes.get(257..262) == Some(b"ustar");
        match str::from_utf8(bytes) {
            Ok("") => Self::Empty,
            _ if begins(&PROGRAMS) => Self::Program,
            _ if is_tar || begins(&ARCHIVES) => Self::Archive,
            Ok(text) if !text.contains('\0') => Self::of_text(text),
            _ => Self::Unknown,
        }
    }

    fn of_text(text: &str) -> Self {
        let lines = || text.lines().map(str::trim_start);
        let is_wat = lines().any(|line| line.starts_with("(component") || line.starts_with("(module"));
        let is_wit = lines().any(|line| line.starts_with("world ") || line.starts_with("interface "));
        match (is_wat, is_wit) {
            (true, _) => Self::Wat,
            (_, true) => Self::Wit,
            _ => Self::Text,
        }
    }
}

/// Words of crhost's own.
impl Printable for FileKind {}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Wat => "WebAssembly in its text form",
            Self::Wit => "the text of a contract (WIT)",
            Self::Text => "text",
            Self::Program => "a native program",
            Self::Archive => "an archive",
            Self::Unknown => "no binary that begins with `\\0asm`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_what_it_is() {
        for (bytes, kind) in [
            (&b""[..], FileKind::Empty),
            (b"(module (func))", FileKind::Wat),
            (b";; text\n(component\n)", FileKind::Wat),
            (b"package a:b;\ninterface x {}\n", FileKind::Wit),
            (b"#!/usr/bin/env python3\n", FileKind::Text),
            (b"\x7fELF\x02\x01", FileKind::Program),
            (b"\x1f\x8b\x08\0", FileKind::Archive),
            (b"\0as", FileKind::Unknown),
            (b"\xff\xfe", FileKind::Unknown),
        ] {
            assert_eq!(FileKind::of(bytes), kind, "{bytes:?}");
        }
    }
}
