//! Confinement by the kernel: `openat2` resolves each path inside the directory and refuses symbolic links of any kind
//! (openat2(2), Linux 5.6). Where it is missing, each component is opened on its own from the one before, without
//! following links, which is as strict.

use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;
#[cfg(target_os = "linux")]
use std::sync::LazyLock;

use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, open, openat};
use rustix::io::Errno;
#[cfg(target_os = "linux")]
use rustix::path::DecInt;

use super::refused::{Refused, components};

/// A directory to be read, with everything below it.
pub(in crate::source) struct ConfinedDir {
    fd: OwnedFd,
    /// The file system that a path may not leave.
    device: Option<rustix::fs::Dev>,
}

/// A handle to something that is not opened: there is nothing that opening could set off.
#[cfg(target_os = "linux")]
const EXAMINE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// A handle to a directory.
#[cfg(target_os = "linux")]
const DIRECTORY: OFlags = EXAMINE.union(OFlags::DIRECTORY);
#[cfg(not(target_os = "linux"))]
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::DIRECTORY);

/// A file to be read. Without `NONBLOCK`, opening a pipe would wait for a writer; without `NOCTTY`, a terminal would
/// become that of the process.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

impl ConfinedDir {
    /// The directory of this path, which is trusted: links in it are followed.
    ///
    /// # Errors
    /// The operating system's, or if it is no directory.
    pub(in crate::source) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { fd: open(path, DIRECTORY, Mode::empty())?, device: None })
    }

    /// A directory below this one, all of whose files are on one file system.
    ///
    /// # Errors
    /// The operating system's, and [`Refused`].
    #[cfg(target_os = "linux")]
    pub(in crate::source) fn dir(&self, path: &str) -> io::Result<Self> {
        let fd = self.resolve(path.as_bytes(), DIRECTORY)?;
        let device = Some(fstat(&fd)?.st_dev);
        Ok(Self { fd, device })
    }

    /// A regular file below this one. A path with `..` is refused, and a link on the way too.
    ///
    /// # Errors
    /// The operating system's, and [`Refused`].
    #[cfg(target_os = "linux")]
    pub(in crate::source) fn file(&self, path: &[u8]) -> io::Result<File> {
        examined(|flags| self.resolve(path, flags))
    }

    /// The same without handles to things that are not opened.
    ///
    /// # Errors
    /// The operating system's, and [`Refused`].
    #[cfg(not(target_os = "linux"))]
    pub(in crate::source) fn file(&self, path: &[u8]) -> io::Result<File> {
        let parts: Vec<&[u8]> = components(path)?.collect();
        let (name, directory) = parts.split_last().ok_or(Refused::Irregular)?;
        let directory = match directory {
            [] => None,
            parts => Some(self.walk(&parts.join(&b'/'), DIRECTORY)?),
        };
        let directory = directory.as_ref().map_or(self.fd.as_fd(), |fd| fd.as_fd());
        let status = rustix::fs::statat(directory, *name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?;
        same(openat(directory, *name, READ | OFlags::NOFOLLOW, Mode::empty())?, &regular(status)?)
    }

    /// What a path leads to.
    #[cfg(target_os = "linux")]
    fn resolve(&self, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};
        // The kernel takes `a/../b`, which stays below, too.
        drop(components(path)?);
        let mut rules = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        rules.set(ResolveFlags::NO_XDEV, self.device.is_some());
        match openat2(&self.fd, path, flags, Mode::empty(), rules) {
            // An older kernel, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => self.walk(path, flags),
            Err(Errno::LOOP) => Err(Refused::Link.into()),
            opened => Ok(opened?),
        }
    }

    /// What a path leads to, found one component after the other.
    fn walk(&self, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
        let mut found: Option<OwnedFd> = None;
        let mut parts = components(path)?.peekable();
        while let Some(part) = parts.next() {
            let flags = if parts.peek().is_some() { DIRECTORY } else { flags };
            let at = found.as_ref().map_or(self.fd.as_fd(), |fd| fd.as_fd());
            let next = step(at, part, flags)?;
            // Of files, overlayfs tells other devices than of their directories.
            if let Some(device) = self.device.filter(|_| flags.contains(OFlags::DIRECTORY))
                && fstat(&next)?.st_dev != device
            {
                return Err(Errno::XDEV.into());
            }
            found = Some(next);
        }
        Ok(found.ok_or(Refused::Irregular)?)
    }
}

/// One component of a path, if it is no link.
fn step(at: BorrowedFd<'_>, part: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    match openat(at, part, flags | OFlags::NOFOLLOW, Mode::empty()) {
        Err(Errno::LOOP) => Err(Refused::Link.into()),
        // What a link is to a request for a directory.
        Err(Errno::NOTDIR) if flags.contains(OFlags::DIRECTORY) && is_link_at(at, part) => Err(Refused::Link.into()),
        opened => Ok(opened?),
    }
}

fn is_link_at(at: BorrowedFd<'_>, part: &[u8]) -> bool {
    let status = rustix::fs::statat(at, part, rustix::fs::AtFlags::SYMLINK_NOFOLLOW);
    status.is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Symlink)
}

/// The status of something that is a regular file.
fn regular(status: Stat) -> Result<Stat, Refused> {
    match FileType::from_raw_mode(status.st_mode) {
        FileType::RegularFile => Ok(status),
        FileType::Symlink => Err(Refused::Link),
        _ => Err(Refused::Irregular),
    }
}

