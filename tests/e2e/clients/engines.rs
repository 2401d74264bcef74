//! Docker with its daemon, Podman and skopeo push and pull through the helper.

use std::fs;
use std::process::Command;

use super::{install, register_alice, run};
use crate::support::fakes::token_server::TokenServer;
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::{Loaded, ensure_daemon};
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::skip::{Capability, skip};

/// A home whose clients ask crhost for the credentials of a registry, with Docker's configuration where all clients
/// look for it.
#[track_caller]
fn home(registry: &Registry) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    let docker = home.path("home/.docker");
    fs::create_dir_all(&docker).unwrap();
    home.set("DOCKER_CONFIG", docker);
    install(&mut home);
    register_alice(&mut home, registry.host());
    home.ok(&["docker", "install", "prod"]);
    (home, image)
}

#[track_caller]
fn docker(home: &Home, arguments: &[&str]) -> Finished {
    process::run(home.other("docker").args(arguments))
}

#[test]
fn docker_pushes_and_pulls_with_the_credentials_of_the_registry() {
    let tokens = TokenServer::start();
    for registry in [Registry::with_password(), Registry::with_tokens(&tokens)] {
        let (home, _) = home(&registry);
        let (name, image) = (format!("{}/team/train:v1", registry.host()), Image::small(here!(), "amd64"));
        let _loaded = Loaded::new(&name, &image);
        docker(&home, &["push", &name]).ok();
        skopeo::assert_same(registry.access(), &name, &image);
        docker(&home, &["rmi", "--no-prune", &name]).ok();
        docker(&home, &["pull", "--quiet", &name]).ok();
    }
}

#[test]
fn docker_login_and_logout_go_to_a_connector() {
    ensure_daemon();
    let registry = Registry::with_password();
    let (home, _) = home(&registry);
    home.ok(&["registry", "disconnect", "prod"]);
    let config = fs::read_to_string(home.path("home/.docker/config.json")).unwrap();
    let mut login = home.other("docker");
    login.args(["login", "--username", USER, "--password-stdin", registry.host()]);
    let (code, _, stderr) = run(&mut login, PASSWORD);
    assert_eq!(code, 0, "{stderr}");
    let shown = home.ok(&["registry", "describe", "prod", "-o", "json"]).json();
    assert_eq!(shown["connector"], "docker-login-prod");
    let written = fs::read_to_string(home.path("home/.docker/config.json")).unwrap();
    assert!(written.contains("crhost") && !written.contains("\"auth\":"), "{config}\n{written}");
    home.ok(&["push", "oci:layout:v1", "--to", "prod", "--as", "team/train"]);
    docker(&home, &["logout", registry.host()]).ok();
    assert!(home.ok(&["registry", "describe", "prod", "-o", "json"]).json()["connector"].is_null());
    home.fails(4, &["push", "oci:layout:v1", "--to", "prod", "--as", "team/train"]);
}

#[test]
fn skopeo_copies_with_the_credentials_of_the_registry_and_goes_on_without_any_elsewhere() {
    let (registry, open) = (Registry::with_password(), Registry::open());
    let (home, image) = home(&registry);
    let mut config: serde_json::Value =
        serde_json::from_slice(&fs::read(home.path("home/.docker/config.json")).unwrap()).unwrap();
    // A host that crhost does not know, and whose helper it is all the same.
    config["credHelpers"][open.host()] = "crhost".into();
    fs::write(home.path("home/.docker/config.json"), config.to_string()).unwrap();
    for registry in [&registry, &open] {
        let name = format!("{}/team/train:v1", registry.host());
        let mut copy = home.other("skopeo");
        copy.args(["--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false", "oci:layout:v1"]);
        process::run(copy.arg(format!("docker://{name}"))).ok();
        skopeo::assert_same(registry.access(), &name, &image);
        let mut back = home.other("skopeo");
        back.args(["--insecure-policy", "copy", "--src-tls-verify=false", &format!("docker://{name}"), "oci:back:v1"]);
        process::run(&mut back).ok();
    }
}

#[test]
fn podman_pushes_with_the_credentials_of_the_registry() {
    if Command::new("podman").arg("--version").output().is_err() {
        return skip(Capability::Podman, "podman is not installed");
    }
    let registry = Registry::with_password();
    let (home, image) = home(&registry);
    let name = format!("{}/team/train:v1", registry.host());
    // A storage of its own, and no daemon and no container.
    let (root, run_root) = (home.path("containers"), home.path("run"));
    let podman = |arguments: &[&str]| {
        let mut podman: Command = home.other("podman");
        podman.arg("--root").arg(&root).arg("--runroot").arg(&run_root).args(["--storage-driver=vfs"]);
        process::run(podman.args(arguments))
    };
    let id = podman(&["pull", "--quiet", "oci:layout:v1"]).ok().stdout.trim().to_owned();
    podman(&["push", "--tls-verify=false", &id, &format!("docker://{name}")]).ok();
    assert_eq!(skopeo::pull(registry.access(), &name).diff_ids, image.diff_ids());
    podman(&["pull", "--quiet", "--tls-verify=false", &name]).ok();
}
