//! Edits of files that belong to other clients, `config.json` and `auth.json`: one key at a time, and nothing else.
//!
//! A file that can't be read as what it should be is never written. The new file takes the place of the old one whole;
//! its mode and its owner stay, and so do symbolic links to it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::config::places;
use super::json_file::FileError;
use crate::environment::Environment;
use crate::error::Explain;
use crate::files::{atomic, private};
use crate::json::{self, Document};
use crate::text::{Escaped, Foreign};

/// A file of another client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientFile {
    /// As it is known to users.
    path: PathBuf,
    is_of_docker: bool,
}

/// The members that are edited, where they are there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only whether they are objects matters")]
struct Edited {
    auths: Option<BTreeMap<String, Value>>,
    cred_helpers: Option<BTreeMap<String, Value>>,
}

/// Why a file is not edited.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum EditError {
    /// There is no directory of Docker's configuration.
    #[error("there is no home directory: expected `HOME` or `DOCKER_CONFIG` to be set")]
    #[explain(
        kind = Usage,
        hint = "set DOCKER_CONFIG to a directory that you may write to; `crhost login` takes `--authfile`, too"
    )]
    NoHome,
    /// It can't be read, or is not what it should be.
    #[error("{0}; nothing was changed")]
    #[explain(transparent)]
    File(#[from] FileError),
    /// It is a device, a pipe or a directory: a file would take its place.
    #[error("`{0}` is no regular file; nothing was changed")]
    #[explain(kind = Usage, hint = "name a file; it need not exist yet")]
    NoFile(Escaped),
    /// It has bytes that are no text.
    #[error("`{0}` is not UTF-8 text; nothing was changed")]
    #[explain(hint = "repair the file, or move it away")]
    Encoding(Escaped),
    /// It can't be written.
    #[error("`{path}` can't be written: {reason}; nothing was changed")]
    #[explain(hint = write_hint(&reason.0).to_owned())]
    Write {
        /// The file.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// Another program wrote it again and again meanwhile.
    #[error("`{0}` is changed by another program all the time; nothing was changed")]
    #[explain(hint = "try again when that program has ended")]
    Busy(Escaped),
}

fn write_hint(reason: &io::Error) -> &'static str {
    match reason.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space, and run the command again",
        _ => "make it a file, in a directory, that this user may write to",
    }
}

/// Tries to write a file that other programs write, too. One is enough, unless two write in the same millisecond.
const TRIES: usize = 5;

impl ClientFile {
    /// Docker's `config.json`.
    ///
    /// # Errors
    /// When there is no directory for it.
    pub(crate) fn of_docker(environment: &Environment) -> Result<Self, EditError> {
        let directory = places::of_docker(environment).ok_or(EditError::NoHome)?;
        Ok(Self { path: directory.join("config.json"), is_of_docker: true })
    }

