//! Jobs without a home directory, without a configuration of Docker, or with a home that can't be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use super::home;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// A job that has nothing: no variable names a directory.
fn bare(registry: &Registry) -> Home {
    let mut home = home(registry);
    for name in ["HOME", "CRHOST_HOME", "DOCKER_CONFIG"] {
        home.set(name, "");
    }
    home
}

#[test]
fn a_push_to_a_uri_needs_no_home_and_takes_credentials_of_a_variable() {
    let registry = Registry::with_password();
    let mut home = bare(&registry);
    let auth = format!(r#"{{"auths":{{"{}":{{"username":"{USER}","password":"{PASSWORD}"}}}}}}"#, registry.host());
    home.set("DOCKER_AUTH_CONFIG", auth);
    let pushed = home.ok(&["push", "oci:layout:v1", "--to", registry.host(), "--as", "train"]);
    assert!(pushed.stdout.starts_with(&format!("{}/train@sha256:", registry.host())), "{pushed}");
}

#[test]
fn what_needs_a_place_names_the_variable_that_gives_one() {
    let registry = Registry::open();
    let home = bare(&registry);
    for arguments in [
        &["registry", "register", "r", "--flavor", "default", "--uri", registry.host()][..],
        &[
            "connector",
            "register",
            "c",
            "--type=docker",
            "--auth-method=password",
            "--username=a",
            "--password=@env:PATH",
        ],
    ] {
        home.fails(1, arguments).says("CRHOST_HOME");
    }
    for arguments in [&["push", "oci:layout:v1", "--to", "local"][..], &["auth", "token", "local"], &["login", "local"]]
    {
        home.fails(3, arguments).says("local");
    }
}

#[test]
fn a_home_of_crhost_s_own_is_enough_and_the_file_of_a_login_is_named() {
    let registry = Registry::with_password();
    let mut home = Home::new();
    home.set("HOME", "");
    home.set("DOCKER_CONFIG", "");
    home.set("SECRET", PASSWORD);
    let user = format!("--username={USER}");
    home.ok(&[
        "connector",
        "register",
        "c",
        "--type=docker",
        "--auth-method=password",
        &user,
        "--password=@env:SECRET",
        "--no-verify",
    ]);
    home.ok(&["registry", "register", "r", "--flavor=default", "--uri", registry.host(), "--connector=c"]);
    assert_eq!(home.ok(&["auth", "token", "r"]).stdout, format!("{PASSWORD}\n"));
    for arguments in [&["login", "r"][..], &["docker", "install", "r"]] {
        home.fails(1, arguments).says("DOCKER_CONFIG");
    }
    let file = home.path("auth.json");
    home.ok(&["login", "r", "--authfile", file.to_str().unwrap()]);
    assert!(fs::read_to_string(file).unwrap().contains(registry.host()));
}

#[test]
fn a_directory_that_can_t_be_written_is_named_with_the_way_out() {
    let registry = Registry::open();
    let home = home(&registry);
    let read_only = home.path("read-only");
    fs::create_dir(&read_only).unwrap();
    fs::set_permissions(&read_only, Permissions::from_mode(0o555)).unwrap();
    // Root may write everywhere; a file in the place of a directory stands for a directory that can't be written.
    fs::write(home.path("file"), "").unwrap();
    let mut home = home;
    home.set("CRHOST_HOME", home.path("file").join("crhost"));
    home.fails(1, &["registry", "register", "r", "--flavor=default", "--uri", registry.host()]).says("file/crhost");
    home.ok(&["push", "oci:layout:v1", "--to", registry.host(), "--as", "train"]);
}
