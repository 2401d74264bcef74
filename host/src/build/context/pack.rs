//! Packs a context as a tar stream, for the daemon: what is not ignored, with its mode, as root's. Symbolic links are
//! packed as links.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tar::{Builder, EntryType, Header};

use super::ignore::{Ignore, Verdict};
use crate::build::error::BuildError;

/// A directory to pack.
pub(super) struct Pack {
    /// The directory.
    pub(super) directory: PathBuf,
    /// What stands before all of its paths in the stream: nothing, or a directory and a slash.
    pub(super) below: &'static str,
    /// What is left out.
    pub(super) ignore: Ignore,
    /// Paths below the directory that are packed in any case.
    pub(super) always: Vec<String>,
    /// Paths below the directory that others take the place of.
    pub(super) never: Vec<String>,
    /// Files that are packed before those of the directory, by their paths.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Pack {
    /// Writes all of it.
    ///
    /// # Errors
    /// When a file can't be read, by its path; when the receiver is gone.
    pub(super) fn write(&self, writer: impl Write) -> Result<(), BuildError> {
        let mut archive = Builder::new(writer);
        archive.follow_symlinks(false);
        for (path, content) in &self.files {
            let mut header = header(EntryType::Regular, 0o644, 0);
            header.set_size(content.len() as u64);
            archive.append_data(&mut header, path, content.as_slice()).map_err(sent)?;
        }
        if !self.below.is_empty() {
            // It is there without a file in it, too.
            let mut header = header(EntryType::Directory, 0o755, 0);
            header.set_size(0);
            archive.append_data(&mut header, self.below, io::empty()).map_err(sent)?;
        }
        self.directory(&mut archive, "", None, &mut Vec::new())?;
        archive.into_inner().and_then(|mut writer| writer.flush()).map_err(sent)
    }

    /// Packs what is in a directory, by names in order. `pending` are directories above that are ignored themselves,
    /// and packed with the first of their files that is not.
    fn directory<W: Write>(
        &self,
        archive: &mut Builder<W>,
        below: &str,
        parent: Option<&Verdict>,
        pending: &mut Vec<(String, Metadata)>,
    ) -> Result<(), BuildError> {
        let directory = self.directory.join(below);
        let cannot = |path: &Path, reason| BuildError::unreadable(path, reason);
        let entries = fs::read_dir(&directory).map_err(|reason| cannot(&directory, reason))?;
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry.map_err(|reason| cannot(&directory, reason))?.file_name());
        }
        names.sort_unstable();
        for name in names {
            let file = directory.join(&name);
            // The pattern language is that of text; a name that is none is matched as it is shown.
            let name = name.to_string_lossy();
            let path = if below.is_empty() { name.into_owned() } else { format!("{below}/{name}") };
            if self.never.contains(&path) {
                continue;
            }
            let verdict = self.ignore.verdict(&path, parent);
            let is_kept = !verdict.is_ignored || self.always.contains(&path);
            let found = match fs::symlink_metadata(&file) {
                Ok(found) => found,
                Err(_) if !is_kept => continue,
                Err(reason) => return Err(cannot(&file, reason)),
            };
            if found.is_dir() {
                let above = self.always.iter().any(|always| always.starts_with(&format!("{path}/")));
                if !is_kept && !above && !self.ignore.has_exception_below(&path) {
                    continue;
                }
                pending.push((path.clone(), found));
                let length = pending.len();
                if is_kept {
                    self.flush(archive, pending)?;
                }
                self.directory(archive, &path, Some(&verdict), pending)?;
                // Unless it was packed meanwhile, with all before it.
                pending.truncate(length - 1);
            } else if is_kept {
                self.flush(archive, pending)?;
                entry(archive, &file, &format!("{}{path}", self.below), &found)?;
            }
        }
        Ok(())
    }

    /// Packs the directories that were put off.
    fn flush<W: Write>(
        &self,
        archive: &mut Builder<W>,
        pending: &mut Vec<(String, Metadata)>,
    ) -> Result<(), BuildError> {
        for (path, found) in pending.drain(..) {
            let mut header = header(EntryType::Directory, mode(&found), seconds(&found));
            header.set_size(0);
            archive.append_data(&mut header, format!("{}{path}/", self.below), io::empty()).map_err(sent)?;
        }
        Ok(())
    }
}

