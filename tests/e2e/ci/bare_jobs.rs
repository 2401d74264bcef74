//! Jobs of a user whom the machine does not know, as in most containers of CI systems: without a home directory,
//! without a configuration of Docker, or with a home that can't be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use crate::support::programs::crhost::Home;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::skip::{Capability, skip};

/// A user who has no entry in the machine's list.
const UNKNOWN: u32 = 54_321;

/// A job of the unknown user, in whose environment no directory is named; absent where tests can't change users.
fn bare(registry: &Registry) -> Option<Home> {
    let mut home = Home::with_registry(registry);
    for name in ["HOME", "CRHOST_HOME", "DOCKER_CONFIG"] {
        home.set(name, "");
    }
    if give(&home.path("."), UNKNOWN).is_err() {
        skip(Capability::Root, "files can't be given away");
        return None;
    }
    Some(home)
}

/// Gives a directory with all that is in it to a user.
fn give(path: &Path, user: u32) -> std::io::Result<()> {
    chown(path, Some(user), Some(user))?;
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), user)?;
        }
    }
    Ok(())
}

#[track_caller]
fn run(home: &Home, arguments: &[&str]) -> Finished {
    process::run(home.command(arguments).uid(UNKNOWN).gid(UNKNOWN))
}

/// Expects a failure that says these words, and a next step.
#[track_caller]
fn fails(home: &Home, code: i32, arguments: &[&str], words: &str) {
    let failed = run(home, arguments);
    assert_eq!(failed.code, Some(code), "{failed}");
    assert!(failed.stderr.contains(words), "{words}{failed}");
}

#[test]
fn a_push_to_a_uri_needs_no_home_and_takes_credentials_of_a_variable() {
    let registry = Registry::with_password();
    let Some(mut home) = bare(&registry) else { return };
    let auth = format!(r#"{{"auths":{{"{}":{{"username":"{USER}","password":"{PASSWORD}"}}}}}}"#, registry.host());
    home.set("DOCKER_AUTH_CONFIG", auth);
    let pushed = run(&home, &["push", "oci:layout:v1", "--to", registry.host(), "--as", "train"]).ok();
    assert!(pushed.stdout.starts_with(&format!("{}/train@sha256:", registry.host())), "{pushed}");
}

#[test]
fn what_needs_a_place_names_the_variable_that_gives_one() {
    let registry = Registry::open();
    let Some(home) = bare(&registry) else { return };
    run(&home, &["registry", "list"]).ok();
    let register = ["registry", "register", "r", "--flavor=default", "--no-verify", "--uri", registry.host()];
    fails(&home, 1, &register, "hint: set CRHOST_HOME");
    fails(&home, 3, &["push", "oci:layout:v1", "--to", "r"], "no registry named `r`");
    fails(&home, 3, &["auth", "token", "r"], "no registry named `r`");
    fails(&home, 2, &["login", "r"], "expected `HOME` or `DOCKER_CONFIG` to be set");
}

#[test]
fn a_home_of_crhost_s_own_is_enough() {
    let registry = Registry::with_password();
    let Some(mut home) = bare(&registry) else { return };
    home.set("CRHOST_HOME", home.path("own"));
    home.set("SECRET", PASSWORD);
    let user = format!("--username={USER}");
    let connector = ["connector", "register", "c", "--type=docker", "--auth-method=password", "--no-verify", &user];
    run(&home, &[&connector[..], &["--password=@env:SECRET"]].concat()).ok();
    run(&home, &["registry", "register", "r", "--flavor=default", "--uri", registry.host(), "--connector=c"]).ok();
    assert_eq!(run(&home, &["auth", "token", "r"]).ok().stdout, format!("{PASSWORD}\n"));
    run(&home, &["push", "oci:layout:v1", "--to", "r", "--as", "train"]).ok();
    fails(&home, 2, &["docker", "install", "r"], "hint: set DOCKER_CONFIG");
    // A file for the login is as good as Docker's directory.
    let file = home.path("auth.json");
    run(&home, &["login", "r", "--authfile", file.to_str().unwrap()]).ok();
    assert!(fs::read_to_string(file).unwrap().contains(registry.host()));
}

#[test]
fn a_home_that_can_t_be_written_stops_only_what_has_to_be_kept() {
    let registry = Registry::open();
    let Some(mut home) = bare(&registry) else { return };
    let read_only = home.path("read-only");
    fs::create_dir(&read_only).unwrap();
    fs::set_permissions(&read_only, Permissions::from_mode(0o755)).unwrap();
    home.set("HOME", &read_only);
    run(&home, &["push", "oci:layout:v1", "--to", registry.host(), "--as", "train"]).ok();
    let register = ["registry", "register", "r", "--flavor=default", "--no-verify", "--uri", registry.host()];
    fails(&home, 1, &register, "hint: CRHOST_HOME moves everything");
    fails(&home, 3, &["login", "r"], "no registry named `r`");
}
