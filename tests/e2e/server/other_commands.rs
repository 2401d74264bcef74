//! What else than a push works by a server, on machines without a secret: other commands, and the programs that other
//! clients call.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::scene::{RULE, Scene, TOKEN};
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::program;
use crate::support::programs::daemon::ensure_daemon;
use crate::support::programs::process;
use crate::support::programs::registry::USER;

#[test]
fn a_copy_a_pull_and_a_build_need_no_secret_either() {
    let Some(scene) = Scene::new() else { return };
    scene.write_rules(&RULE.replace(r#""pull", "push""#, r#""delete", "pull", "push""#));
    let server = scene.serve();
    let runner = scene.runner(&server);
    runner.ok(&["push", "oci:layout:v1", "--to", "do", "--as", "a"]);
    runner.ok(&["copy", "do/a:v1", "do/b:v2"]);
    let arrived = |name: &str| format!("{}/acme/{name}", scene.registry.host());
    skopeo::assert_same(scene.registry.access(), &arrived("b:v2"), &scene.image);
    runner.ok(&["pull", "do/b:v2", "oci:pulled:v2"]);
    skopeo::assert_same_here(&format!("oci:{}:v2", runner.path("pulled").display()), &scene.image);
    runner.ok(&["tag", "do/b:v2", "do/b:v3"]);
    // The registry itself deletes nothing, and answers that to a login that may.
    runner.fails(1, &["delete", "do/b:v3", "--yes"]).says("does not delete a tag alone");
    ensure_daemon();
    fs::create_dir(runner.path("context")).unwrap();
    fs::write(runner.path("context/Dockerfile"), "FROM scratch\nCOPY a /\n").unwrap();
    fs::write(runner.path("context/a"), "a").unwrap();
    runner.ok(&["build", "context", "--no-cache", "-t", "by-server:v1", "--to", "do"]);
    assert_eq!(skopeo::contents(scene.registry.access(), &arrived("by-server:v1")).0, ["a"]);
    process::tool("docker", ["rmi", "--no-prune", "by-server:v1"]).ok();
    assert_eq!(scene.proxy.passwords().issued(), 3, "a login for each operation");
    Needle::new(TOKEN).assert_not_below(&runner.path(""));
}

#[test]
fn the_helpers_of_other_clients_and_of_the_kubelet_ask_the_server() {
    let Some(scene) = Scene::new() else { return };
    scene.write_rules(&RULE.replace("acme/*", "**"));
    let server = scene.serve();
    let runner = scene.runner(&server);
    symlink(program(), runner.path("docker-credential-crhost")).unwrap();
    let host = scene.proxy.host();
    let helper = runner.path("docker-credential-crhost").display().to_string();
    let (code, stdout, stderr) = process::with_input(runner.other(&helper).arg("get"), &format!("{host}/acme/a"));
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let login: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(login["Username"], USER, "{login}");
    let request = json!({
        "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderRequest",
        "image": format!("{host}/acme/a:v1"),
    });
    let provider = &mut runner.command(&["kubernetes", "credential-provider"]);
    let (code, stdout, stderr) = process::with_input(provider, &request.to_string());
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(answer["auth"].as_object().unwrap().values().next().unwrap()["username"], USER, "{answer}");
    // Whoever may do nothing is told by the server.
    scene.write_rules("");
    let (code, stdout, _) = process::with_input(runner.other(&helper).arg("get"), &format!("{host}/acme/a"));
    assert!(code == 1 && !stdout.contains("Secret"), "{stdout}");
}
