//! What `crhost logout` takes away, and what a login is never written into.

use std::fs;
use std::os::unix::fs::FileTypeExt as _;

use serde_json::{Value, json};

use super::register_alice;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;

#[test]
fn a_logout_leaves_no_secret_of_an_earlier_login() {
    let mut home = Home::new();
    register_alice(&mut home, "registry.example.com");
    let before = json!({"auths": {"registry.example.com": {"auth": "b2xkOm9sZA=="}}});
    home.docker_config(&before);
    home.ok(&["login", "prod", "--no-verify"]);
    home.set("SECRET_OF_THE_TEST", "renewed");
    home.ok(&["connector", "update", "prod-login", "--password=@env:SECRET_OF_THE_TEST", "--no-verify"]);
    home.ok(&["login", "prod", "--no-verify"]);
    home.ok(&["logout", "prod"]);
    let after: Value = serde_json::from_slice(&fs::read(home.path("docker/config.json")).unwrap()).unwrap();
    assert_eq!(after, before);
    for secret in ["YWxpY2U6czNjcmV0", "YWxpY2U6cmVuZXdlZA=="] {
        Needle::new(secret).assert_not_below(&home.path("docker"));
    }
}

#[test]
fn a_login_can_be_taken_away_when_its_registry_is_no_longer_registered() {
    let mut home = Home::new();
    register_alice(&mut home, "registry.example.com");
    home.docker_config(&json!({}));
    home.ok(&["login", "prod", "--no-verify"]);
    home.ok(&["registry", "remove", "prod"]);
    home.ok(&["logout", "registry.example.com"]);
    Needle::new("YWxpY2U6czNjcmV0").assert_not_below(&home.path("docker"));
    home.fails(3, &["logout", "registry.example.com"]);
}

#[test]
fn a_login_takes_the_place_of_no_pipe_and_no_device() {
    let mut home = Home::new();
    register_alice(&mut home, "registry.example.com");
    process::run(home.other("mkfifo").arg("pipe")).ok();
    for arguments in [&["login", "prod", "--no-verify"][..], &["docker", "install", "prod", "--directory", "."]] {
        let arguments = [arguments, &["--authfile", "pipe"]].concat();
        home.fails(2, &arguments).says("`pipe` is no regular file; nothing was changed");
        assert!(fs::symlink_metadata(home.path("pipe")).unwrap().file_type().is_fifo());
    }
}
