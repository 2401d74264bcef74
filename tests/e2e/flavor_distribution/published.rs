//! What is published, as other programs see it, and as it comes back.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{FLAVOR, described, flavor, publish, write};
use crate::support::images::digest;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::peers;
use crate::support::programs::process;
use crate::support::programs::registration;
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::skip::{Capability, skip};

#[test]
fn a_published_flavor_is_the_cncf_s_artifact_for_others_and_comes_back_with_its_digest() {
    let (home, registry) = (Home::new(), Registry::open());
    let (component, repository) = (flavor("1.2.0", ""), format!("{}/acme/myreg", registry.host()));
    let digest = publish(&home, &component, &repository, &[]);
    // As skopeo reads it.
    let name = format!("{repository}:1.2.0");
    assert_eq!(skopeo::digest(registry.access(), &name), digest);
    let copied = TempDir::new().unwrap();
    let manifest = skopeo::copy(registry.access(), &name, copied.path());
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    let [layer] = manifest["layers"].as_array().unwrap().as_slice() else { panic!("{manifest:#}") };
    assert_eq!(layer["mediaType"], "application/wasm");
    assert_eq!(layer["annotations"]["org.opencontainers.image.title"], "drawback.wasm");
    let read = |digest: &str| fs::read(copied.path().join(digest::hex(digest))).unwrap();
    assert!(read(layer["digest"].as_str().unwrap()) == component);
    let config: serde_json::Value =
        serde_json::from_slice(&read(manifest["config"]["digest"].as_str().unwrap())).unwrap();
    // What wkg wants of a configuration: a time, the operating system of components, and their interfaces.
    assert_eq!((&config["os"], &config["architecture"]), (&"wasip2".into(), &"wasm".into()));
    assert_eq!(config["created"], "1970-01-01T00:00:00Z");
    assert_eq!(config["layerDigests"][0], layer["digest"]);
    assert_eq!(config["component"]["exports"][0], "crhost:flavor/flavor@0.1.0");
    assert!(config["component"]["imports"].is_array());
    let annotations = &manifest["annotations"];
    assert_eq!(annotations["org.opencontainers.image.version"], "1.2.0");
    assert_eq!(annotations["org.opencontainers.image.description"], "A test flavor");
    // As crhost reads it, by its tag, by its digest, and without either.
    for name in [name.clone(), format!("{repository}@{digest}"), repository.clone()] {
        let other = Home::new();
        let registered = other.ok(&["flavor", "register", &format!("oci://{name}")]);
        assert!(registered.stderr.contains(&digest), "the artifact's digest is not shown{registered}");
        let described = described(&other);
        assert_eq!(described["digest"], layer["digest"]);
        assert!(described["origin"].as_str().unwrap().ends_with(&format!("@{digest}")), "{described:#}");
    }
    // The same again is the same.
    let again = home.ok(&["flavor", "publish", "published.wasm", &repository, "-o", "json"]).json();
    assert_eq!((&again["digest"], &again["tags"][0]["outcome"]), (&digest.into(), &"unchanged".into()));
}

#[test]
fn the_python_client_of_oras_pulls_what_is_published_and_what_it_pushes_is_registered() {
    let (home, registry) = (Home::new(), Registry::open());
    let (component, repository) = (flavor("1.2.0", ""), format!("{}/acme/myreg", registry.host()));
    publish(&home, &component, &repository, &[]);
    let client = |arguments: [&str; 3]| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/oras_client.py");
        process::run(Command::new(peers::python()).arg(script).args(arguments)).ok()
    };
    let pulled = TempDir::new().unwrap();
    let files = client(["pull", &format!("{repository}:1.2.0"), pulled.path().to_str().unwrap()]);
    let file = pulled.path().join("drawback.wasm");
    assert_eq!(files.stdout.trim(), file.to_str().unwrap());
    assert!(fs::read(&file).unwrap() == component);
    let theirs = format!("{repository}:theirs");
    client(["push", &theirs, &format!("{}:application/wasm", file.display())]);
    home.ok(&["flavor", "register", &format!("oci://{theirs}")]);
    assert_eq!(described(&home)["version"], "1.2.0");
}

