//! Clients without a daemon push and pull through the helper: skopeo, Podman, Buildah, crane and oras.

use std::fs;
use std::process::Command;

use serde_json::json;

use super::{HELPER, home_of};
use crate::support::fakes::token_server::TokenServer;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registration;
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::skip::{Capability, skip};

/// The registries that all clients are tried with: one that asks for a password, and one with a token server.
fn registries(tokens: &TokenServer) -> [Registry; 2] {
    [Registry::with_password(), Registry::with_tokens(tokens)]
}

fn has(programs: &[&str]) -> bool {
    programs.iter().all(|program| Command::new(program).arg("--help").output().is_ok())
}

/// Podman or Buildah with a storage of its own, and no daemon and no container.
fn engine(home: &Home, program: &str, arguments: &[&str]) -> Command {
    let mut engine = home.other(program);
    engine.arg("--root").arg(home.path("containers")).arg("--runroot").arg(home.path("run"));
    engine.arg("--storage-driver=vfs").args(arguments);
    engine
}

fn tool(home: &Home, program: &str, arguments: &[&str]) -> Finished {
    process::run(home.other(program).args(arguments))
}

#[test]
fn skopeo_copies_with_the_credentials_of_the_registry_and_goes_on_without_any_elsewhere() {
    let (tokens, open) = (TokenServer::start(), Registry::open());
    for registry in registries(&tokens) {
        let (home, image) = home_of(&registry);
        // A host that crhost does not know, and whose helper it is all the same.
        home.docker_config(&json!({"credHelpers": {registry.host(): "crhost", open.host(): "crhost"}}));
        for registry in [&registry, &open] {
            let name = format!("{}/team/train:v1", registry.host());
            let to = format!("docker://{name}");
            let copy = ["--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false", "oci:layout:v1"];
            tool(&home, "skopeo", &[&copy[..], &[&to]].concat()).ok();
            skopeo::assert_same(registry.access(), &name, &image);
            tool(&home, "skopeo", &["--insecure-policy", "copy", "--src-tls-verify=false", &to, "oci:back:v1"]).ok();
        }
    }
}

#[test]
fn podman_and_buildah_push_and_pull_with_the_credentials_of_the_registry() {
    if !has(&["podman", "buildah"]) {
        return skip(Capability::Podman, "podman or buildah is not installed");
    }
    let tokens = TokenServer::start();
    for registry in registries(&tokens) {
        let (home, image) = home_of(&registry);
        for program in ["podman", "buildah"] {
            let name = format!("{}/team/{program}:v1", registry.host());
            let engine = |arguments: &[&str]| process::run(&mut engine(&home, program, arguments));
            let id = engine(&["pull", "--quiet", "oci:layout:v1"]).ok().stdout.trim().to_owned();
            engine(&["push", "--tls-verify=false", &id, &format!("docker://{name}")]).ok();
            assert_eq!(skopeo::pull(registry.access(), &name).diff_ids, image.diff_ids());
            engine(&["pull", "--quiet", "--tls-verify=false", &name]).ok();
        }
    }
}

#[test]
fn podman_logs_in_and_out_by_a_connector_and_asks_a_helper_that_its_own_file_names() {
    if !has(&["podman"]) {
        return skip(Capability::Podman, "podman is not installed");
    }
    let registry = Registry::with_password();
    let (mut home, _) = home_of(&registry);
    home.set("REGISTRY_AUTH_FILE", home.path("auth.json"));
    home.ok(&["docker", "uninstall"]);
    home.ok(&["registry", "disconnect", "prod"]);
    let authfile = home.path("auth.json");
    home.ok(&["docker", "install", "prod", "--authfile", authfile.to_str().unwrap()]);
    let connector = || home.ok(&["registry", "describe", "prod", "-o", "json"]).json()["connector"].clone();
    let login = ["login", "--tls-verify=false", "--username", USER, "--password-stdin", registry.host()];
    let (code, _, stderr) = process::with_input(&mut engine(&home, "podman", &login), PASSWORD);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(connector(), "docker-login-prod");
    let written = fs::read_to_string(&authfile).unwrap();
    assert!(written.contains("crhost") && !written.contains("\"auth\":"), "{written}");
    let who = process::run(&mut engine(&home, "podman", &["login", "--get-login", registry.host()])).ok();
    assert_eq!(who.stdout.trim(), USER);
    process::run(&mut engine(&home, "podman", &["logout", registry.host()])).ok();
    assert!(connector().is_null());
    home.ok(&["docker", "uninstall", "--authfile", authfile.to_str().unwrap()]);
    assert!(!fs::read_to_string(&authfile).unwrap().contains("crhost"));
}

