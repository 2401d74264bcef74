use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::trusted;
use super::unix::MAX_ENTRIES;
use crate::files::private::create_directory;

/// A temporary directory, and in it a new one as crhost makes it.
fn new() -> (TempDir, PathBuf) {
    let parent = TempDir::new().unwrap();
    let directory = parent.path().join("above/cache/compiled");
    create_directory(&directory).unwrap();
    (parent, directory)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn assert_distrusted(directory: &Path, words: &str) {
    let reason = trusted(directory).unwrap_err().to_string();
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn a_directory_as_crhost_makes_it_is_trusted() {
    let (_parent, directory) = new();
    assert_eq!(trusted(&directory).unwrap(), directory.canonicalize().unwrap());
}

#[test]
fn a_directory_that_others_can_write_to_is_not_trusted() {
    for mode in [0o770, 0o720, 0o702] {
        for below in ["cache/compiled", "cache"] {
            let (parent, directory) = new();
            set_mode(&parent.path().join("above").join(below), mode);
            assert_distrusted(&directory, &format!("{below}`"));
        }
    }
}

#[test]
fn a_directory_that_others_can_open_is_not_trusted() {
    let (_parent, directory) = new();
    set_mode(&directory, 0o755);
    assert_distrusted(&directory, "others can open");
}

#[test]
fn a_symbolic_link_is_not_trusted() {
    for below in ["cache/compiled", "cache"] {
        let (parent, directory) = new();
        let link = parent.path().join("above").join(below);
        fs::rename(&link, parent.path().join("elsewhere")).unwrap();
        symlink(parent.path().join("elsewhere"), &link).unwrap();
        assert_distrusted(&directory, "no directory of its own");
    }
}

#[test]
fn others_cannot_replace_a_trusted_directory() {
    let (parent, directory) = new();
    let above = parent.path().join("above");
    // A user's own group, a place like `/tmp`.
    for mode in [0o775, 0o1777] {
        set_mode(&above, mode);
        assert!(trusted(&directory).is_ok(), "{mode:o}");
    }
    set_mode(&above, 0o777);
    assert_distrusted(&directory, "others can replace what is in");
    // Seen through a symbolic link as well.
    let link = parent.path().join("link");
    symlink(&above, &link).unwrap();
    assert_distrusted(&link.join("cache/compiled"), "above`");
    set_mode(&above, 0o700);
    assert_eq!(trusted(&link.join("cache/compiled")).unwrap(), directory.canonicalize().unwrap());
}

#[test]
fn a_trusted_directory_holds_files_and_directorys_alone() {
    let (_parent, directory) = new();
    let inside = directory.join("code/modules");
    fs::create_dir_all(&inside).unwrap();
    File::create(inside.join("file")).unwrap();
    // As a careless umask makes them; the directory itself keeps others out.
    set_mode(&inside, 0o777);
    set_mode(&inside.join("file"), 0o666);
    assert!(trusted(&directory).is_ok());
    symlink("file", inside.join("link")).unwrap();
    assert_distrusted(&directory, "link` is not from crhost");
}

#[test]
fn what_belongs_to_another_user_is_not_trusted() {
    let (_parent, directory) = new();
    let file = directory.join("file");
    File::create(&file).unwrap();
    if std::os::unix::fs::chown(&file, Some(1), None).is_err() {
        return crate::testing::skip("root", "only root can give files away");
    }
    assert_distrusted(&directory, "file` belongs to another user");
    fs::remove_file(&file).unwrap();
    assert!(trusted(&directory).is_ok());
    for (below, words) in [("compiled", "belongs to another"), ("cache", "belongs to another"), ("above", "replace")] {
        let (_parent, directory) = new();
        let theirs = directory.ancestors().find(|path| path.ends_with(below)).unwrap();
        std::os::unix::fs::chown(theirs, Some(1), None).unwrap();
        assert_distrusted(&directory, words);
    }
}

#[test]
fn a_directory_of_more_entries_than_crhost_makes_is_not_trusted() {
    let (_parent, directory) = new();
    for number in 0..MAX_ENTRIES {
        File::create(directory.join(number.to_string())).unwrap();
    }
    assert!(trusted(&directory).is_ok());
    File::create(directory.join("one more")).unwrap();
    assert_distrusted(&directory, "is not from crhost");
}
