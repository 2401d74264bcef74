use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::unix::MAX_ENTRIES;
use super::{Distrust, Forbidden, cache_directory, check_file, existing_directory, group, own_directory};
use crate::error::Explain as _;

/// A temporary directory, and in it a new one for compiled code as crhost makes it.
fn new() -> (TempDir, PathBuf) {
    let parent = TempDir::new().unwrap();
    let directory = cache_directory(&parent.path().join("above/cache/compiled"), None).unwrap();
    (parent, directory)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Gives a file away, or says that the test is skipped.
fn give_away(path: &Path, user: Option<u32>, group: Option<u32>) -> bool {
    let given = chown(path, user, group).is_ok();
    if !given {
        crate::testing::skip("root", "only root can give files away");
    }
    given
}

#[track_caller]
fn assert_distrusted(directory: &Path, words: &str) {
    let reason = cache_directory(directory, None).unwrap_err().to_string();
    assert!(reason.contains(words), "{reason}");
}

#[track_caller]
fn distrust(directory: &Path) -> Distrust {
    let reason = own_directory(directory, None).unwrap_err();
    assert!(reason.hint().is_some(), "{reason}");
    reason
}

#[test]
fn missing_directories_are_made_for_the_user_alone() {
    let parent = TempDir::new().unwrap();
    let wanted = parent.path().join("share/crhost/../crhost/serve");
    let made = own_directory(&wanted, None).unwrap();
    assert_eq!(made, parent.path().canonicalize().unwrap().join("share/crhost/serve"));
    for directory in ["share", "share/crhost", "share/crhost/serve"] {
        assert_eq!(mode(&parent.path().join(directory)), 0o700, "{directory}");
    }
}

#[test]
fn a_directory_that_others_can_write_to_is_not_the_user_s_alone() {
    let parent = TempDir::new().unwrap();
    let data = parent.path().join("data");
    fs::create_dir(&data).unwrap();
    for bits in [0o770, 0o720, 0o702, 0o777, 0o1777] {
        set_mode(&data, bits);
        let reason = distrust(&data);
        assert!(matches!(&reason, Distrust::Writable(path) if path.ends_with("/data")), "{bits:o}: {reason}");
        assert!(reason.hint().unwrap().contains("chmod go-w"), "{reason}");
    }
    set_mode(&data, 0o755);
    own_directory(&data, None).unwrap();
}

#[test]
fn nothing_is_made_in_a_place_of_others() {
    let parent = TempDir::new().unwrap();
    let shared = parent.path().join("shared");
    fs::create_dir(&shared).unwrap();
    set_mode(&shared, 0o777);
    let reason = distrust(&shared.join("crhost"));
    assert!(matches!(&reason, Distrust::Replaceable { mode: 0o777, .. }), "{reason}");
    assert!(!shared.join("crhost").exists());
    // Where only owners rename and remove, as in `/tmp`, what is the user's own stays so.
    set_mode(&shared, 0o1777);
    own_directory(&shared.join("crhost"), None).unwrap();
}

#[test]
fn a_group_may_write_above_if_it_is_the_user_s_own() {
    let parent = TempDir::new().unwrap();
    let above = parent.path().join("above");
    fs::create_dir(&above).unwrap();
    set_mode(&above, 0o770);
    let user = rustix::process::geteuid().as_raw();
    let private = group::is_private(rustix::process::getegid().as_raw(), user);
    assert_eq!(own_directory(&above.join("data"), None).is_ok(), private);
    if give_away(&above, None, Some(12_345)) {
        // Changing the group takes no permission away from a directory.
        set_mode(&above, 0o770);
        let reason = distrust(&above.join("data"));
        assert!(matches!(&reason, Distrust::Replaceable { .. }), "{reason}");
        set_mode(&above, 0o750);
        own_directory(&above.join("data"), None).unwrap();
    }
}

#[test]
fn another_user_s_directory_is_not_the_user_s_own_nor_what_is_below_it() {
    let parent = TempDir::new().unwrap();
    let (data, below) = (parent.path().join("data"), parent.path().join("data/below"));
    own_directory(&below, None).unwrap();
    if give_away(&data, Some(12_345), None) {
        let reason = distrust(&data);
        assert!(matches!(&reason, Distrust::Owner { owner: 12_345, .. }), "{reason}");
        let reason = distrust(&below);
        assert!(matches!(&reason, Distrust::OwnerAbove { owner: 12_345, .. }), "{reason}");
        assert!(reason.hint().unwrap().contains("CRHOST_TRUST_DIRECTORY"), "{reason}");
    }
}

#[test]
fn a_directory_that_the_user_answers_for_is_taken_as_it_is_but_nothing_below() {
    let parent = TempDir::new().unwrap();
    let (volume, data) = (parent.path().join("volume"), parent.path().join("volume/a/data"));
    fs::create_dir(&volume).unwrap();
    set_mode(&volume, 0o777);
    distrust(&data);
    own_directory(&data, Some(&volume)).unwrap();
    // Not the directory itself, and no other one between.
    assert!(matches!(own_directory(&volume, Some(&volume)), Err(Distrust::Writable(_))));
    set_mode(&volume.join("a"), 0o777);
    assert!(matches!(own_directory(&data, Some(&volume)), Err(Distrust::Replaceable { .. })));
}

#[test]
fn a_symbolic_link_is_followed_if_nobody_else_can_change_it() {
    let parent = TempDir::new().unwrap();
    let (disk, link) = (parent.path().join("disk"), parent.path().join("shared/link"));
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    symlink("../disk", &link).unwrap();
    let real = parent.path().canonicalize().unwrap().join("disk/data");
    fs::create_dir(&disk).unwrap();
    assert_eq!(own_directory(&link.join("data"), None).unwrap(), real);
    // The directory that it is in, and the one that it leads to.
    set_mode(link.parent().unwrap(), 0o777);
    assert!(matches!(distrust(&link.join("data")), Distrust::Replaceable { path, .. } if path.ends_with("/shared")));
    set_mode(link.parent().unwrap(), 0o1777);
    set_mode(&disk, 0o777);
    assert!(matches!(distrust(&link.join("data")), Distrust::Replaceable { path, .. } if path.ends_with("/disk")));
    set_mode(&disk, 0o700);
    assert_eq!(own_directory(&link.join("data"), None).unwrap(), real);
    if std::os::unix::fs::lchown(&link, Some(12_345), None).is_ok() {
        let reason = distrust(&link.join("data"));
        assert!(matches!(&reason, Distrust::OwnerAbove { path, .. } if path.ends_with("/link")), "{reason}");
    }
}

#[test]
fn links_in_a_circle_and_files_are_no_directory() {
    let parent = TempDir::new().unwrap();
    let at = |name: &str| parent.path().join(name);
    symlink("b", at("a")).unwrap();
    symlink("a", at("b")).unwrap();
    assert!(matches!(distrust(&at("a/data")), Distrust::Io(..)));
    File::create(at("file")).unwrap();
    assert!(matches!(distrust(&at("file/data")), Distrust::NotDirectory(_)));
    // A link to nothing makes what it leads to.
    symlink("new", at("dangling")).unwrap();
    own_directory(&at("dangling"), None).unwrap();
    assert_eq!(mode(&at("new")), 0o700);
}

#[test]
fn a_directory_that_is_only_read_is_not_made_and_not_writable_by_others() {
    let parent = TempDir::new().unwrap();
    let wanted = parent.path().join("config/certs.d");
    assert!(existing_directory(&wanted, None).unwrap().is_none());
    assert!(!parent.path().join("config").exists());
    fs::create_dir_all(&wanted).unwrap();
    assert_eq!(existing_directory(&wanted, None).unwrap(), Some(wanted.canonicalize().unwrap()));
    // Root's are as good as the user's.
    assert!(existing_directory(Path::new("/etc"), None).unwrap().is_some());
    for below in ["config/certs.d", "config"] {
        let directory = parent.path().join(below);
        set_mode(&directory, 0o777);
        let reason = existing_directory(&wanted, None).unwrap_err();
        assert!(matches!(&reason, Distrust::Replaceable { path, .. } if path.ends_with(below)), "{reason}");
        set_mode(&directory, 0o755);
    }
}

#[test]
fn a_file_is_the_user_s_own_by_kind_owner_and_mode() {
    let parent = TempDir::new().unwrap();
    let file = parent.path().join("file");
    let reason = |path: &Path, forbidden| check_file(path, forbidden).unwrap_err().to_string();
    assert!(check_file(&file, Forbidden::Opening).unwrap().is_none());
    File::create(&file).unwrap();
    set_mode(&file, 0o644);
    assert!(check_file(&file, Forbidden::Writing).unwrap().is_some());
    assert_eq!(reason(&file, Forbidden::Opening), "others can open it");
    set_mode(&file, 0o620);
    assert_eq!(reason(&file, Forbidden::Writing), "others can write to it");
    set_mode(&file, 0o600);
    symlink(&file, parent.path().join("link")).unwrap();
    assert_eq!(reason(&parent.path().join("link"), Forbidden::Writing), "it is no regular file");
    assert_eq!(reason(parent.path(), Forbidden::Writing), "it is no regular file");
    if give_away(&file, Some(12_345), None) {
        assert_eq!(reason(&file, Forbidden::Writing), "it belongs to another user");
    }
}

#[test]
fn a_cache_that_others_can_write_to_is_not_trusted() {
    for mode in [0o770, 0o720, 0o702] {
        for below in ["cache/compiled", "cache"] {
            let (parent, directory) = new();
            set_mode(&parent.path().join("above").join(below), mode);
            assert_distrusted(&directory, &format!("{below}`"));
        }
    }
}

#[test]
fn a_cache_that_others_can_open_is_not_trusted() {
    let (_parent, directory) = new();
    set_mode(&directory, 0o755);
    assert_distrusted(&directory, "others can open");
}

#[test]
fn a_symbolic_link_is_no_cache() {
    for below in ["cache/compiled", "cache"] {
        let (parent, directory) = new();
        let link = parent.path().join("above").join(below);
        fs::rename(&link, parent.path().join("elsewhere")).unwrap();
        symlink(parent.path().join("elsewhere"), &link).unwrap();
        assert_distrusted(&directory, "no directory of its own");
    }
}

#[test]
fn others_cannot_replace_a_trusted_cache() {
    let (parent, directory) = new();
    let above = parent.path().join("above");
    set_mode(&above, 0o1777);
    assert_eq!(cache_directory(&directory, None).unwrap(), directory);
    set_mode(&above, 0o777);
    assert_distrusted(&directory, "others can replace what is in");
    // Seen through a symbolic link as well.
    let link = parent.path().join("link");
    symlink(&above, &link).unwrap();
    assert_distrusted(&link.join("cache/compiled"), "above`");
    set_mode(&above, 0o700);
    assert_eq!(cache_directory(&link.join("cache/compiled"), None).unwrap(), directory);
}

#[test]
fn a_cache_holds_files_and_directories_alone() {
    let (_parent, directory) = new();
    let inside = directory.join("code/modules");
    fs::create_dir_all(&inside).unwrap();
    File::create(inside.join("file")).unwrap();
    // As a careless umask makes them; the directory itself keeps others out.
    set_mode(&inside, 0o777);
    set_mode(&inside.join("file"), 0o666);
    assert!(cache_directory(&directory, None).is_ok());
    symlink("file", inside.join("link")).unwrap();
    assert_distrusted(&directory, "link` is not from crhost");
}

#[test]
fn a_cache_with_something_of_another_user_is_not_trusted() {
    let (_parent, directory) = new();
    let file = directory.join("file");
    File::create(&file).unwrap();
    if !give_away(&file, Some(1), None) {
        return;
    }
    assert_distrusted(&directory, "file` belongs to another user");
    fs::remove_file(&file).unwrap();
    assert!(cache_directory(&directory, None).is_ok());
    for (below, words) in [("compiled", "belongs to another"), ("cache", "belongs to another"), ("above", "replace")] {
        let (_parent, directory) = new();
        chown(directory.ancestors().find(|path| path.ends_with(below)).unwrap(), Some(1), None).unwrap();
        assert_distrusted(&directory, words);
    }
}

#[test]
fn a_cache_of_more_entries_than_crhost_makes_is_not_trusted() {
    let (_parent, directory) = new();
    for number in 0..MAX_ENTRIES {
        File::create(directory.join(number.to_string())).unwrap();
    }
    assert!(cache_directory(&directory, None).is_ok());
    File::create(directory.join("one more")).unwrap();
    assert_distrusted(&directory, "is not from crhost");
}
