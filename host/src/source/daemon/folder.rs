//! A folder out of which nothing leads.
//!
//! What lies in it is the content of images, made by anyone: names and links there may try to name files of the machine. The
//! kernel resolves each path inside the folder, and refuses symbolic links wherever they point (openat2(2), Linux 5.6).

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags, ResolveFlags, open, openat2};

/// A folder and all that is below it, to be read.
pub(super) struct Folder(OwnedFd);

const INSIDE: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

impl Folder {
    /// A folder by its own name, which is trusted.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// A folder below this one.
    pub(super) fn folder(&self, path: &str) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat2(&self.0, path, flags, Mode::empty(), INSIDE)?))
    }

    /// A regular file below this one. A path with `..` is refused.
    pub(super) fn file(&self, path: &[u8]) -> io::Result<File> {
        if path.split(|byte| *byte == b'/').any(|part| part == b"..") {
            return Err(io::Error::other("its path leads upwards"));
        }
        // A pipe that nobody writes to must not be waited for.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat2(&self.0, path, flags, Mode::empty(), INSIDE)?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
    }

    /// All of a small file below this one.
    pub(super) fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, String> {
        let failed = |reason: io::Error| format!("`{path}`: {reason}");
        let mut bytes = Vec::new();
        self.file(path.as_bytes()).map_err(failed)?.take(max + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > max { Err(format!("`{path}` has more than {max} bytes")) } else { Ok(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_below_the_folder_are_read_whatever_their_names_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("a")).unwrap();
        fs::write(place.path().join("a").join(OsStr::from_bytes(b"n\xff")), "text").unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let mut text = String::new();
        folder.file(b"./a//n\xff").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
        assert!(folder.folder("a").unwrap().file(b"n\xff").is_ok());
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
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
        let folder = Folder::open(&inside).unwrap();
        assert!(folder.file(b"plain").is_ok() && folder.file(b"real/plain").is_ok());
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
            assert!(folder.file(path.as_bytes()).is_err(), "{path}");
        }
        assert!(folder.folder("harmless").is_err() && folder.folder("..").is_err());
    }

    #[test]
    fn what_is_no_file_is_refused_without_waiting_for_it() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        fs::create_dir(place.path().join("folder")).unwrap();
        let folder = Folder::open(place.path()).unwrap();
        for path in ["pipe", "folder", "missing"] {
            assert!(folder.file(path.as_bytes()).is_err(), "{path}");
        }
    }
}
