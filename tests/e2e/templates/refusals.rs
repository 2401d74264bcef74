//! Names and places that a new project can't have.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use crate::support::programs::crhost::Home;
use crate::support::programs::{components, process};
use crate::support::skip::{Capability, skip};

#[test]
fn a_new_project_says_what_comes_next() {
    let home = Home::without_cache();
    let made = home.ok(&["flavor", "new", "myreg"]);
    for line in ["cd myreg", "cargo build --release --target wasm32-wasip2", "crhost flavor register target/"] {
        assert!(made.stderr.contains(line), "{made}");
    }
    assert!(fs::read_to_string(home.path("myreg/Cargo.toml")).unwrap().contains("name = \"myreg\""));
    let json = home.ok(&["flavor", "new", "other", "--lang", "py", "--directory", "deep", "-o", "json"]).json();
    assert_eq!((json["language"].as_str(), json["directory"].as_str()), (Some("python"), Some("deep")));
    assert_eq!(json["component"], "other.wasm");
    assert!(json["files"].as_array().unwrap().contains(&"flavor.py".into()));
}

#[test]
fn a_name_that_no_flavor_can_have_is_refused_with_one_that_it_can() {
    let home = Home::without_cache();
    home.fails(2, &["flavor", "new", "My_Reg"]).says("write `my-reg`");
    home.fails(5, &["flavor", "new", "quay"]).says("`quay` is the name of a built-in flavor");
    home.fails(2, &["flavor", "new", "match"]).says("`match-registry`");
    assert!(!home.path("quay").exists());
}

#[test]
fn a_directory_that_is_taken_or_can_t_be_made_is_left_alone() {
    let home = Home::without_cache();
    fs::write(home.path("myreg"), "mine").unwrap();
    home.fails(5, &["flavor", "new", "myreg"]).says("`myreg` exists already");
    assert_eq!(fs::read_to_string(home.path("myreg")).unwrap(), "mine");
    home.fails(3, &["flavor", "new", "other", "--directory", "none/other"]).says("there is no directory `none`");
}

#[test]
fn a_place_that_can_t_be_written_is_named_with_the_reason() {
    let home = Home::without_cache();
    home.ok(&["flavor", "list"]);
    fs::create_dir(home.path("closed")).unwrap();
    fs::set_permissions(home.path("closed"), Permissions::from_mode(0o555)).unwrap();
    // Root writes nevertheless.
    if fs::write(home.path("closed/probe"), "").is_ok() {
        return read_only_mount(&home);
    }
    home.fails(1, &["flavor", "new", "myreg", "--directory", "closed/myreg"]).says("Permission denied");
}

fn read_only_mount(home: &Home) {
    let place = home.path("closed");
    let mount = ["-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", place.to_str().unwrap()];
    if process::run(std::process::Command::new("mount").args(mount)).code != Some(0) {
        return skip(Capability::Root, "only root can mount a file system");
    }
    let refused = home.fails(1, &["flavor", "new", "myreg", "--directory", "closed/myreg"]);
    process::run(std::process::Command::new("umount").arg(&place)).ok();
    refused.says("Read-only file system");
}

#[test]
fn a_disk_that_fills_up_leaves_no_half_of_a_project() {
    let home = Home::without_cache();
    let place = home.path("small");
    fs::create_dir(&place).unwrap();
    let mount = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place.to_str().unwrap()];
    if process::run(std::process::Command::new("mount").args(mount)).code != Some(0) {
        return skip(Capability::Root, "only root can mount a file system");
    }
    let refused = home.fails(1, &["flavor", "new", "myreg", "--directory", "small/myreg"]);
    let left = fs::read_dir(&place).unwrap().count();
    process::run(std::process::Command::new("umount").arg(&place)).ok();
    refused.says("No space left on device");
    assert_eq!(left, 0);
}

#[test]
fn a_name_that_is_registered_is_warned_of() {
    let home = Home::new();
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "register", "it.wasm", "--yes"]);
    let made = home.ok(&["flavor", "new", "drawback", "--lang", "c"]);
    assert!(made.stderr.contains("a flavor `drawback` is registered here"), "{made}");
}
