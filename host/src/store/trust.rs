//! Whether a folder can be trusted with compiled code. Whoever can write to it, or put another in its place, runs code as
//! its owner.

use std::io;
use std::path::{Path, PathBuf};

/// Files and folders that a trusted folder may hold. The code of hundreds of components is not as many, and they are looked
/// at in milliseconds.
#[cfg(unix)]
const ENTRIES: usize = 4_000;

/// Why a folder can't be trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Distrust {
    /// A symbolic link, or a file.
    #[error("`{0}` is no folder of its own")]
    NoFolder(PathBuf),
    /// Something inside that crhost does not make: a symbolic link, a device, too many files.
    #[error("`{0}` is not from crhost")]
    Stranger(PathBuf),
    /// It, or something inside, belongs to somebody else.
    #[error("`{0}` belongs to another user")]
    Owner(PathBuf),
    /// Its permissions let others change it, or did: what is inside may be theirs.
    #[error("others can write to `{0}`")]
    Writable(PathBuf),
    /// Its permissions let others in.
    #[error("others can open `{0}`")]
    Open(PathBuf),
    /// Others can put another folder in its place.
    #[error("others can replace what is in `{0}`")]
    Above(PathBuf),
    /// The operating system's reason.
    #[error("`{0}` can't be examined: {1}")]
    Io(PathBuf, io::Error),
}

impl Distrust {
    /// What its owner can do.
    #[must_use]
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::NoFolder(path)
            | Self::Stranger(path)
            | Self::Owner(path)
            | Self::Writable(path)
            | Self::Open(path) => format!("remove `{}`; crhost makes it anew, for you alone", path.display()),
            Self::Above(_) | Self::Io(..) => {
                "CRHOST_HOME moves what crhost keeps into a folder that is yours alone".to_owned()
            }
        }
    }
}

/// The real path of a folder of crhost's own, two levels deep: itself, the one that it is in, all above, and everything
/// inside were made by this user, and nobody else can change any of it.
///
/// # Errors
/// The first thing that speaks against it.
#[cfg(unix)]
pub(crate) fn trusted(folder: &Path) -> Result<PathBuf, Distrust> {
    use unix::{Found, SHARED, WRITABLE};

    let user = rustix::process::geteuid().as_raw();
    for own in folder.parent().into_iter().chain([folder]) {
        let found = Found::at(own)?;
        if !found.is_folder() {
            return Err(Distrust::NoFolder(own.to_owned()));
        }
        found.expect_owner(user)?;
        if found.mode() & WRITABLE != 0 {
            return Err(Distrust::Writable(own.to_owned()));
        }
    }
    // Without symbolic links, of which others might own one further up. From here on, this is the path.
    let folder = folder.canonicalize().map_err(|reason| Distrust::Io(folder.to_owned(), reason))?;
    for above in folder.ancestors().skip(1) {
        unix::examine_above(&Found::at(above)?, user)?;
    }
    if Found::at(&folder)?.mode() & SHARED != 0 {
        return Err(Distrust::Open(folder));
    }
    unix::examine_inside(&folder, user)?;
    Ok(folder)
}