/// A regular file that `open` leads to, examined before it is opened for reading.
#[cfg(target_os = "linux")]
fn examined(open: impl Fn(OFlags) -> io::Result<OwnedFd>) -> io::Result<File> {
    let found = open(EXAMINE)?;
    let status = regular(fstat(&found)?)?;
    match reopened(found.as_fd()) {
        // Without /proc, the path has to lead to the same file once more.
        Err(Errno::NOENT) => same(open(READ)?, &status),
        opened => Ok(opened?.into()),
    }
}

/// What an examined handle stands for, opened for reading. No path of it is resolved again.
#[cfg(target_os = "linux")]
fn reopened(found: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    // Opened once: a layer may have 100,000 files, and the way to this directory is longer than that to most of them.
    static HANDLES: LazyLock<Result<OwnedFd, Errno>> =
        LazyLock::new(|| open("/proc/self/fd", DIRECTORY, Mode::empty()));
    let handles = HANDLES.as_ref().map_err(|reason| *reason)?;
    openat(handles, DecInt::new(found.as_raw_fd()), READ, Mode::empty())
}

/// An opened file, if it is the one that was examined.
fn same(opened: OwnedFd, examined: &Stat) -> io::Result<File> {
    let status = regular(fstat(&opened)?)?;
    match (status.st_dev, status.st_ino) == (examined.st_dev, examined.st_ino) {
        true => Ok(opened.into()),
        false => Err(Refused::Replaced.into()),
    }
}

/// The file of a path that the user gave: links in it are followed, and what is no regular file is not opened.
///
/// # Errors
/// The operating system's, and [`Refused`].
pub(in crate::source) fn open_regular(path: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    return examined(|flags| Ok(open(path, flags, Mode::empty())?));
    #[cfg(not(target_os = "linux"))]
    {
        let status = regular(rustix::fs::stat(path)?)?;
        same(open(path, READ, Mode::empty())?, &status)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;
    use std::io::Read as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;
    use crate::source::confined::is_link;

    /// A file by each of the two ways: by one request to the kernel, and one component after the other.
    fn both(dir: &ConfinedDir, path: &[u8]) -> [io::Result<File>; 2] {
        [dir.file(path), examined(|flags| dir.walk(path, flags))]
    }

    #[test]
    fn files_below_the_directory_are_read_whatever_their_names_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("a")).unwrap();
        fs::write(place.path().join("a").join(OsStr::from_bytes(b"n\xff")), "text").unwrap();
        let dir = ConfinedDir::open(place.path()).unwrap();
        for file in both(&dir, b"./a//n\xff") {
            let mut text = String::new();
            file.unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "text");
        }
        for file in both(&dir.dir("a").unwrap(), b"n\xff") {
            assert!(file.is_ok());
        }
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
        symlink("plain", inside.join("beside")).unwrap();
        symlink("/proc/self/root", inside.join("magic")).unwrap();
        let dir = ConfinedDir::open(&inside).unwrap();
        let absolute = place.path().join("secret");
        for file in [both(&dir, b"plain"), both(&dir, b"real/plain")].into_iter().flatten() {
            assert!(file.is_ok());
        }
        for path in ["relative", "absolute", "up/secret", "harmless/plain", "beside", "magic/etc/hostname"] {
            for file in both(&dir, path.as_bytes()) {
                assert!(is_link(&file.unwrap_err()), "{path}");
            }
        }
        for path in ["../secret", "real/../../secret", "real/../plain", absolute.to_str().unwrap(), "a\0b", "", "."] {
            for file in both(&dir, path.as_bytes()) {
                assert!(file.is_err(), "{path}");
            }
        }
        assert!(dir.dir("harmless").is_err() && dir.dir("..").is_err());
        // The user's own path may have links.
        assert!(ConfinedDir::open(&inside.join("harmless")).unwrap().file(b"plain").is_ok());
        assert!(open_regular(&inside.join("beside")).is_ok());
    }

    #[test]
    fn what_is_no_file_is_refused_without_being_opened() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        fs::create_dir(place.path().join("directory")).unwrap();
        let _socket = UnixListener::bind(place.path().join("socket")).unwrap();
        let dir = ConfinedDir::open(place.path()).unwrap();
        for path in ["pipe", "directory", "socket", "missing"] {
            for file in both(&dir, path.as_bytes()) {
                assert!(file.is_err(), "{path}");
            }
            assert!(open_regular(&place.path().join(path)).is_err(), "{path}");
        }
        // A writer of the pipe finds no reader: it was not opened even for a moment.
        let writer = rustix::fs::open(&pipe, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty());
        assert_eq!(writer.unwrap_err(), Errno::NXIO);
        assert!(open_regular(Path::new("/dev/null")).is_err());
    }

    #[test]
    fn a_directory_of_a_store_has_files_of_one_file_system_only() {
        // Another file system below this one is on every Linux machine.
        let dev = ConfinedDir::open(Path::new("/")).unwrap().dir("dev").unwrap();
        let Ok(other) = fs::metadata("/dev/shm") else { return };
        let own = fs::metadata("/dev").unwrap();
        if std::os::unix::fs::MetadataExt::dev(&other) == std::os::unix::fs::MetadataExt::dev(&own) {
            return;
        }
        let far = tempfile::NamedTempFile::new_in("/dev/shm").unwrap();
        let path = far.path().strip_prefix("/dev").unwrap().to_str().unwrap();
        for file in both(&dev, path.as_bytes()) {
            assert_eq!(file.unwrap_err().raw_os_error(), Some(Errno::XDEV.raw_os_error()));
        }
    }
}
