//! Docker's configuration as it is left over on machines: broken, unreadable, another's, and often not needed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::images::image::Image;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::process::Finished;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "team/train"];

fn scene(registry: &Registry) -> (Home, Image) {
    let (home, image) = Home::with_image();
    home.register("local", registry.host());
    (home, image)
}

/// A helper of these lines, beside one that works.
fn helper(home: &mut Home, name: &str, lines: &str) {
    home.helper("docker-credential-works", USER, PASSWORD);
    let file = home.path("helpers").join(format!("docker-credential-{name}"));
    fs::write(&file, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn auth(user: &str, password: &str) -> serde_json::Value {
    json!({"auth": STANDARD.encode(format!("{user}:{password}"))})
}

fn assert_warned(pushed: &Finished, words: &str) {
    assert!(pushed.stderr.lines().any(|line| line.contains("WARN") || line.contains("warning")), "{pushed}");
    assert!(pushed.stderr.contains(words), "it does not say `{words}`{pushed}");
}

const HELPERS: [(&str, &str, &str); 4] = [
    ("nosuch", "", "it is not on the `PATH`"),
    ("pass", "echo 'pass not initialized: exit status 1'; exit 1", "pass not initialized: exit status 1"),
    ("silent", "exit 0", "does not follow the protocol"),
    ("failing", "echo oh dear >&2; exit 1", "oh dear"),
];

#[test]
fn no_helper_is_asked_for_a_registry_that_wants_no_credentials() {
    let registry = Registry::open();
    let (mut home, _) = scene(&registry);
    let asked = home.path("asked");
    helper(&mut home, "hangs", &format!("touch '{}'; exec sleep 600", asked.display()));
    for name in ["hangs", "nosuch"] {
        home.docker_config(&json!({"credsStore": name}));
        let pushed = home.ok(&PUSH);
        assert!(!pushed.stderr.contains("docker-credential") && !asked.exists(), "{pushed}");
    }
}

#[test]
fn a_registry_that_wants_credentials_is_told_with_the_failure_of_the_helper() {
    let registry = Registry::with_password();
    let (mut home, _) = scene(&registry);
    for (name, lines, words) in HELPERS {
        if !lines.is_empty() {
            helper(&mut home, name, lines);
        }
        home.docker_config(&json!({"credsStore": name}));
        let refused = home.fails(4, &PUSH).says(words);
        let beginning =
            format!("`{}` requires a login, and the credential helper `docker-credential-{name}`", registry.host());
        assert!(refused.error().starts_with(&beginning), "{}", *refused);
        assert!(refused.hint().contains(&format!("docker login {}", registry.host())), "{}", *refused);
    }
    registry.assert_untouched();
}

#[test]
fn a_broken_helper_gives_way_to_the_credentials_in_the_file() {
    let registry = Registry::with_password();
    let (home, image) = scene(&registry);
    home.docker_config(&json!({"credsStore": "nosuch", "auths": {registry.host(): auth(USER, PASSWORD)}}));
    assert_warned(&home.ok(&PUSH), "config.json` are used instead");
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
}

#[test]
fn a_configuration_that_can_not_be_used_matters_only_to_a_registry_that_wants_credentials() {
    let (open, closed) = (Registry::open(), Registry::with_password());
    let (mut home, _) = scene(&open);
    home.register("closed", "localhost:1");
    home.ok(&["registry", "update", "closed", "--uri", closed.host(), "--no-verify"]);
    let file = home.path("docker/config.json");
    let break_it = |home: &Home, kind: &str| {
        let _ = fs::remove_file(&file);
        match kind {
            "folder" => fs::create_dir(&file).unwrap(),
            text => {
                let _ = fs::remove_dir(&file);
                fs::write(home.path("docker/config.json"), text).unwrap();
            }
        }
    };
    for (kind, words) in [
        (r#"{"auths":{},}"#, "config.json` is not a valid file: it is not JSON at line 1"),
        (r#"{"auths":[]}"#, "config.json` is not a valid file: its member `auths` is not an object"),
        ("folder", "config.json` can't be read: Is a directory"),
    ] {
        break_it(&home, kind);
        assert_warned(&home.ok(&PUSH), words);
        home.fails(4, &push_layout("closed", "team/train")).says(words);
    }
    break_it(&home, r#"{"HttpHeaders":{"X":7}}"#);
    assert!(!home.ok(&PUSH).stderr.contains("config.json"));
    home.set("DOCKER_AUTH_CONFIG", "/root/.docker/config.json");
    assert_warned(&home.ok(&PUSH), "`DOCKER_AUTH_CONFIG` holds a path");
    home.fails(4, &push_layout("closed", "team/train")).says("$(cat FILE)");
    home.set("DOCKER_AUTH_CONFIG", json!({closed.host(): auth(USER, PASSWORD)}).to_string());
    assert_warned(&home.ok(&push_layout("closed", "team/train")), "has no `auths` around its registries");
    home.set("DOCKER_AUTH_CONFIG", "");
    home.set("DOCKER_CONFIG", home.path("docker/config.json"));
    assert_warned(&home.ok(&PUSH), "expected the directory that has a `config.json`");
}

#[test]
fn the_credentials_of_the_longest_path_are_shown_and_named_where_they_are_refused() {
    let registry = Registry::with_password();
    let (home, image) = scene(&registry);
    let host = registry.host();
    let path = |path: &str| format!("{host}/{path}");
    home.docker_config(&json!({"auths": {
        path("a"): auth("a", "wrong"), path("team"): auth("team", "wrong"), path("team/train"): auth(USER, PASSWORD),
    }}));
    home.ok(&PUSH);
    skopeo::assert_same(registry.access(), &format!("{host}/team/train:v1"), &image);
    let refused = home.fails(4, &push_layout("local", "team/other")).says("refused the credentials of `team` from `");
    assert!(refused.error().contains("config.json`"), "{}", *refused);
    // An account of another path is shown to nobody.
    home.fails(4, &push_layout("local", "b/other")).says("no credentials were found");
}

#[test]
fn credentials_of_podman_and_skopeo_are_found_before_dockers_and_a_refusal_tells_the_order() {
    let registry = Registry::with_password();
    let (mut home, image) = scene(&registry);
    let auths = json!({"auths": {registry.host(): auth(USER, PASSWORD)}}).to_string();
    home.docker_login(registry.host(), "docker", "wrong");
    home.set("XDG_RUNTIME_DIR", home.path("run"));
    fs::create_dir_all(home.path("run/containers")).unwrap();
    fs::write(home.path("run/containers/auth.json"), &auths).unwrap();
    home.ok(&PUSH);
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
    fs::rename(home.path("run/containers/auth.json"), home.path("mine.json")).unwrap();
    let refused = home.fails(4, &push_layout("local", "team/other")).says("refused the credentials of `docker`");
    let order =
        ["run/containers/auth.json`, `", ".config/containers/auth.json`, `", "docker/config.json`, `~/.dockercfg`"];
    let at = order.map(|place| refused.hint().find(place).unwrap_or_else(|| panic!("no {place}: {}", refused.hint())));
    assert!(refused.hint().contains("looked at, in this order") && at.is_sorted(), "{}", refused.hint());
    home.docker_config(&json!({}));
    home.fails(4, &push_layout("local", "team/other")).says("looked at, in this order");
    home.set("REGISTRY_AUTH_FILE", home.path("mine.json"));
    let chatty = home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "team/other", "-vv"]);
    assert!(chatty.stderr.contains(&format!("`{USER}` from `")), "{chatty}");
}
