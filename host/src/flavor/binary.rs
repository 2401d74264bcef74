//! The names of a component's imports and exports, read from its bytes in milliseconds: what can't be admitted is
//! refused before it is compiled, which takes seconds.

use wasmparser::{BinaryReaderError, Chunk, Parser, Payload};

use super::error::AdmissionError;
use crate::text::Escaped;

/// The names of a component's own imports and exports.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Interfaces {
    /// The imports, in their order.
    pub(crate) imports: Vec<String>,
    /// The exports, in their order.
    pub(crate) exports: Vec<String>,
}

/// Reads the names. Modules and components inside are skipped, and nothing is validated but the sections' order.
///
/// # Errors
/// When the sections can't be told apart, or the file was cut off.
pub(crate) fn interfaces(component: &[u8]) -> Result<Interfaces, AdmissionError> {
    let mut found = Interfaces::default();
    let mut parser = Parser::new(0);
    let mut rest = component;
    loop {
        // With `true` for the end of the data there is always a result or an error.
        let Chunk::Parsed { mut consumed, payload } = parser.parse(rest, true).map_err(invalid)? else {
            return Ok(found);
        };
        match payload {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    found.imports.push(import.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    found.exports.push(export.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ModuleSection { unchecked_range: inside, .. }
            | Payload::ComponentSection { unchecked_range: inside, .. } => consumed += inside.len(),
            Payload::UnknownSection { id, range, .. } => {
                let reason = format!("malformed section id: {id} (at offset {:#x})", range.start);
                return Err(AdmissionError::Invalid(reason.into()));
            }
            Payload::End(_) => return Ok(found),
            _ => {}
        }
        let cut = || AdmissionError::Invalid("it is cut off in the middle of a section".into());
        rest = rest.get(consumed..).ok_or_else(cut)?;
    }
}

fn invalid(reason: BinaryReaderError) -> AdmissionError {
    AdmissionError::Invalid(Escaped::new(&reason.to_string(), 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_component_itself() {
        let component = wat::parse_str(
            r#"(component
                (import "a:b/one@0.1.0" (instance))
                (core module (import "env" "inner" (func)) (memory (export "memory") 1))
                (component (import "inner" (func)) (export "out" (func 0)))
                (import "two" (func $two))
                (export "a:b/three@1.0.0" (func $two)))"#,
        )
        .unwrap();
        let Interfaces { imports, exports } = interfaces(&component).unwrap();
        assert_eq!(imports, ["a:b/one@0.1.0", "two"]);
        assert_eq!(exports, ["a:b/three@1.0.0"]);
    }

    #[test]
    fn what_was_cut_off_is_invalid_wherever_it_was_cut() {
        let component = wat::parse_str(r#"(component (core module (memory 1)) (import "a" (func)))"#).unwrap();
        assert_eq!(interfaces(&component).unwrap().imports, ["a"]);
        for length in 0..component.len() {
            match interfaces(&component[..length]) {
                // It ends between two sections, which is as whole as a component is without the rest.
                Ok(found) => assert!(found.imports.len() <= 1 && length >= 8, "{length}"),
                Err(error) => assert!(matches!(error, AdmissionError::Invalid(_)), "{length}"),
            }
        }
    }
}
