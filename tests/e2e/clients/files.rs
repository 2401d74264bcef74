//! Files of other clients where they are hard to edit: mounts, full disks, other owners, and a crhost that is killed.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::HELPER;
use crate::support::programs::crhost::{self, Home};
use crate::support::programs::mounted::Mounted;
use crate::support::programs::process;
use crate::support::programs::registration;
use crate::support::skip::{Capability, skip};

const CONFIG: &str = "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"}}}";
const EDITED: &str = "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"}},\"credHelpers\":{\"ghcr.io\":\"crhost\"}}";

/// A home with a registry, Docker's configuration, and the helper on the `PATH`.
fn home() -> Home {
    let home = super::home_with_helper();
    home.register("gh", "ghcr.io");
    fs::write(home.path("docker/config.json"), CONFIG).unwrap();
    home
}

fn config(home: &Home) -> String {
    fs::read_to_string(home.path("docker/config.json")).unwrap()
}

/// What is in Docker's directory, without the file itself.
fn others(home: &Home) -> Vec<String> {
    let names = fs::read_dir(home.path("docker")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "config.json").collect()
}

#[test]
fn a_file_that_is_a_mount_of_its_own_is_edited_in_its_place() {
    let home = home();
    fs::write(home.path("mounted.json"), CONFIG).unwrap();
    let Some(_mounted) = Mounted::file(&home.path("mounted.json"), &home.path("docker/config.json")) else {
        return skip(Capability::Root, "only root can mount a file system");
    };
    home.ok(&["docker", "install"]);
    assert_eq!(fs::read_to_string(home.path("mounted.json")).unwrap(), EDITED);
    home.ok(&["docker", "uninstall"]);
    assert_eq!(fs::read_to_string(home.path("mounted.json")).unwrap(), CONFIG);
    assert_eq!(others(&home), [""; 0]);
}

#[test]
fn on_a_full_or_a_read_only_disk_the_file_stays_as_it_is() {
    let home = home();
    let directory = home.path("docker");
    let Some(disk) = Mounted::small(&directory, 8) else {
        return skip(Capability::Root, "only root can mount a file system");
    };
    fs::write(home.path("docker/config.json"), CONFIG).unwrap();
    let junk = disk.fill();
    home.fails(1, &["docker", "install"]).says("free some space");
    assert_eq!((config(&home).as_str(), others(&home)), (CONFIG, vec!["junk".to_owned()]));
    fs::remove_file(junk).unwrap();
    home.ok(&["docker", "install"]);
    assert_eq!(config(&home), EDITED);
    let _read_only = Mounted::read_only(&directory).unwrap();
    home.fails(1, &["docker", "uninstall"]).says("nothing was changed");
    assert_eq!(config(&home), EDITED);
}

#[test]
fn the_owner_of_a_file_stays() {
    let home = home();
    let file = home.path("docker/config.json");
    if chown(&file, Some(65_534), Some(65_534)).is_err() {
        return skip(Capability::Root, "only root can give files away");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    home.ok(&["docker", "install"]);
    let found = fs::metadata(&file).unwrap();
    assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (65_534, 65_534, 0o640));
    assert_eq!(config(&home), EDITED);
}

#[test]
fn links_that_lead_in_a_circle_or_nowhere_are_told_or_followed() {
    let home = home();
    fs::remove_file(home.path("docker/config.json")).unwrap();
    symlink("config.json", home.path("docker/config.json")).unwrap();
    home.fails(1, &["docker", "install"]).says("nothing was changed");
    fs::remove_file(home.path("docker/config.json")).unwrap();
    symlink("../dotfiles/docker.json", home.path("docker/config.json")).unwrap();
    home.ok(&["docker", "install"]);
    assert!(home.path("docker/config.json").is_symlink());
    assert!(fs::read_to_string(home.path("dotfiles/docker.json")).unwrap().contains("\"ghcr.io\": \"crhost\""));
}

