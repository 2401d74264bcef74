//! Errors of field flags. No error holds a value, or the name of its source unless that can be nothing else: a text
//! that was taken for the name of a file or a variable may be a secret.

use std::io;

use crate::error::Explain;
use crate::flavor::limits;
use crate::implicit_sources::CommandLineError;
use crate::text::{Escaped, Foreign, Printable};

/// A malformed field flag.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(in super::super) enum FieldError {
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
pub(in super::super) enum ReadFault {
    #[error("names a file that can't be read{}: {reason}", of_file(.path))]
    Unreadable {
        /// The file, where the text is one beyond doubt.
        path: Option<Escaped>,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    #[error("names an environment variable that is not set")]
    Unset,
    #[error("is to come from standard input, as another field does")]
    InputTwice,
    #[error("is no UTF-8 text")]
    NotText,
    #[error("is too long, expected at most {} bytes", limits::CREDENTIAL_BYTES)]
    TooLong,
    #[error("is a file with a relative path, which each directory would have another of, expected an absolute path")]
    Relative,
    #[error(transparent)]
    Command(CommandLineError),
}

impl From<io::Error> for ReadFault {
    fn from(error: io::Error) -> Self {
        Self::Unreadable { path: None, reason: error.into() }
    }
}

fn of_file(path: &Option<Escaped>) -> String {
    path.as_ref().map(|path| format!(", `{path}`")).unwrap_or_default()
}

/// A path as it may be shown: only a text that can be nothing else. A secret that begins with `@` is taken for a file's
/// name, and must not be repeated.
fn shown(path: &str) -> Option<Escaped> {
    const ENDINGS: [&str; 12] = ["json", "txt", "pem", "key", "crt", "p12", "ini", "cfg", "conf", "yaml", "yml", "env"];
    let is_rooted = ["/", "./", "../", "~/"].iter().any(|root| path.starts_with(root));
    let has_ending = path.rsplit_once('.').is_some_and(|(name, ending)| !name.is_empty() && ENDINGS.contains(&ending));
    (is_rooted || has_ending).then(|| Escaped::new(path, 200))
}

impl ReadFault {
    /// The failure to read a file that the user names.
    pub(super) fn of_file(path: &str, reason: io::Error) -> Self {
        Self::Unreadable { path: shown(path), reason: reason.into() }
    }

    fn hint(&self) -> String {
        let hint = match self {
            Self::Unreadable { .. } => "`@FILE` is a file's content; a value that begins with `@` is written `@@…`",
            Self::Unset => {
                "`@env:VARIABLE` takes the variable's name, without `$`, and the variable has to be exported"
            }
            Self::InputTwice => "give one of them as `@FILE` or `@env:VARIABLE`",
            Self::NotText => "give binary credentials in their text form",
            Self::TooLong => "give the credential itself, nothing around it",
            Self::Relative => "write the whole path, e.g. `@read:/run/secrets/token` or `@read:~/token`",
            Self::Command(_) => "write `@command:PROGRAM ARGUMENTS`, the whole of it in quotes; no shell reads it",
        };
        hint.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_where_the_text_can_be_no_secret() {
        for path in ["/nonexist", "./key", "../key", "~/.docker/token", "key.json", "secrets/acme.txt"] {
            let fault = ReadFault::of_file(path, io::ErrorKind::NotFound.into());
            assert_eq!(fault.to_string(), format!("names a file that can't be read, `{path}`: entity not found"));
        }
        for secret in ["hunter2", "Tr0ub4dor&3", "a.b", ".json", "s3cret.jsonx"] {
            let fault = ReadFault::of_file(secret, io::ErrorKind::NotFound.into());
            assert_eq!(fault.to_string(), "names a file that can't be read: entity not found");
        }
    }
}
