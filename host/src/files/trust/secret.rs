//! Trust in a file with a secret that the user names, and that others may have put there for the user.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;

use super::error::FileDistrust;
use super::unix::ACCESSIBLE;

/// Mode bit: the group may read.
const READABLE_BY_GROUP: u32 = 0o040;
/// Mode bits of permissions.
const PERMISSIONS: u32 = 0o777;

/// The metadata of an opened file that is the user's and that nobody else can open, or root's and at most its group
/// can read, as volumes of Kubernetes and credentials of systemd are (the rule of PostgreSQL's `ssl_key_file`).
///
/// # Errors
/// The reason against it.
pub(crate) fn check_secret(file: &File) -> Result<Metadata, FileDistrust> {
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(FileDistrust::NotRegular);
    }
    let forbidden = match found.uid() {
        0 => ACCESSIBLE & !READABLE_BY_GROUP,
        uid if uid == rustix::process::geteuid().as_raw() => ACCESSIBLE,
        _ => return Err(FileDistrust::Owner),
    };
    if found.mode() & PERMISSIONS & forbidden != 0 { Err(FileDistrust::Accessible) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    #[test]
    fn a_secret_is_the_user_s_own_or_one_of_root_s_that_its_group_can_read() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        File::create(&file).unwrap();
        let is_trusted = |mode| {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            check_secret(&File::open(&file).unwrap()).is_ok()
        };
        let is_root = rustix::process::geteuid().is_root();
        for (mode, expected) in [(0o600, true), (0o400, true), (0o440, is_root), (0o640, is_root)] {
            assert_eq!(is_trusted(mode), expected, "{mode:o}");
        }
        for mode in [0o660, 0o644, 0o604, 0o620, 0o602, 0o610] {
            assert!(!is_trusted(mode), "{mode:o}");
        }
        assert!(check_secret(&File::open(parent.path()).unwrap()).is_err());
        // Only root can give a file away.
        if chown(&file, Some(12_345), None).is_ok() {
            assert!(!is_trusted(0o400), "it belongs to another user");
        }
    }
}