/// The path of a folder; here its place in the user's profile says enough.
///
/// # Errors
/// When it is no folder.
#[cfg(not(unix))]
pub(crate) fn trusted(folder: &Path) -> Result<PathBuf, Distrust> {
    let found = std::fs::symlink_metadata(folder).map_err(|reason| Distrust::Io(folder.to_owned(), reason))?;
    if found.is_dir() { Ok(folder.to_owned()) } else { Err(Distrust::NoFolder(folder.to_owned())) }
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Metadata};
    use std::io::ErrorKind;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::{Path, PathBuf};

    use super::{Distrust, ENTRIES};

    /// Permissions: the group or all may write.
    pub(super) const WRITABLE: u32 = 0o022;
    /// Permissions: the group or all may do anything.
    pub(super) const SHARED: u32 = 0o077;
    const ALL_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;
    const ROOT: u32 = 0;

    /// Something on the disk, as it is itself, not what it may point to.
    pub(super) struct Found {
        path: PathBuf,
        metadata: Metadata,
    }

    impl Found {
        pub(super) fn at(path: &Path) -> Result<Self, Distrust> {
            match fs::symlink_metadata(path) {
                Ok(metadata) => Ok(Self { path: path.to_owned(), metadata }),
                Err(reason) => Err(Distrust::Io(path.to_owned(), reason)),
            }
        }

        pub(super) fn is_folder(&self) -> bool {
            self.metadata.is_dir()
        }

        pub(super) fn mode(&self) -> u32 {
            self.metadata.mode()
        }

        pub(super) fn expect_owner(&self, user: u32) -> Result<(), Distrust> {
            if self.metadata.uid() == user { Ok(()) } else { Err(Distrust::Owner(self.path.clone())) }
        }
    }

    /// Folders above belong to the user or the system, and not everybody can rename what is in them; the sticky bit, as on
    /// `/tmp`, sees to that too. A group may write: on systems where each user has a group of their own and the umask is
    /// 002, folders are made so, and only the user is in that group.
    pub(super) fn examine_above(above: &Found, user: u32) -> Result<(), Distrust> {
        let owner = above.metadata.uid();
        let replaceable = above.mode() & ALL_WRITE != 0 && above.mode() & STICKY == 0;
        if (owner != user && owner != ROOT) || replaceable { Err(Distrust::Above(above.path.clone())) } else { Ok(()) }
    }

    /// Everything inside is a file or folder of the user's. Permissions don't matter: the runtime makes its files as the
    /// umask says, and nobody else comes past the folder itself.
    pub(super) fn examine_inside(folder: &Path, user: u32) -> Result<(), Distrust> {
        let mut folders = vec![folder.to_owned()];
        let mut count = 0;
        while let Some(folder) = folders.pop() {
            let io = |reason| Distrust::Io(folder.clone(), reason);
            for entry in fs::read_dir(&folder).map_err(io)? {
                let path = entry.map_err(io)?.path();
                let found = match Found::at(&path) {
                    // Another process has just renamed or removed it.
                    Err(Distrust::Io(_, reason)) if reason.kind() == ErrorKind::NotFound => continue,
                    found => found?,
                };
                count += 1;
                if count > ENTRIES {
                    return Err(Distrust::Stranger(folder));
                }
                found.expect_owner(user)?;
                if found.is_folder() {
                    folders.push(path);
                } else if !found.metadata.is_file() {
                    return Err(Distrust::Stranger(path));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;
    use crate::store::private::create_folder;

    /// A temporary folder, and in it a new one as crhost makes it.
    fn new() -> (TempDir, PathBuf) {
        let parent = TempDir::new().unwrap();
        let folder = parent.path().join("above/cache/compiled");
        create_folder(&folder).unwrap();
        (parent, folder)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[track_caller]
    fn assert_distrusted(folder: &Path, words: &str) {
        let reason = trusted(folder).unwrap_err().to_string();
        assert!(reason.contains(words), "{reason}");
    }

    #[test]
    fn a_folder_as_crhost_makes_it_is_trusted() {
        let (_parent, folder) = new();
        assert_eq!(trusted(&folder).unwrap(), folder.canonicalize().unwrap());
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_not_trusted() {
        for mode in [0o770, 0o720, 0o702] {
            for below in ["cache/compiled", "cache"] {
                let (parent, folder) = new();
                set_mode(&parent.path().join("above").join(below), mode);
                assert_distrusted(&folder, &format!("{below}`"));
            }
        }
    }

    #[test]
    fn a_folder_that_others_can_open_is_not_trusted() {
        let (_parent, folder) = new();
        set_mode(&folder, 0o755);
        assert_distrusted(&folder, "others can open");
    }

    #[test]
    fn a_symbolic_link_is_not_trusted() {
        for below in ["cache/compiled", "cache"] {
            let (parent, folder) = new();
            let link = parent.path().join("above").join(below);
            fs::rename(&link, parent.path().join("elsewhere")).unwrap();
            symlink(parent.path().join("elsewhere"), &link).unwrap();
            assert_distrusted(&folder, "no folder of its own");
        }
    }

    #[test]
    fn nobody_else_can_replace_a_trusted_folder() {
        let (parent, folder) = new();
        let above = parent.path().join("above");
        // A group of one's own, a place like `/tmp`.
        for mode in [0o775, 0o1777] {
            set_mode(&above, mode);
            assert!(trusted(&folder).is_ok(), "{mode:o}");
        }
        set_mode(&above, 0o777);
        assert_distrusted(&folder, "others can replace what is in");
        // Seen through a symbolic link as well.
        let link = parent.path().join("link");
        symlink(&above, &link).unwrap();
        assert_distrusted(&link.join("cache/compiled"), "above`");
        set_mode(&above, 0o700);
        assert_eq!(trusted(&link.join("cache/compiled")).unwrap(), folder.canonicalize().unwrap());
    }

    #[test]
    fn a_trusted_folder_holds_files_and_folders_alone() {
        let (_parent, folder) = new();
        let inside = folder.join("code/modules");
        fs::create_dir_all(&inside).unwrap();
        File::create(inside.join("file")).unwrap();
        // As they come to be under a careless umask: nobody comes as far.
        set_mode(&inside, 0o777);
        set_mode(&inside.join("file"), 0o666);
        assert!(trusted(&folder).is_ok());
        symlink("file", inside.join("link")).unwrap();
        assert_distrusted(&folder, "link` is not from crhost");
    }

    #[test]
    fn what_belongs_to_another_user_is_not_trusted() {
        let (_parent, folder) = new();
        let file = folder.join("file");
        File::create(&file).unwrap();
        if std::os::unix::fs::chown(&file, Some(1), None).is_err() {
            eprintln!("skipped: only root can give files away");
            return;
        }
        assert_distrusted(&folder, "file` belongs to another user");
        fs::remove_file(&file).unwrap();
        assert!(trusted(&folder).is_ok());
        for (below, words) in
            [("compiled", "belongs to another"), ("cache", "belongs to another"), ("above", "replace")]
        {
            let (_parent, folder) = new();
            let theirs = folder.ancestors().find(|path| path.ends_with(below)).unwrap();
            std::os::unix::fs::chown(theirs, Some(1), None).unwrap();
            assert_distrusted(&folder, words);
        }
    }

    #[test]
    fn a_folder_of_more_than_crhost_makes_is_not_looked_through() {
        let (_parent, folder) = new();
        for number in 0..ENTRIES {
            File::create(folder.join(number.to_string())).unwrap();
        }
        assert!(trusted(&folder).is_ok());
        File::create(folder.join("one more")).unwrap();
        assert_distrusted(&folder, "is not from crhost");
    }
}
