//! Files with a command's result, for other programs: written whole or not at all where that is possible, with the
//! user's default permissions.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::error::Kind;
use crate::files::atomic::{Access, Pending, behind_links};
use crate::text::Foreign;

/// A file that is to be written.
pub(super) struct ResultFile {
    /// As the user named it.
    path: PathBuf,
    /// The file itself, behind symbolic links.
    target: PathBuf,
    /// The file that will take its place. Absent for a pipe or a device, and for a file whose directory takes no other:
    /// these are written to as they are.
    pending: Option<Pending>,
}

impl ResultFile {
    /// Checks, before the work, that it can be written. An existing file stays until then.
    pub(super) fn prepare(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let hint = "standard output has the result in any case; a file of this name is `./-`";
            return Err(Failure::new(Kind::Usage, "`-` is not taken for a file", hint));
        }
        let unusable = |reason: &io::Error| {
            let hint = "name a file in a directory that exists and that you may write to";
            Failure::new(Kind::Usage, message(path, reason), hint)
        };
        if is_descriptor(path) {
            return Ok(Self { path: path.to_owned(), target: path.to_owned(), pending: None });
        }
        let target = behind_links(path);
        let pending = match fs::metadata(&target) {
            Ok(found) if found.is_dir() => return Err(unusable(&io::ErrorKind::IsADirectory.into())),
            Ok(found) if !found.is_file() => None,
            Ok(_) => match Pending::beside(&target, Access::Umask) {
                Ok(pending) => Some(pending),
                // The file may be writable where its directory is not.
                Err(reason) => match OpenOptions::new().append(true).open(&target) {
                    Ok(_) => None,
                    Err(_) => return Err(unusable(&reason)),
                },
            },
            Err(_) => Some(Pending::beside(&target, Access::Umask).map_err(|reason| unusable(&reason))?),
        };
        Ok(Self { path: path.to_owned(), target, pending })
    }

    /// Whether both are the same file.
    pub(super) fn is(&self, other: &Self) -> bool {
        let whole = |path: &Path| {
            let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
            let directory = directory.unwrap_or(Path::new(".")).canonicalize();
            directory.map(|directory| (directory, path.file_name().map(ToOwned::to_owned))).ok()
        };
        self.target == other.target || whole(&self.target).is_some_and(|this| Some(this) == whole(&other.target))
    }

    /// Writes the text, after the work.
    pub(super) fn write(self, text: &str) -> Result<(), Failure> {
        let Self { path, target, pending } = self;
        let written = match pending {
            // A file that is a mount of its own, as a container's may be, can't be replaced.
            Some(pending) => match pending.replace(text.as_bytes()) {
                Err(reason) if reason.kind() == io::ErrorKind::ResourceBusy => fs::write(&target, text),
                written => written,
            },
            None if is_descriptor(&target) => {
                OpenOptions::new().append(true).open(&target).and_then(|mut file| file.write_all(text.as_bytes()))
            }
            None => fs::write(&target, text),
        };
        written.map_err(|reason| {
            let hint = "the work itself is done; standard output has the result";
            Failure::new(Kind::General, message(&path, &reason), hint)
        })
    }
}

/// Whether a path means an open file of this process, such as standard output. It may be a file to which others write,
/// and which is to be neither replaced nor emptied.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self/fd"].iter().any(|place| path.starts_with(place))
}

fn message(path: &Path, reason: &io::Error) -> String {
    format!("`{}` can't be written: {}", path.display(), Foreign(reason))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_stays_and_its_file_is_written_whether_it_exists_or_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("old"), "old").unwrap();
        for (link, target) in [("a", "old"), ("b", "new"), ("c", "b")] {
            symlink(target, path(link)).unwrap();
            ResultFile::prepare(&path(link)).ok().unwrap().write(link).ok().unwrap();
            assert!(path(link).is_symlink(), "{link}");
            assert_eq!(fs::read_to_string(path(link)).unwrap(), link);
        }
        assert_eq!(fs::read_to_string(path("old")).unwrap(), "a");
        assert_eq!(fs::read_to_string(path("new")).unwrap(), "c");
    }

    #[test]
    fn two_spellings_of_one_file_are_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let prepared = |name: &str| ResultFile::prepare(&path(name)).ok().unwrap();
        fs::create_dir(path("d")).unwrap();
        symlink("one", path("link")).unwrap();
        assert!(prepared("one").is(&prepared("d/../one")));
        assert!(prepared("one").is(&prepared("link")));
        assert!(!prepared("one").is(&prepared("two")));
    }

    #[test]
    fn a_file_that_can_t_be_written_is_named_as_the_user_did() {
        for path in ["/nonexistent/digest", "-", "/"] {
            let failure = ResultFile::prepare(Path::new(path)).err().unwrap();
            let (message, hint) = failure.words();
            assert!(message.starts_with(&format!("`{path}` ")), "{message}");
            assert!(!message.contains(".tmp") && !message.contains("os error") && hint.is_some(), "{message}");
        }
    }
}
