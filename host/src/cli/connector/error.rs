//! What can be wrong with fields on the command line. Nothing here holds a value, nor where one was to be found: what was
//! taken for the name of a file or a variable may be a secret.

use std::io;

use crate::error::{Explain, Kind};
use crate::flavor::limits;

/// A field that was not given as it has to be.
#[derive(Debug, thiserror::Error)]
pub(super) enum FieldError {
    #[error("a word on the command line is no UTF-8 text")]
    NotText,
    #[error("a word on the command line belongs to no field")]
    Stray,
    #[error("`--{0}` has no value")]
    NoValue(String),
    #[error("`--{0}` is given twice")]
    Twice(String),
    #[error("`--{name}` {fault}")]
    Value { name: String, fault: Fault },
}

/// Why a value is not to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("can't be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("names an environment variable that is not set")]
    Unset,
    #[error("is to come from standard input, as another field does")]
    InputTwice,
    #[error("is no UTF-8 text")]
    NotText,
    #[error("is too long, expected at most {} bytes", limits::CREDENTIAL_BYTES)]
    TooLong,
}

impl Explain for FieldError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Stray => {
                "write `--FIELD=VALUE`, a value that holds spaces in quotes, and short options apart from their values"
            }
            Self::NoValue(_) => "write `--FIELD=VALUE`, `--FIELD=@FILE`, `--FIELD=@env:VARIABLE` or `--FIELD=-`",
            Self::Twice(_) => "give each field once",
            Self::Value { fault: Fault::Unreadable(_), .. } => {
                "`@FILE` is a file's content; a value that begins with `@` is written `@@…`"
            }
            Self::Value { fault: Fault::Unset, .. } => {
                "`@env:VARIABLE` takes the variable's name, without `$`, and the variable has to be exported"
            }
            Self::Value { fault: Fault::InputTwice, .. } => "give one of them as `@FILE` or `@env:VARIABLE`",
            Self::Value { fault: Fault::TooLong, .. } => "give the credential itself, nothing around it",
            Self::NotText | Self::Value { fault: Fault::NotText, .. } => "give binary credentials in their text form",
        };
        Some(hint.to_owned())
    }
}
