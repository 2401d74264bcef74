//! Errors of field flags. No error holds a value or the name of its source: a text that was taken for the name of a
//! file or a variable may be a secret.

use std::io;

use crate::error::Explain;
use crate::flavor::limits;
use crate::text::{Escaped, Foreign, Printable};

/// A malformed field flag.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(super) enum FieldError {
    /// Bytes that are not UTF-8.
    #[error("a word on the command line is no UTF-8 text")]
    #[explain(hint = "give binary credentials in their text form")]
    NotText,
    /// A word that is neither a flag nor the value of one.
    #[error("a word on the command line belongs to no field")]
    #[explain(
        hint = "write `--FIELD=VALUE`, a value that holds spaces in quotes, and short options apart from their values"
    )]
    Stray,
    /// A flag without a value.
    #[error("`--{0}` has no value")]
    #[explain(hint = "write `--FIELD=VALUE`, `--FIELD=@FILE`, `--FIELD=@env:VARIABLE` or `--FIELD=-`")]
    NoValue(Escaped),
    /// A flag that occurs twice.
    #[error("`--{0}` is given twice")]
    #[explain(hint = "give each field once")]
    Twice(Escaped),
    /// A value that can't be read from its source.
    #[error("`--{name}` {fault}")]
    #[explain(hint = fault.hint())]
    Value { name: Escaped, fault: ReadFault },
}

/// The reason why a value can't be read from its source.
#[derive(Debug, thiserror::Error, Printable)]
pub(super) enum ReadFault {
    #[error("names a file that can't be read: {0}")]
    Unreadable(Foreign<io::Error>),
    #[error("names an environment variable that is not set")]
    Unset,
    #[error("is to come from standard input, as another field does")]
    InputTwice,
    #[error("is no UTF-8 text")]
    NotText,
    #[error("is too long, expected at most {} bytes", limits::CREDENTIAL_BYTES)]
    TooLong,
}

impl From<io::Error> for ReadFault {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

impl ReadFault {
    fn hint(&self) -> String {
        let hint = match self {
            Self::Unreadable(_) => "`@FILE` is a file's content; a value that begins with `@` is written `@@…`",
            Self::Unset => {
                "`@env:VARIABLE` takes the variable's name, without `$`, and the variable has to be exported"
            }
            Self::InputTwice => "give one of them as `@FILE` or `@env:VARIABLE`",
            Self::NotText => "give binary credentials in their text form",
            Self::TooLong => "give the credential itself, nothing around it",
        };
        hint.to_owned()
    }
}
