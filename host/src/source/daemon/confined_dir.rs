//! A directory that paths can't escape.
//!
//! It holds the content of images, which anyone may have made: names and links in it may point to files of the machine.
//! The kernel resolves each path inside the directory, and refuses symbolic links of any kind (openat2(2), Linux 5.6).

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags, ResolveFlags, open, openat2};

use crate::source::document::read_bounded;

/// A directory to be read, with everything below it.
pub(super) struct ConfinedDir(OwnedFd);

const CONFINED: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

impl ConfinedDir {
    /// The directory of this path, which is trusted: links in it are followed.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// A directory below this one.
    pub(super) fn dir(&self, path: &str) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat2(&self.0, path, flags, Mode::empty(), CONFINED)?))
    }

    /// A regular file below this one. A path with `..` is refused.
    pub(super) fn file(&self, path: &[u8]) -> io::Result<File> {
        if path.split(|byte| *byte == b'/').any(|part| part == b"..") {
            return Err(io::Error::other("its path leads upwards"));
        }
        // Without NONBLOCK, opening a pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat2(&self.0, path, flags, Mode::empty(), CONFINED)?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
    }

    /// The content of a file below this one, of at most `max` bytes; an error names the path.
    pub(super) fn read(&self, path: &str, max: usize) -> Result<Vec<u8>, String> {
        let bytes = self.file(path.as_bytes()).and_then(|file| read_bounded(file, max));
        bytes.map_err(|reason| format!("`{path}`: {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_below_the_directory_are_read_whatever_their_names_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("a")).unwrap();
        fs::write(place.path().join("a").join(OsStr::from_bytes(b"n\xff")), "text").unwrap();
        let dir = ConfinedDir::open(place.path()).unwrap();
        let mut text = String::new();
        dir.file(b"./a//n\xff").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
        assert!(dir.dir("a").unwrap().file(b"n\xff").is_ok());
    }

    #[test]
    fn nothing_leads_out_of_the_directory() {
        let place = tempfile::tempdir().unwrap();
        let inside = place.path().join("inside");
        fs::create_dir_all(inside.join("real")).unwrap();
        for file in [place.path().join("secret"), inside.join("plain"), inside.join("real/plain")] {
            fs::write(file, "text").unwrap();
        }
        symlink("../secret", inside.join("relative")).unwrap();
        symlink(place.path().join("secret"), inside.join("absolute")).unwrap();
        symlink("..", inside.join("up")).unwrap();
        symlink("real", inside.join("harmless")).unwrap();
        symlink("/proc/self/root", inside.join("magic")).unwrap();
        let dir = ConfinedDir::open(&inside).unwrap();
        assert!(dir.file(b"plain").is_ok() && dir.file(b"real/plain").is_ok());
        let absolute = place.path().join("secret");
        for path in [
            "../secret",
            "real/../../secret",
            "real/../plain",
            "relative",
            "absolute",
            "up/secret",
            "harmless/plain",
            "magic/etc/hostname",
            absolute.to_str().unwrap(),
            "a\0b",
            "",
        ] {
            assert!(dir.file(path.as_bytes()).is_err(), "{path}");
        }
        assert!(dir.dir("harmless").is_err() && dir.dir("..").is_err());
    }

    #[test]
    fn what_is_no_file_is_refused_without_waiting_for_it() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        fs::create_dir(place.path().join("directory")).unwrap();
        let dir = ConfinedDir::open(place.path()).unwrap();
        for path in ["pipe", "directory", "missing"] {
            assert!(dir.file(path.as_bytes()).is_err(), "{path}");
        }
    }
}
