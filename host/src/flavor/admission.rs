//! Checks of a file's bytes before anything is compiled.

use wasmtime::Engine;

use super::error::AdmissionError;
use super::file_kind::FileKind;
use super::raised;

/// The preamble of all WebAssembly binaries, then a version and a layer of 16 bits each (component-model `Binary.md`).
const MAGIC: &[u8] = b"\0asm";
const CORE: &[u8] = &[0x01, 0x00, 0x00, 0x00];
const COMPONENT: &[u8] = &[0x0d, 0x00, 0x01, 0x00];

/// Accepts the bytes of a component, by their preamble, and no other kind of file.
///
/// # Errors
/// The kind of file that they are.
pub(super) fn check_kind(bytes: &[u8]) -> Result<(), AdmissionError> {
    let size = bytes.len() as u64;
    if size > raised::component_bytes() {
        return Err(AdmissionError::TooLarge(size));
    }
    if Engine::detect_precompiled(bytes).is_some() {
        return Err(AdmissionError::Precompiled);
    }
    match bytes.strip_prefix(MAGIC).and_then(|rest| rest.get(..4)) {
        Some(COMPONENT) => Ok(()),
        Some(CORE) => Err(AdmissionError::CoreModule),
        Some(_) => Err(AdmissionError::Invalid("its binary format is of an unknown version".into())),
        None => Err(AdmissionError::NotWasm(FileKind::of(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavor::engine;

    #[test]
    fn compiled_code_is_refused() {
        let compiled = engine::engine(None).unwrap().precompile_component(b"\0asm\x0d\0\x01\0").unwrap();
        assert!(matches!(check_kind(&compiled), Err(AdmissionError::Precompiled)));
    }

    #[test]
    fn only_components_are_accepted() {
        assert!(check_kind(b"\0asm\x0d\0\x01\0").is_ok());
        assert!(matches!(check_kind(b"\0asm\x01\0\0\0"), Err(AdmissionError::CoreModule)));
        for other in [&b"\0asm"[..], b"", b"(component)"] {
            assert!(matches!(check_kind(other), Err(AdmissionError::NotWasm(_))));
        }
    }
}
