//! The way to a directory, from the root down: each part is examined before anything below it is looked at.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{self, Component, Path, PathBuf};

use super::error::Distrust;
use super::group;
use crate::files::private;

/// Mode bits: the group or others may write.
pub(super) const WRITABLE: u32 = 0o022;
/// Mode bit: only an entry's owner, and the directory's, may rename or remove it.
const STICKY: u32 = 0o1000;
/// Mode bit: others may write.
const WRITABLE_BY_OTHERS: u32 = 0o002;
/// The user id of the system itself.
const ROOT: u32 = 0;
/// Most symbolic links on a way, as Linux counts them (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// The real path of a directory that belongs to this user, that nobody else can write to, and that nobody but root can
/// replace, nor any directory or symbolic link on the way to it. Missing directories are made, with mode 0700.
///
/// The directory `assumed` and all above it are taken as they are: the user answers for them.
///
/// # Errors
/// The first reason against it; nothing was made then in a place of others.
pub(crate) fn own_directory(directory: &Path, assumed: Option<&Path>) -> Result<PathBuf, Distrust> {
    let Walk { at, user, .. } = Walk::to(directory, assumed, true)?;
    let found = examine(&at)?;
    if found.uid() != user {
        return Err(Distrust::Owner { path: at.into(), owner: found.uid(), user });
    }
    if found.mode() & WRITABLE != 0 {
        return Err(Distrust::Writable(at.into()));
    }
    Ok(at)
}

/// The real path of a directory, the user's or root's, in which nobody else can make, replace or remove anything;
/// `None` if it does not exist. `assumed` is as for [`own_directory`].
///
/// # Errors
/// The first reason against it.
pub(crate) fn existing_directory(directory: &Path, assumed: Option<&Path>) -> Result<Option<PathBuf>, Distrust> {
    match Walk::to(directory, assumed, false).and_then(|walk| walk.check_above().map(|()| walk.at)) {
        Err(Distrust::Io(_, reason)) if reason.0.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// The state of the way: where it has come to, and the names ahead, the next one last.
struct Walk {
    at: PathBuf,
    ahead: Vec<OsString>,
    links: usize,
    /// Whether missing directories are made.
    makes: bool,
    assumed: Option<PathBuf>,
    user: u32,
    /// The owner of `/`: root, or in a user namespace without root the id that stands for all who are not in it. Who
    /// owns `/` can replace every program.
    system: u32,
}

impl Walk {
    /// The way to a directory, gone to its end.
    fn to(directory: &Path, assumed: Option<&Path>, makes: bool) -> Result<Self, Distrust> {
        let io = |path: &Path, reason: io::Error| Distrust::Io(path.into(), reason.into());
        let assumed = assumed.map(|path| path.canonicalize().map_err(|reason| io(path, reason))).transpose()?;
        let system = examine(Path::new("/"))?.uid();
        let absolute = path::absolute(directory).map_err(|reason| io(directory, reason))?;
        let user = rustix::process::geteuid().as_raw();
        let mut walk = Self { at: PathBuf::from("/"), ahead: Vec::new(), links: 0, makes, assumed, user, system };
        walk.push(&absolute);
        while let Some(name) = walk.ahead.pop() {
            walk.enter(&name)?;
        }
        Ok(walk)
    }

    /// Puts a path before the names ahead; an absolute one begins at the root again.
    fn push(&mut self, path: &Path) {
        if path.is_absolute() {
            self.at = PathBuf::from("/");
        }
        let names = path.components().rev().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
        self.ahead.extend(names.map(|part| part.as_os_str().to_owned()));
    }

    /// Goes on by one name.
    fn enter(&mut self, name: &OsString) -> Result<(), Distrust> {
        if name == ".." {
            // The way so far has no symbolic link in it.
            self.at.pop();
            return Ok(());
        }
        self.check_above()?;
        let next = self.at.join(name);
        let found = match fs::symlink_metadata(&next) {
            Err(error) if self.makes && error.kind() == io::ErrorKind::NotFound => {
                private::create_directory(&next)
                    .map_err(|reason| Distrust::Io(next.as_path().into(), reason.into()))?;
                examine(&next)?
            }
            found => found.map_err(|reason| Distrust::Io(next.as_path().into(), reason.into()))?,
        };
        if found.is_symlink() {
            if !self.is_assumed(&self.at) {
                self.expect_owner(&next, &found)?;
            }
            return self.follow(&next);
        }
        if !found.is_dir() {
            return Err(Distrust::NotDirectory(next.into()));
        }
        self.at = next;
        Ok(())
    }

    fn follow(&mut self, link: &Path) -> Result<(), Distrust> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(Distrust::Io(link.into(), io::Error::from(rustix::io::Errno::LOOP).into()));
        }
        let target = fs::read_link(link).map_err(|reason| Distrust::Io(link.into(), reason.into()))?;
        self.push(&target);
        Ok(())
    }

    /// Whether a directory is one that the user answers for.
    fn is_assumed(&self, directory: &Path) -> bool {
        self.assumed.as_ref().is_some_and(|assumed| assumed.starts_with(directory))
    }

    /// Others can't rename or remove the entries of the directory that the way has come to: it belongs to the user or
    /// to the system, and others can't write to it, or it is sticky like `/tmp`.
    fn check_above(&self) -> Result<(), Distrust> {
        if self.is_assumed(&self.at) {
            return Ok(());
        }
        let found = examine(&self.at)?;
        self.expect_owner(&self.at, &found)?;
        let mode = found.mode();
        let is_private = || mode & WRITABLE_BY_OTHERS == 0 && self.is_private(found.gid());
        if mode & WRITABLE != 0 && mode & STICKY == 0 && !is_private() {
            return Err(Distrust::Replaceable { path: self.at.as_path().into(), mode: mode & 0o7777 });
        }
        Ok(())
    }

    /// Whether a directory that its group may write to is still the user's alone. Where an access control list grants
    /// more, its mask stands in the place of the group's permissions (acl(5)).
    fn is_private(&self, group: u32) -> bool {
        group::is_private(group, self.user) && !has_access_list(&self.at)
    }

    fn expect_owner(&self, path: &Path, found: &Metadata) -> Result<(), Distrust> {
        let owner = found.uid();
        if [self.user, ROOT, self.system].contains(&owner) {
            return Ok(());
        }
        Err(Distrust::OwnerAbove { path: path.into(), owner, user: self.user })
    }
}

/// The metadata of an entry itself: a symbolic link is not followed.
fn examine(path: &Path) -> Result<Metadata, Distrust> {
    fs::symlink_metadata(path).map_err(|reason| Distrust::Io(path.into(), reason.into()))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn has_access_list(directory: &Path) -> bool {
    rustix::fs::lgetxattr_query(directory, "system.posix_acl_access").is_ok()
}

/// Other systems keep their lists apart from the mode; they are not looked at.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn has_access_list(_directory: &Path) -> bool {
    false
}
