//! Reading the JSON files that Docker's command line keeps.

use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::bounded::{self, ReadError};
use crate::error::Explain;
use crate::text::{Escaped, Foreign, Printable};

/// The longest file, in bytes: it has some hundred bytes per registry or context, so that 4 MiB are far more than any
/// needs and little to hold in memory.
const MAX: usize = 4 << 20;

/// A file of Docker's that cannot be used. It names the position of a mistake and never quotes the text, which may be a
/// secret.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum FileError {
    /// It exists and cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    #[explain(hint = "make the file readable for this user")]
    Read {
        /// The file.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<std::io::Error>,
    },
    /// It is longer than 4 MiB.
    #[error("`{0}` is too long for a file of Docker's, more than 4 MiB")]
    #[explain(hint = "repair the file, or move it away")]
    TooLong(Escaped),
    /// It is not JSON, or not of the form that Docker gives it.
    #[error("`{path}` is not a valid file of Docker's: it is wrong at {position}")]
    #[explain(hint = "repair the file, or move it away")]
    Malformed {
        /// The file.
        path: Escaped,
        /// The mistake's position in it.
        position: Position,
    },
}

/// The position of a mistake in JSON, without the text there, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Printable)]
#[error("line {line}, column {column}")]
pub(crate) struct Position {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1.
    pub(crate) column: usize,
}

/// The value in a JSON file; `None` where the file is absent, or empty as Docker leaves it after an interrupted write.
///
/// # Errors
/// When the file is there and is not readable, too long, or malformed.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FileError> {
    let failed = |reason: std::io::Error| FileError::Read { path: path.into(), reason: reason.into() };
    let file = match std::fs::File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let bytes = bounded::read(file, MAX).map_err(|error| match error {
        ReadError::TooLarge { .. } => FileError::TooLong(path.into()),
        ReadError::Failed(reason) => failed(reason),
    })?;
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    match object(&bytes) {
        Ok(value) => Ok(Some(value)),
        Err(position) => Err(FileError::Malformed { path: path.into(), position }),
    }
}

/// The value of a JSON object. An array, which serde would take for the members in their order, is refused.
pub(super) fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, Position> {
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(Position { line: 1, column: 1 });
    }
    serde_json::from_slice(json).map_err(|e| Position { line: e.line(), column: e.column() })
}

/// Reads `null` as the empty value, as Go does, in which Docker is written.
pub(super) fn or_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(content: &[u8]) -> Result<Option<BTreeMap<String, u8>>, FileError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        read_json(file.path())
    }

    #[test]
    fn an_absent_or_empty_file_is_no_value() {
        assert_eq!(read_json::<u8>(Path::new("/nonexistent/x")).unwrap(), None);
        assert_eq!(read(b" \n").unwrap(), None);
        assert_eq!(read(b" {}").unwrap(), Some(BTreeMap::new()));
    }

    #[test]
    fn a_broken_file_is_an_error_that_says_where_and_not_what() {
        for (json, line, column) in [("[]", 1, 1), ("{", 1, 1), ("{\n\"a\": \"s3cret\"}", 2, 13), ("\u{feff}{}", 1, 1)]
        {
            let error = read(json.as_bytes()).unwrap_err();
            assert!(error.to_string().ends_with(&format!("line {line}, column {column}")), "{error}");
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn a_file_that_is_too_long_or_no_file_is_an_error() {
        assert!(matches!(read(&vec![b' '; MAX + 1]), Err(FileError::TooLong(_))));
        assert!(matches!(read_json::<u8>(&std::env::temp_dir()), Err(FileError::Read { .. })));
    }
}