    /// A file of this path, of Podman and its kin.
    #[must_use]
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, is_of_docker: false }
    }

    /// Whether it is Docker's own.
    #[must_use]
    pub(crate) fn is_of_docker(&self) -> bool {
        self.is_of_docker
    }

    /// Its path, as it is known to users.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the file itself, behind symbolic links, absolute if possible. It need not exist.
    #[must_use]
    pub(crate) fn target(&self) -> PathBuf {
        let target = atomic::behind_links(&self.path);
        let directory =
            target.parent().map(|directory| if directory.as_os_str().is_empty() { Path::new(".") } else { directory });
        let directory = directory.and_then(|directory| directory.canonicalize().ok());
        directory.zip(target.file_name()).map_or_else(|| target.clone(), |(directory, name)| directory.join(name))
    }

    /// Its content; an empty object where there is no file.
    ///
    /// # Errors
    /// When it is there and can't be read, is too long, or is not what it should be.
    pub(crate) fn read(&self) -> Result<Document, EditError> {
        self.read_text().and_then(|text| self.parse(text.unwrap_or_default()))
    }

    /// Has `edit` change the content, and writes it if it is another one then. `edit` runs again if another program
    /// writes the file meanwhile. Returns its last value.
    ///
    /// # Errors
    /// Those of `edit`, and when the file can't be read or written; it is as it was then.
    pub(crate) fn edit<T, E: From<EditError>>(
        &self,
        mut edit: impl FnMut(&mut Document) -> Result<T, E>,
    ) -> Result<T, E> {
        for _ in 0..TRIES {
            let text = self.read_text()?;
            let old = self.parse(text.clone().unwrap_or_default())?;
            let mut new = old.clone();
            let value = edit(&mut new)?;
            if new == old || self.write(text.as_deref(), new.as_str())? {
                return Ok(value);
            }
        }
        Err(EditError::Busy(self.path.as_path().into()).into())
    }

    fn read_text(&self) -> Result<Option<String>, EditError> {
        if std::fs::metadata(&self.path).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(EditError::NoFile(self.path.as_path().into()));
        }
        let Some(bytes) = super::json_file::read(&self.path)? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|_| EditError::Encoding(self.path.as_path().into()))
    }

    fn parse(&self, text: String) -> Result<Document, EditError> {
        let malformed = |reason| FileError::Malformed { path: self.path.as_path().into(), reason };
        let document = Document::parse(text).map_err(malformed)?;
        json::read::<Edited>(document.as_str().as_bytes()).map_err(malformed)?;
        Ok(document)
    }

    /// Writes it unless it is no longer the `old` text.
    fn write(&self, old: Option<&str>, new: &str) -> Result<bool, EditError> {
        let failed = |reason: io::Error| EditError::Write { path: self.path.as_path().into(), reason: reason.into() };
        let target = self.target();
        if let Some(directory) = target.parent() {
            private::create_directory(directory).map_err(failed)?;
        }
        let pending = atomic::Pending::in_place_of(&target).map_err(failed)?;
        if self.read_text()?.as_deref() != old {
            return Ok(false);
        }
        match pending.replace(new.as_bytes()) {
            // A file that is a mount of its own, as a container's may be, can't be replaced.
            Err(reason) if reason.kind() == ErrorKind::ResourceBusy => {
                atomic::overwrite(&target, old.unwrap_or_default().as_bytes(), new.as_bytes()).map_err(failed)?;
            }
            written => written.map_err(failed)?,
        }
        Ok(true)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn set(file: &ClientFile) -> Result<(), EditError> {
        file.edit(|document| {
            document.set("credHelpers", "ghcr.io", "\"crhost\"");
            Ok(())
        })
    }

    #[test]
    fn a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_mode_and_its_links() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        set(&ClientFile::at(path("new/config.json"))).unwrap();
        assert_eq!((mode("new"), mode("new/config.json")), (0o700, 0o600));
        for wanted in [0o600, 0o644, 0o660] {
            fs::write(path("real"), "{}").unwrap();
            fs::set_permissions(path("real"), fs::Permissions::from_mode(wanted)).unwrap();
            let _ = fs::remove_file(path("link"));
            symlink("real", path("link")).unwrap();
            let owner = fs::metadata(path("real")).unwrap().uid();
            set(&ClientFile::at(path("link"))).unwrap();
            assert!(path("link").is_symlink() && fs::read_to_string(path("real")).unwrap().contains("crhost"));
            assert_eq!((mode("real"), fs::metadata(path("real")).unwrap().uid()), (wanted, owner));
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_broken_file_is_never_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        for text in [&b"{\"auths\": {"[..], b"[]", b"not json", b"{\"credHelpers\": []}", b"{\"a\":\"\xff\"}"] {
            fs::write(&path, text).unwrap();
            let error = set(&ClientFile::at(path.clone())).unwrap_err();
            assert!(error.to_string().ends_with("; nothing was changed"), "{error}");
            assert_eq!(fs::read(&path).unwrap(), text);
        }
        assert!(set(&ClientFile::at(directory.path().to_owned())).is_err());
    }

    #[test]
    fn what_another_program_writes_meanwhile_is_not_lost() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        fs::write(&path, "{}").unwrap();
        let mut runs = 0;
        let edited: Result<(), EditError> = ClientFile::at(path.clone()).edit(|document| {
            runs += 1;
            if runs == 1 {
                fs::write(&path, "{\"psFormat\":\"x\"}").unwrap();
            }
            document.set("credHelpers", "ghcr.io", "\"crhost\"");
            Ok(())
        });
        edited.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"psFormat\":\"x\",\"credHelpers\":{\"ghcr.io\":\"crhost\"}}");
    }
}
