//! What crhost keeps is the user's alone, or it is not used.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;

use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::tree::files;
use crate::support::skip::{Capability, skip};

/// Commands that read or change the store.
const STORE: [&[&str]; 4] = [
    &["registry", "list"],
    &["connector", "list"],
    &["registry", "register", "r", "--flavor", "default", "--uri", "localhost:5000/a"],
    &["push", "oci:layout:v1", "--to", "r", "--as", "a"],
];

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// A home with a store, and an image.
fn home() -> Home {
    let (home, _) = Home::with_image();
    home.ok(&["registry", "list"]);
    home
}

#[test]
fn a_store_that_others_can_write_to_is_refused() {
    let home = home();
    for (below, modes, words) in [
        ("crhost", &[0o700, 0o720, 0o702][..], "chmod go-w"),
        // A group of one user may write to a directory that is above another.
        ("crhost/components", &[0o700, 0o702], "chmod go-w"),
        ("crhost/components/sha256", &[0o700, 0o720, 0o702], "chmod go-w"),
        ("crhost/crhost.db", &[0o600, 0o620, 0o602, 0o640, 0o604], "chmod 600"),
        ("crhost/crhost.db-journal", &[0o600, 0o620, 0o602, 0o640, 0o604], "chmod 600"),
    ] {
        let path = home.path(below);
        let (usual, others) = modes.split_first().unwrap();
        for mode in others {
            set_mode(&path, *mode);
            for command in STORE {
                home.fails(1, command).says(words);
            }
        }
        set_mode(&path, *usual);
        home.ok(&["registry", "list"]);
    }
}

#[test]
fn a_store_in_a_place_of_everybody_is_neither_used_nor_made() {
    let (mut home, _) = Home::with_image();
    let shared = home.path("shared");
    fs::create_dir(&shared).unwrap();
    home.set("CRHOST_HOME", shared.join("crhost"));
    for mode in [0o777, 0o757] {
        set_mode(&shared, mode);
        for command in STORE {
            home.fails(1, command).says("CRHOST_TRUST_DIRECTORY");
        }
        home.fails(1, &["serve", "--listen", "127.0.0.1:0"]).says("others can replace");
        assert!(fs::read_dir(&shared).unwrap().next().is_none());
    }
    // The user answers for it: the volume of a container, for example.
    home.set("CRHOST_TRUST_DIRECTORY", &shared);
    home.ok(&["registry", "list"]);
    set_mode(&shared.join("crhost"), 0o777);
    home.fails(1, &["registry", "list"]).says("chmod go-w");
}

#[test]
fn a_store_of_another_user_is_refused() {
    for below in ["crhost/crhost.db-journal", "crhost/crhost.db", "crhost/components", "crhost", "."] {
        let home = home();
        if chown(home.path(below), Some(12_345), None).is_err() {
            return skip(Capability::Root, "only root can give files away");
        }
        for command in STORE {
            let refused = home.fails(1, command);
            assert!(
                ["belongs to another user", "others can replace"].iter().any(|words| refused.error().contains(words))
            );
        }
    }
}

#[test]
fn a_database_behind_a_symbolic_link_is_refused() {
    let home = home();
    fs::rename(home.path("crhost/crhost.db"), home.path("elsewhere.db")).unwrap();
    symlink(home.path("elsewhere.db"), home.path("crhost/crhost.db")).unwrap();
    home.fails(1, &["registry", "list"]).says("it is no regular file");
    fs::remove_file(home.path("crhost/crhost.db")).unwrap();
    fs::create_dir(home.path("crhost/crhost.db-wal")).unwrap();
    home.fails(1, &["registry", "list"]).says("it is no regular file");
}

#[test]
fn a_home_behind_a_symbolic_link_of_the_user_s_own_is_used() {
    let home = home();
    home.register("kept", "localhost:5000/a");
    fs::create_dir(home.path("disk")).unwrap();
    fs::rename(home.path("crhost"), home.path("disk/crhost")).unwrap();
    symlink("disk/crhost", home.path("crhost")).unwrap();
    assert!(home.ok(&["registry", "list"]).stdout.contains("kept"));
    set_mode(&home.path("disk"), 0o777);
    home.fails(1, &["registry", "list"]).says("others can replace");
}

#[test]
fn whatever_runs_first_makes_directories_and_files_for_the_user_alone() {
    let mut home = Home::without_cache();
    home.set("CRHOST_HOME", "");
    let (_server, host) = home.serve();
    let share = home.path("home/.local/share");
    for below in ["", "crhost", "crhost/serve", "crhost/serve/blobs", "crhost/serve/uploads"] {
        assert_eq!(mode(&share.join(below)), 0o700, "{below}");
    }
    let (image, _) = Home::with_image();
    image.register("dev", &format!("{host}/acme"));
    image.ok(&push_layout("dev", "train"));
    let kept = files(&share);
    assert!(kept.len() > 3, "{kept:?}");
    for file in kept {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}
