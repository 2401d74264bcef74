//! What is wrong with the value of a field. No fault holds any part of it.

use crate::flavor::limits;
use crate::text::Printable;

/// The fault of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum ValueFault {
    /// The empty text.
    #[error("is empty, expected a value")]
    Empty,
    /// More bytes than a credential may have.
    #[error("is too long, expected at most {} bytes", limits::CREDENTIAL_BYTES)]
    TooLong,
    /// Line breaks or other control characters in a text field.
    #[error("holds control characters, expected one line of text")]
    Control,
    /// Not a JSON object.
    #[error("is no JSON object")]
    NotJson,
    /// Not a file of sections.
    #[error("is no file of `[section]` and `name = value` lines")]
    NotIni,
}

/// What to do about it.
pub(super) fn hint_for_value(field: &str, fault: ValueFault) -> String {
    match fault {
        ValueFault::NotJson | ValueFault::NotIni => {
            format!("give the whole file, such as a service's key file: `--{field}=@FILE`")
        }
        _ => format!("give it with `--{field}=…`, or as a file's content with `--{field}=@FILE`"),
    }
}
