//! The key that stored secrets are sealed with: 32 random bytes, in a file that only its owner may open.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::error::StoreError;
use super::random;
use crate::files::atomic;
use crate::files::trust::{self, FileDistrust, Forbidden};
use crate::text::Foreign;

/// Bytes of a key of ChaCha20-Poly1305 (RFC 8439).
pub(super) const LENGTH: usize = 32;

/// A key. Without `Debug`; its memory is wiped when it is dropped.
pub(super) struct Key(Zeroizing<[u8; LENGTH]>);

impl Key {
    /// A new key.
    pub(super) fn random() -> Result<Self, StoreError> {
        Ok(Self(random::bytes()?))
    }

    /// The key of these bytes.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, StoreError> {
        let wrong = |_| StoreError::Damaged(format!("the key has {} bytes, expected {LENGTH}", bytes.len()).into());
        Ok(Self(Zeroizing::new(bytes.try_into().map_err(wrong)?)))
    }

    /// A copy. Not `Clone`, so that each copy of the key is deliberate.
    pub(super) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// The key's bytes.
    pub(super) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

/// The key in a file; `None` if the file does not exist.
pub(super) fn load(path: &Path) -> Result<Option<Key>, StoreError> {
    let file = |reason: io::Error| StoreError::File { path: path.into(), reason: reason.into() };
    // A user who reads it can open the secrets, and one who writes it chooses the key of new ones. Checked before it is
    // opened, as opening a pipe would wait for a writer; its directory is the user's alone, so that it stays this file.
    let found = trust::check_file(path, Forbidden::Opening).map_err(|reason| match reason {
        FileDistrust::Io(Foreign(reason)) => file(reason),
        reason => StoreError::Key { path: path.into(), reason },
    })?;
    let Some(found) = found else { return Ok(None) };
    let opened = File::open(path).map_err(file)?;
    read(path, opened, found.len()).map(Some)
}

/// The key in a file that the user names, which links may lead to; `None` if it does not exist.
pub(super) fn load_named(path: &Path) -> Result<Option<Key>, StoreError> {
    let file = |reason: io::Error| StoreError::File { path: path.into(), reason: reason.into() };
    let distrusted = |reason| StoreError::Key { path: path.into(), reason };
    // Before it is opened: opening a pipe would wait for a writer.
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(distrusted(FileDistrust::NotRegular)),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(file(reason)),
    }
    let opened = File::open(path).map_err(file)?;
    let found = trust::check_secret(&opened).map_err(distrusted)?;
    read(path, opened, found.len()).map(Some)
}

fn read(path: &Path, mut opened: File, length: u64) -> Result<Key, StoreError> {
    if length != LENGTH as u64 {
        return Err(StoreError::Damaged(format!("the key has {length} bytes, expected {LENGTH}").into()));
    }
    let mut bytes = Zeroizing::new([0; LENGTH]);
    let file = |reason: io::Error| StoreError::File { path: path.into(), reason: reason.into() };
    opened.read_exact(bytes.as_mut_slice()).map_err(file)?;
    Ok(Key(bytes))
}

/// Makes a key in a file unless one exists, and returns the file's key. Of several processes at once, one makes it; a
/// crash leaves a whole key or no file.
pub(super) fn create(path: &Path) -> Result<Key, StoreError> {
    atomic::create(path, Key::random()?.bytes())
        .map_err(|reason| StoreError::File { path: path.into(), reason: reason.into() })?;
    load(path)?.ok_or_else(|| StoreError::NoKey(path.into()))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Barrier;

    use super::*;

    fn reason(path: &Path) -> String {
        match load(path) {
            Err(StoreError::Key { reason, .. }) => reason.to_string(),
            _ => panic!("the key was trusted"),
        }
    }

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_open_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        assert!(load(&path).unwrap().is_none());
        let key = create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), key.bytes());
        assert_eq!(create(&path).unwrap().bytes(), key.bytes());
        assert_eq!(load(&path).unwrap().unwrap().bytes(), key.bytes());
    }

    #[test]
    fn processes_that_make_it_at_once_get_the_same_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let start = Barrier::new(8);
        let keys: HashSet<[u8; LENGTH]> = std::thread::scope(|scope| {
            let make = || {
                start.wait();
                *create(&path).unwrap().bytes()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(keys.len(), 1);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "something else was left behind");
    }

    #[test]
    fn a_key_that_others_can_open_is_not_trusted() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        create(&path).unwrap();
        for mode in [0o640, 0o620, 0o604, 0o602, 0o644, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(reason(&path), "others can open it", "{mode:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(load(&path).unwrap().is_some());
    }

    #[test]
    fn a_key_that_is_named_may_be_in_a_volume_of_a_cluster() {
        // As the kubelet makes one: links, which it replaces all at once.
        let directory = tempfile::tempdir().unwrap();
        let version = directory.path().join("..2026");
        fs::create_dir(&version).unwrap();
        let made = create(&version.join("key")).unwrap();
        std::os::unix::fs::symlink("..2026", directory.path().join("..data")).unwrap();
        let named = directory.path().join("key");
        std::os::unix::fs::symlink("..data/key", &named).unwrap();
        assert_eq!(load_named(&named).unwrap().unwrap().bytes(), made.bytes());
        fs::set_permissions(version.join("key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(load_named(&named), Err(StoreError::Key { reason: FileDistrust::Accessible, .. })));
        assert!(load_named(&directory.path().join("absent")).unwrap().is_none());
        assert!(matches!(load_named(&version), Err(StoreError::Key { reason: FileDistrust::NotRegular, .. })));
    }

    #[test]
    fn only_a_regular_file_of_the_right_length_is_a_key() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("key"), directory.path().join("link"));
        create(&path).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(reason(&link), "it is no regular file");
        assert_eq!(reason(directory.path()), "it is no regular file");
        for length in [0, LENGTH - 1, LENGTH + 1] {
            fs::write(&path, vec![7; length]).unwrap();
            assert!(matches!(load(&path), Err(StoreError::Damaged(_))), "{length}");
        }
    }
}
