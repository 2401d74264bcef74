//! A context on standard input: a tar archive, which is unpacked, or a Dockerfile alone.

use std::io::{self, Cursor, Read};
use std::path::PathBuf;

use tempfile::TempDir;

use crate::bounded;
use crate::build::error::BuildError;
use crate::build::temporary;
use crate::source;

/// Longest Dockerfile or ignore file in bytes: hundreds of times the longest that users write.
pub(super) const MAX_FILE: usize = 4 << 20;
/// A tar header has this length.
const HEADER: u64 = 512;
/// Where the mark of a tar header lies, and the mark (POSIX.1-1988, and GNU's).
const MARK: (usize, &[u8]) = (257, b"ustar");

/// Reads the context to its end: the directory that it is unpacked to, or an empty one and the Dockerfile's text.
///
/// # Errors
/// When it is empty, no archive, or can't be kept.
pub(super) fn unpack(mut input: impl Read) -> Result<(PathBuf, TempDir, Option<String>), BuildError> {
    let invalid = |reason: io::Error| BuildError::Input(reason.to_string().into());
    let mut head = Vec::new();
    input.by_ref().take(HEADER).read_to_end(&mut head).map_err(invalid)?;
    if head.is_empty() {
        return Err(BuildError::Input("it is empty".into()));
    }
    let kept = temporary::directory()?;
    let directory = kept.path().join("context");
    std::fs::create_dir(&directory).map_err(BuildError::keep)?;
    let is_archive = source::is_compressed(&head)
        || head.get(MARK.0..).is_some_and(|rest| rest.starts_with(MARK.1))
        || head.iter().all(|byte| *byte == 0);
    let whole = Cursor::new(head).chain(input);
    if !is_archive {
        let text = bounded::read(whole, MAX_FILE).map_err(|reason| BuildError::Input(reason.to_string().into()))?;
        return match String::from_utf8(text) {
            Ok(text) => Ok((directory, kept, Some(text))),
            Err(_) => Err(BuildError::Input("it is neither an archive nor a text".into())),
        };
    }
    let mut archive = tar::Archive::new(source::uncompressed(whole).map_err(invalid)?);
    archive.set_preserve_permissions(true);
    // Entries that lead out of the directory are left out by the library.
    archive.unpack(&directory).map_err(|reason| BuildError::Input(reason.to_string().into()))?;
    Ok((directory, kept, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_on_standard_input_is_an_archive_or_a_dockerfile() {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        header.set_mode(0o644);
        archive.append_data(&mut header, "a", &b"x"[..]).unwrap();
        let archive = archive.into_inner().unwrap();
        let (directory, _kept, text) = unpack(archive.as_slice()).unwrap();
        assert_eq!((std::fs::read(directory.join("a")).unwrap(), text), (b"x".to_vec(), None));
        let (directory, _kept, text) = unpack(&b"FROM scratch\n"[..]).unwrap();
        assert_eq!(text.as_deref(), Some("FROM scratch\n"));
        assert_eq!(std::fs::read_dir(directory).unwrap().count(), 0);
        assert!(matches!(unpack(&b""[..]), Err(BuildError::Input(_))));
        assert!(matches!(unpack(&b"\xff\xfe\x00"[..]), Err(BuildError::Input(_))));
    }
}
