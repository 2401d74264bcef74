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

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, open, openat, statat};
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

    /// A directory below this one, with the same bounds.
    ///
    /// # Errors
    /// The operating system's, and [`Refused`].
    #[cfg(target_os = "linux")]
    pub(super) fn below(&self, path: &[u8]) -> io::Result<Self> {
        Ok(Self { fd: self.resolve(path, DIRECTORY)?, device: self.device })
    }

    /// A regular file in this very directory. It is examined by its name, which costs half of what a handle does that
    /// is opened again; what takes its place in between is found out, and a device there is root's own work.
    ///
    /// # Errors
    /// The operating system's, and [`Refused`].
    #[cfg(target_os = "linux")]
    pub(super) fn child(&self, name: &[u8]) -> io::Result<File> {
        if name.contains(&b'/') || matches!(name, b"" | b"." | b"..") {
            return Err(Refused::Irregular.into());
        }
        let status = regular(statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?)?;
        same(self.resolve(name, READ)?, &status)
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
        let status = statat(directory, *name, AtFlags::SYMLINK_NOFOLLOW)?;
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
    let status = statat(at, part, AtFlags::SYMLINK_NOFOLLOW);
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
mod tests;