/// Packs a file or a link. Sockets are left out, as Docker does; a device or a pipe has no content to send.
fn entry<W: Write>(archive: &mut Builder<W>, file: &Path, path: &str, found: &Metadata) -> Result<(), BuildError> {
    let cannot = |reason| BuildError::unreadable(file, reason);
    if found.is_symlink() {
        let target = fs::read_link(file).map_err(cannot)?;
        let mut header = header(EntryType::Symlink, 0o777, seconds(found));
        header.set_size(0);
        return archive.append_link(&mut header, path, target).map_err(sent);
    }
    if !found.is_file() {
        tracing::debug!("`{}` is no file, and not part of the context", file.display());
        return Ok(());
    }
    let opened = File::open(file).map_err(cannot)?;
    let size = found.len();
    let mut header = header(EntryType::Regular, mode(found), seconds(found));
    header.set_size(size);
    // A file that changes its length meanwhile would shift all that follows it.
    let mut content = Exact { file: opened, left: size };
    match archive.append_data(&mut header, path, &mut content) {
        Ok(()) => Ok(()),
        Err(reason) if content.left > 0 && reason.kind() != io::ErrorKind::BrokenPipe => Err(cannot(reason)),
        Err(reason) => Err(sent(reason)),
    }
}

/// So many bytes of a file, or an error.
struct Exact {
    file: File,
    left: u64,
}

impl io::Read for Exact {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let room = buffer.get_mut(..most).unwrap_or_default();
        let length = self.file.read(room)?;
        if length == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        self.left -= length as u64;
        Ok(length)
    }
}

fn header(kind: EntryType, mode: u32, seconds: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(seconds);
    // Whoever owns the files here means nothing in the image.
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn seconds(found: &Metadata) -> u64 {
    let modified = found.modified().ok();
    let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_secs())
}

#[cfg(unix)]
fn mode(found: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777
}

/// As Docker's command line on Windows, which marks all as executable.
#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0o755
}

/// The failure to send what was packed: the receiver's own failure says why.
fn sent(reason: io::Error) -> BuildError {
    BuildError::Send(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(directory: &Path, ignore: &str, below: &'static str) -> Vec<String> {
        let pack = Pack {
            directory: directory.to_owned(),
            below,
            ignore: Ignore::parse(ignore).unwrap(),
            always: vec!["Dockerfile".to_owned()],
            never: Vec::new(),
            files: vec![("first".to_owned(), b"x".to_vec())],
        };
        let mut stream = Vec::new();
        pack.write(&mut stream).unwrap();
        let mut archive = tar::Archive::new(stream.as_slice());
        archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    #[test]
    fn directories_that_are_ignored_are_packed_with_the_first_file_in_them_that_is_not() {
        let directory = tempfile::tempdir().unwrap();
        for file in ["Dockerfile", "a/b/keep", "a/b/drop", "c/drop", "d/keep"] {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let names = packed(directory.path(), "*\n!**/keep\n", "");
        assert_eq!(names, ["first", "Dockerfile", "a/", "a/b/", "a/b/keep", "d/", "d/keep"]);
        assert_eq!(packed(directory.path(), "*\n", "in/"), ["first", "in/", "in/Dockerfile"]);
    }

    #[test]
    fn a_file_that_becomes_shorter_is_an_error_and_shifts_nothing() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        io::Seek::rewind(&mut file).unwrap();
        let mut content = Exact { file, left: 5 };
        assert!(io::copy(&mut content, &mut io::sink()).is_err());
    }
}