#[test]
fn oras_pulls_what_is_published_and_what_it_pushes_is_registered() {
    let home = Home::new();
    if process::run(home.other("sh").args(["-c", "command -v oras"])).code != Some(0) {
        return skip(Capability::Oras, "oras is not installed");
    }
    let registry = Registry::open();
    let (component, repository) = (flavor("1.2.0", ""), format!("{}/acme/myreg", registry.host()));
    publish(&home, &component, &repository, &[]);
    process::run(home.other("oras").args(["pull", "--plain-http", &format!("{repository}:1.2.0")])).ok();
    assert!(fs::read(home.path("drawback.wasm")).unwrap() == component);
    let theirs = format!("{repository}:theirs");
    process::run(home.other("oras").args(["push", "--plain-http", &theirs, "drawback.wasm:application/wasm"])).ok();
    home.ok(&["flavor", "register", &format!("oci://{theirs}")]);
}

#[test]
fn the_tag_of_a_version_does_not_move_to_other_bytes_unless_it_is_forced() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/myreg", registry.host());
    let digest = publish(&home, &flavor("1.0.0", ""), &repository, &["--latest"]);
    write(&home, "other.wasm", &flavor("1.0.0", r#"(data (i32.const 48) "B")"#));
    let other = ["flavor", "publish", "other.wasm", &repository];
    let stored = registry.stored();
    home.fails(5, &other).says("1.0.0` is published already, with other bytes").says("raise the version");
    assert_eq!(registry.stored(), stored, "something was sent before the refusal");
    let tagged = |tag: &str| skopeo::digest(registry.access(), &format!("{repository}:{tag}"));
    assert_eq!(tagged("1.0.0"), digest);
    // Another tag is there to be moved, and a version that was withdrawn can be put right.
    home.ok(&[&other[..], &["--tag", "latest", "--tag", "edge"]].concat());
    assert_ne!(tagged("latest"), digest);
    let forced = home.ok(&[&other[..], &["--force"]].concat());
    assert!(forced.stderr.contains(&format!("which named {digest}")), "{forced}");
    assert_eq!(tagged("1.0.0"), tagged("edge"));
}

#[test]
fn what_can_t_be_published_is_refused_before_the_registry_is_asked() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/myreg", registry.host());
    write(&home, "it.wasm", &flavor("1.0.0", ""));
    write(&home, "module.wasm", b"\0asm\x01\0\0\0");
    home.fails(7, &["flavor", "publish", "module.wasm", &repository]).says("core module");
    home.fails(3, &["flavor", "publish", "missing.wasm", &repository]);
    home.fails(2, &["flavor", "publish", "it.wasm", &repository, "--sign"]).says("`--key KEY`");
    let pinned = format!("{repository}@sha256:{}", "0".repeat(64));
    home.fails(2, &["flavor", "publish", "it.wasm", &pinned]).says("has a digest");
    home.fails(7, &["policy", "publish", "it.wasm", &repository]).says("it is a flavor, expected a policy");
    registry.assert_untouched();
}

#[test]
fn the_registry_s_own_flavor_logs_in_for_both_ways() {
    let registry = Registry::with_password();
    let (mut home, other) = (Home::new(), Home::new());
    registration::with_password(&mut home, "prod", registry.host(), (USER, PASSWORD));
    publish(&home, &flavor("1.0.0", ""), "prod/acme/myreg", &[]);
    let name = format!("oci://{}/acme/myreg:1.0.0", registry.host());
    home.ok(&["flavor", "register", &name]);
    assert!(described(&home)["origin"].as_str().unwrap().starts_with(&name));
    // Somebody else has no password, or that of `docker login`.
    other.fails(4, &["flavor", "register", &name]);
    other.docker_login(registry.host(), USER, PASSWORD);
    other.ok(&["flavor", "register", &name]);
}

#[test]
fn a_policy_is_published_and_registered_the_same_way() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/judge", registry.host());
    let component = guest::build_with_cargo("judge");
    let published = home.ok(&["policy", "publish", component.to_str().unwrap(), &repository, "-o", "json"]).json();
    let name = format!("oci://{repository}");
    home.fails(7, &["flavor", "register", &name]).says("it is a policy, expected a flavor");
    let registered = home.ok(&["policy", "register", &name, "--yes", "-o", "json"]).json();
    assert_eq!(registered["digest"], published["component"]);
    assert!(registered["origin"].as_str().unwrap().ends_with(published["digest"].as_str().unwrap()));
}

#[test]
fn crhost_serve_takes_and_gives_flavors() {
    let home = Home::new();
    let (_server, host) = home.serve();
    let digest = publish(&home, &flavor("1.0.0", ""), &format!("{host}/myreg"), &[]);
    home.ok(&["flavor", "register", &format!("oci://{host}/myreg:1.0.0@{digest}")]);
    assert_eq!(described(&home)["name"], FLAVOR);
}
