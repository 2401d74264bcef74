//! An archive as a file, which takes its place when it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::kept::Kept;
use super::stream::Part;
use crate::files::atomic::{directory_of, sync_directory};
use crate::files::space;
use crate::image::Descriptor;
use crate::pull::error::PullError;

/// A file that an archive is written to.
pub(in crate::pull) struct ArchiveFile {
    path: PathBuf,
    /// The temporary file beside it; absent for a device or a pipe, which is written as it is.
    temporary: Option<PathBuf>,
    file: File,
    /// Bytes before the first layer, which are not worth keeping alone.
    head: u64,
}

impl ArchiveFile {
    /// Refuses a path that can't become a file.
    ///
    /// # Errors
    /// If it is a directory, or there is none to make it in.
    pub(in crate::pull) fn check(path: &Path) -> Result<(), PullError> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(PullError::taken(path, "is a directory, and no file")),
            Ok(_) => Ok(()),
            Err(reason) if reason.kind() == io::ErrorKind::NotFound && directory_of(&behind_links(path)).is_dir() => {
                Ok(())
            }
            Err(reason) => Err(PullError::write(path, reason)),
        }
    }

    /// Makes a temporary file beside the path. That of a pull that did not end is taken over.
    ///
    /// # Errors
    /// If it can't be made, another pull writes it now, or there is no room for `size` bytes with those that it has.
    pub(in crate::pull) fn open(path: &Path, size: u64) -> Result<Self, PullError> {
        Self::check(path)?;
        let path = &behind_links(path);
        let failed = |reason| PullError::write(path, reason);
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            return Ok(Self { path: path.to_owned(), temporary: None, file, head: 0 });
        }
        let name = path.file_name().ok_or_else(|| PullError::taken(path, "is no name of a file"))?;
        let temporary = path.with_file_name(format!(".{}.crhost.part", name.to_string_lossy()));
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&temporary).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PullError::Busy(path.into())),
            Err(TryLockError::Error(reason)) if reason.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(reason)) => return Err(failed(reason)),
        }
        let has = file.metadata().map_err(failed)?.len();
        let opened = Self { path: path.to_owned(), temporary: Some(temporary), file, head: 0 };
        match ensure_room(path, size.saturating_sub(has)) {
            Ok(()) => Ok(opened),
            Err(error) => {
                opened.abandon();
                Err(error)
            }
        }
    }

    /// Takes up what is there of an archive with this head and these layers, and drops the rest.
    ///
    /// # Errors
    /// If it can't be read or cut.
    pub(in crate::pull) fn take_up(mut self, head: &[Bytes], layers: &[Descriptor]) -> Result<(Self, Kept), PullError> {
        if self.temporary.is_none() {
            return Ok((self, Kept::default()));
        }
        self.head = head.iter().map(|part| part.len() as u64).sum();
        match Kept::of(&mut self.file, head, layers) {
            Ok(kept) => Ok((self, kept)),
            Err(reason) => Err(PullError::write(&self.path, reason)),
        }
    }

    /// Writes all blocks, and moves the file to its place. If they end before their end, what came of layers is kept
    /// for the next pull.
    ///
    /// # Errors
    /// If it can't be written; what was at its place is there then.
    pub(in crate::pull) fn write(mut self, mut parts: mpsc::Receiver<Part>) -> Result<(), PullError> {
        let written = loop {
            match parts.blocking_recv() {
                Some(Part::Block(block)) => {
                    if let Err(reason) = self.file.write_all(&block) {
                        break Err(reason);
                    }
                }
                Some(Part::Back(offset)) => {
                    let cut = self.file.set_len(offset).and_then(|()| self.file.seek(SeekFrom::Start(offset)));
                    if let Err(reason) = cut {
                        break Err(reason);
                    }
                }
                Some(Part::End) => break Ok(()),
                // The other side tells why.
                None => {
                    if self.file.metadata().is_ok_and(|found| found.len() <= self.head) {
                        self.abandon();
                    }
                    return Ok(());
                }
            }
        };
        let ended = written.and_then(|()| match &self.temporary {
            Some(temporary) => {
                // What it replaces outlives a power cut; what is new can be pulled again.
                let replaces = self.path.exists();
                if replaces {
                    self.file.sync_all()?;
                }
                fs::rename(temporary, &self.path)?;
                if replaces {
                    sync_directory(&self.path);
                }
                Ok(())
            }
            None => self.file.flush(),
        });
        ended.map_err(|reason| {
            let error = PullError::write(&self.path, reason);
            self.abandon();
            error
        })
    }

    /// Removes the temporary file.
    pub(in crate::pull) fn abandon(&self) {
        if let Some(temporary) = &self.temporary {
            // The next pull to this path takes it over, if it can't be removed.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Refuses to begin what does not fit. A file system that does not tell its room is tried.
///
/// # Errors
/// If fewer bytes are free.
pub(in crate::pull) fn ensure_room(path: &Path, needed: u64) -> Result<(), PullError> {
    match space::of(path) {
        Ok(found) if found.total > 0 && found.free < needed => {
            Err(PullError::NoRoom { path: path.into(), free: found.free, needed })
        }
        _ => Ok(()),
    }
}

/// The path of the file that symbolic links lead to, whether it is there or not: it is replaced, and not the links.
fn behind_links(path: &Path) -> PathBuf {
    // As many as Linux follows.
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        // Links of `/proc` to a pipe lead to no path.
        match fs::read_link(&path) {
            Ok(target) if fs::metadata(&path).map_or(true, |found| found.is_file()) => {
                path = directory_of(&path).join(target);
            }
            _ => break,
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(blocks: &[&'static str], is_whole: bool) -> mpsc::Receiver<Part> {
        let (sender, receiver) = mpsc::channel(blocks.len() + 1);
        for block in blocks {
            sender.try_send(Part::Block(block.as_bytes().into())).unwrap();
        }
        if is_whole {
            sender.try_send(Part::End).unwrap();
        }
        receiver
    }

    #[test]
    fn a_file_is_written_whole_or_stays_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("x.tar");
        ArchiveFile::open(&path, 4).unwrap().write(parts(&["ab", "cd"], true)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abcd");
        let open = || ArchiveFile::open(&path, 4).unwrap().take_up(&[Bytes::from_static(b"xy")], &[]).unwrap().0;
        open().write(parts(&["xy"], false)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abcd");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        // What is worth it is kept.
        open().write(parts(&["xy", "layer"], false)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abcd");
        assert_eq!(fs::read(place.path().join(".x.tar.crhost.part")).unwrap(), b"xylayer");
        open().write(parts(&["z"], true)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"xyz");
    }

    #[test]
    fn the_file_behind_links_is_replaced_and_the_links_stay() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("disk")).unwrap();
        let (link, target) = (place.path().join("x.tar"), place.path().join("disk/real.tar"));
        std::os::unix::fs::symlink("second", &link).unwrap();
        std::os::unix::fs::symlink("disk/real.tar", place.path().join("second")).unwrap();
        for content in ["new", "again"] {
            ArchiveFile::check(&link).unwrap();
            ArchiveFile::open(&link, 4).unwrap().write(parts(&[content], true)).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&target).unwrap(), content);
        }
        let round = place.path().join("round");
        std::os::unix::fs::symlink("round", &round).unwrap();
        assert!(ArchiveFile::check(&round).is_err() && ArchiveFile::open(&round, 4).is_err());
    }

    #[test]
    fn what_is_not_as_it_should_be_is_dropped() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("x.tar");
        let (sender, receiver) = mpsc::channel(4);
        for part in [Part::Block("abcd".into()), Part::Back(2), Part::Block("e".into()), Part::End] {
            sender.try_send(part).unwrap();
        }
        ArchiveFile::open(&path, 4).unwrap().write(receiver).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abe");
    }

    #[test]
    fn one_pull_writes_a_file_and_takes_over_what_a_dead_one_left() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("x.tar");
        fs::write(place.path().join(".x.tar.crhost.part"), b"left behind").unwrap();
        let first = ArchiveFile::open(&path, 1).unwrap();
        assert!(matches!(ArchiveFile::open(&path, 1), Err(PullError::Busy(_))));
        let (first, kept) = first.take_up(&[Bytes::from_static(b"head")], &[]).unwrap();
        assert_eq!(kept.offset, 0);
        first.write(parts(&["n"], true)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"n");
    }

    #[test]
    fn a_directory_and_a_disk_without_room_are_refused() {
        let place = tempfile::tempdir().unwrap();
        assert!(matches!(ArchiveFile::open(place.path(), 1), Err(PullError::Taken { .. })));
        let path = place.path().join("x.tar");
        assert!(matches!(ArchiveFile::open(&path, u64::MAX), Err(PullError::NoRoom { .. })));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