/// Pushes to and pulls from each of the registries, with a helper for all hosts, and from one that crhost does not
/// know.
fn with_each_registry(of: &str, push_and_pull: impl Fn(&Home, &str)) {
    let (tokens, open) = (TokenServer::start(), Registry::open());
    for registry in registries(&tokens) {
        let (home, image) = home_of(&registry);
        home.docker_config(&json!({"credsStore": "crhost"}));
        for registry in [&registry, &open] {
            let name = format!("{}/team/{of}:v1", registry.host());
            push_and_pull(&home, &name);
            skopeo::assert_same(registry.access(), &name, &image);
        }
    }
}

#[test]
fn crane_pushes_and_pulls_with_the_credentials_of_the_registry() {
    if !has(&["crane"]) {
        return skip(Capability::Crane, "crane is not installed");
    }
    with_each_registry("crane", |home, name| {
        tool(home, "crane", &["push", "--insecure", "layout", name]).ok();
        tool(home, "crane", &["pull", "--insecure", "--format=oci", name, "pulled"]).ok();
    });
}

#[test]
fn oras_pushes_and_pulls_with_the_credentials_of_the_registry() {
    if !has(&["oras"]) {
        return skip(Capability::Oras, "oras is not installed");
    }
    with_each_registry("oras", |home, name| {
        tool(home, "oras", &["cp", "--from-oci-layout", "layout:v1", "--to-plain-http", name]).ok();
        tool(home, "oras", &["manifest", "fetch", "--plain-http", name]).ok();
    });
}

#[test]
fn crane_which_sends_paths_pushes_with_two_accounts_on_one_host() {
    if !has(&["crane"]) {
        return skip(Capability::Crane, "crane is not installed");
    }
    let registry = Registry::with_password();
    let (mut home, image) = Home::with_image();
    home.install(HELPER);
    registration::with_password(&mut home, "ours", &format!("{}/ours", registry.host()), (USER, PASSWORD));
    // Unproved, as the registry does not know this one.
    home.set("WRONG", "not-hers");
    let theirs = ["connector", "register", "theirs", "--type=docker", "--auth-method=password", "--no-verify"];
    home.ok(&[&theirs[..], &["--username=mallory", "--password=@env:WRONG"]].concat());
    let uri = format!("{}/theirs", registry.host());
    let there = ["registry", "register", "theirs", "--flavor=default", "--connector=theirs", "--no-verify", "--uri"];
    home.ok(&[&there[..], &[&uri]].concat());
    // A helper for all hosts is asked with the path; one that is named for a host is asked for that host.
    home.docker_config(&json!({"credsStore": "crhost"}));
    let push = |name: &str| tool(&home, "crane", &["push", "--insecure", "layout", name]);
    let name = format!("{}/ours/train:v1", registry.host());
    push(&name).ok();
    skopeo::assert_same(registry.access(), &name, &image);
    let refused = push(&format!("{}/theirs/train:v1", registry.host()));
    assert!(refused.code != Some(0) && refused.stderr.contains("401 Unauthorized"), "{refused}");
}

#[test]
fn skopeo_pushes_with_two_accounts_on_one_host_by_logins_that_crhost_wrote() {
    let registry = Registry::with_password();
    let (mut home, image) = Home::with_image();
    registration::with_password(&mut home, "ours", &format!("{}/ours", registry.host()), (USER, PASSWORD));
    registration::with_password(&mut home, "other", "registry.example.com/other", ("bob", "b"));
    let authfile = home.path("auth.json");
    for registry in ["ours", "other"] {
        // There is no registry of the other one.
        home.ok(&["login", registry, "--no-verify", "--authfile", authfile.to_str().unwrap()]);
    }
    let copy = ["--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false", "--authfile=auth.json"];
    let to = |path: &str| format!("docker://{}/{path}/train:v1", registry.host());
    tool(&home, "skopeo", &[&copy[..], &["oci:layout:v1", &to("ours")]].concat()).ok();
    skopeo::assert_same(registry.access(), &format!("{}/ours/train:v1", registry.host()), &image);
    assert_ne!(tool(&home, "skopeo", &[&copy[..], &["oci:layout:v1", &to("theirs")]].concat()).code, Some(0));
}
