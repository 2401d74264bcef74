//! Reading the JSON files that Docker's command line and other tools keep.

use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::bounded::{self, ReadError};
use crate::error::Explain;
use crate::json::{self, Malformed};
use crate::text::{Escaped, Foreign};

/// The longest file, in bytes: it has some hundred bytes per registry or context, so that 4 MiB are far more than any
/// needs and little to hold in memory.
const MAX: usize = 4 << 20;

/// A file that cannot be used. It names the place of a mistake and never quotes the text, which may be a secret.
#[derive(Debug, Clone, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum FileError {
    /// It exists and cannot be read.
    #[error("`{path}` can't be read: {reason}")]
    #[explain(hint = "make it a file that this user may read, or move it away")]
    Read {
        /// The file.
        path: Escaped,
        /// The operating system's reason.
        reason: Escaped,
    },
    /// It is longer than 4 MiB.
    #[error("`{0}` is too long for a file of this kind, more than 4 MiB")]
    #[explain(hint = "repair the file, or move it away")]
    TooLong(Escaped),
    /// It is not JSON, or not of the form that Docker gives it.
    #[error("`{path}` is not a valid file: {reason}")]
    #[explain(hint = "repair the file, or move it away")]
    Malformed {
        /// The file.
        path: Escaped,
        /// The mistake and its place.
        reason: Malformed,
    },
}

/// The text of a file; `None` where the file is absent, or blank as Docker leaves it after an interrupted write.
///
/// # Errors
/// When the file is there and is not readable, or too long.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let failed = |reason: std::io::Error| FileError::Read { path: path.into(), reason: Escaped::of(Foreign(reason)) };
    let file = match std::fs::File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let bytes = bounded::read(file, MAX).map_err(|error| match error {
        ReadError::TooLarge { .. } => FileError::TooLong(path.into()),
        ReadError::Failed(reason) => failed(reason),
    })?;
    Ok(Some(bytes).filter(|bytes| !bytes.trim_ascii().is_empty()))
}

/// The value in a JSON file; `None` as for [`read`].
///
/// # Errors
/// When the file is there and is not readable, too long, or malformed.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FileError> {
    let value = read(path)?.map(|bytes| json::read(&bytes)).transpose();
    value.map_err(|reason| FileError::Malformed { path: path.into(), reason })
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
        assert!(read_json::<u8>(Path::new("/nonexistent/x")).unwrap().is_none());
        assert!(read(b" \n").unwrap().is_none());
        assert_eq!(read("\u{feff} {\"a\":null}".as_bytes()).unwrap(), Some(BTreeMap::new()));
    }

    #[test]
    fn a_broken_file_is_an_error_that_says_where_and_not_what() {
        for (json, place) in [("[]", "an object"), ("{", "line 1, column 1"), ("{\n\"a\": \"s3cret\"}", "`a`")] {
            let error = read(json.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(place), "{error}");
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn a_file_that_is_too_long_or_no_file_is_an_error() {
        assert!(matches!(read(&vec![b' '; MAX + 1]), Err(FileError::TooLong(_))));
        assert!(matches!(read_json::<u8>(&std::env::temp_dir()), Err(FileError::Read { .. })));
    }
}