#[test]
fn a_crhost_that_is_killed_leaves_the_old_file_or_the_new_one_and_the_next_one_can_undo_it() {
    let home = home();
    for killed_after in (0..40).map(|step| Duration::from_micros(500 * step)) {
        let mut command = home.command(&["docker", "install"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(killed_after);
        let _ = child.kill();
        child.wait().unwrap();
        assert!([CONFIG, EDITED].contains(&config(&home).as_str()), "{}", config(&home));
        // What a killed process leaves behind disturbs nothing, but it is not another client's to tidy.
        for left in others(&home) {
            fs::remove_file(home.path("docker").join(left)).unwrap();
        }
        home.ok(&["docker", "uninstall"]);
        assert_eq!(config(&home), CONFIG);
    }
}

#[test]
fn a_preview_changes_nothing_and_says_what_would_be_changed() {
    let home = Home::new();
    home.register("gh", "ghcr.io");
    fs::write(home.path("docker/config.json"), "{\"credHelpers\":{\"ghcr.io\":\"pass\"}}").unwrap();
    let directory = home.path("bin");
    let preview = ["docker", "install", "--dry-run", "--directory", directory.to_str().unwrap()];
    let told = home.ok(&preview);
    assert!(told.stderr.contains("would ask crhost for the credentials of `ghcr.io`, instead of the helper \"pass\""));
    assert!(told.stderr.contains("bin/docker-credential-crhost` would be made"), "{told}");
    let json = home.ok(&[&preview[..], &["-o", "json"]].concat()).json();
    assert_eq!((&json["dryRun"], &json["program"]["made"]), (&true.into(), &true.into()));
    assert_eq!((&json["hosts"][0]["before"], &json["hosts"][0]["changed"]), (&"pass".into(), &true.into()));
    assert!(!directory.exists() && !config(&home).contains("crhost"));
}

#[test]
fn the_link_is_made_beside_the_crhost_that_the_path_finds() {
    let mut home = Home::new();
    home.register("gh", "ghcr.io");
    let (bin, program) = (home.path("bin"), home.path("opt/crhost-1"));
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(home.path("opt")).unwrap();
    let original = crhost::program();
    fs::hard_link(original, &program).or_else(|_| fs::copy(original, &program).map(drop)).unwrap();
    symlink(&program, bin.join("crhost")).unwrap();
    home.prepend_path(&bin);
    let link = bin.join(HELPER);
    // A directory is on the `PATH` however it is written.
    for directory in [&[][..], &["--directory", "bin"], &["--directory", "opt/../bin"]] {
        let told = process::run(home.other("crhost").args(["docker", "install"]).args(directory)).ok();
        assert!(!told.stderr.contains("PATH"), "{directory:?}{told}");
        assert_eq!(fs::read_link(&link).unwrap(), bin.join("crhost"), "{directory:?}");
        fs::remove_file(&link).unwrap();
    }
    assert!(!home.path("opt").join(HELPER).is_symlink());
}

#[test]
fn the_link_goes_with_the_last_host_that_asks_crhost_unless_it_leads_elsewhere() {
    let home = Home::new();
    home.register("gh", "ghcr.io");
    home.register("quay", "quay.io");
    let (directory, authfile) = (home.path("bin"), home.path("auth.json"));
    let link = directory.join(HELPER);
    let install = |more: &[&str]| {
        home.ok(&[&["docker", "install", "--directory", directory.to_str().unwrap()], more].concat());
        assert!(link.is_symlink());
    };
    install(&[]);
    install(&["gh", "--authfile", authfile.to_str().unwrap()]);
    home.ok(&["docker", "uninstall", "gh"]);
    home.ok(&["docker", "uninstall"]);
    assert!(link.is_symlink(), "Podman's file names it yet");
    let removed = home.ok(&["docker", "uninstall", "--authfile", authfile.to_str().unwrap(), "-o", "json"]).json();
    assert_eq!(removed["removed"], Value::from(vec![link.to_str().unwrap()]));
    assert!(!link.is_symlink());
    // One that was there before, or that leads to another program by now, is not crhost's to remove.
    install(&[]);
    fs::remove_file(&link).unwrap();
    symlink("/bin/true", &link).unwrap();
    home.ok(&["docker", "uninstall"]);
    assert!(link.is_symlink());
    let there = super::home_with_helper();
    there.register("gh", "ghcr.io");
    there.ok(&["docker", "install"]);
    there.ok(&["docker", "uninstall"]);
    assert!(there.path("bin").join(HELPER).is_symlink());
}

#[test]
fn several_accounts_on_a_host_are_told_when_clients_shall_ask_for_it() {
    let mut home = super::home_with_helper();
    for (name, uri, user) in [("one", "ghcr.io/one", "ann"), ("two", "ghcr.io/two", "bob")] {
        registration::with_password(&mut home, name, uri, (user, "s"));
    }
    let told = home.ok(&["docker", "install"]);
    assert!(told.stderr.contains("crhost registry use NAME"), "{told}");
    home.ok(&["registry", "use", "two"]);
    assert!(!home.ok(&["docker", "install"]).stderr.contains("registry use"));
}
