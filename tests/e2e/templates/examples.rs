//! The flavors of strangers in `examples/`: projects of `crhost flavor new` with a few files of their own, tested,
//! built, held to the rules for flavors, and used for a push.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::fakes::api::FakeApi;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};
use crate::support::programs::toolchains;
use crate::support::skip::Capability;

/// Has a project written in a language, and puts an example's own files into it.
#[track_caller]
fn project(home: &Home, name: &str, language: &str) -> PathBuf {
    home.ok(&["flavor", "new", name, "--lang", language]);
    let project = home.path(name);
    fs::remove_dir_all(project.join("fixtures")).unwrap();
    overlay(&repository().join("examples").join(name), &project);
    project
}

/// Copies what is below a directory over another one.
fn overlay(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => overlay(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// A home with an image; the password of the registry is in `SECRET`.
fn home() -> (Home, Image) {
    let (mut home, image) = (Home::new(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    home.set("SECRET", UNUSUAL_PASSWORD);
    (home, image)
}

/// Registers a connector and a registry, and pushes; gives what the push said.
#[track_caller]
fn push(home: &Home, name: &str, method: &str, registry: &Registry, more: &[&str]) -> String {
    let (kind, key) = (format!("--type={name}"), format!("--{method}=@env:SECRET"));
    home.ok(&["connector", "register", "me", &kind, "--auth-method", method, &key, "--no-verify"]);
    let (flavor, uri) = (format!("--flavor={name}"), format!("--uri={}/acme", registry.host()));
    home.ok(&[&["registry", "register", "it", &flavor, &uri, "--connector=me"][..], more].concat());
    home.ok(&["push", "oci:layout:v1", "--to", "it", "--as", "train"]).stderr.clone()
}

#[test]
fn nvidia_s_flavor_in_c_pushes_with_an_api_key() {
    let Some(programs) = toolchains::python(Capability::Zig) else { return };
    let (home, image) = home();
    let project = project(&home, "nvidia", "c");
    toolchains::shell(&project, &programs, "make test && make");
    let component = project.join("nvidia.wasm");
    home.ok(&["flavor", "test", component.to_str().unwrap()]);
    home.ok(&["flavor", "register", component.to_str().unwrap(), "--yes"]);
    let registry = Registry::with_unusual_password_of("$oauthtoken");
    push(&home, "nvidia", "api-key", &registry, &[]);
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
}

#[test]
fn scaleway_s_flavor_in_javascript_creates_a_namespace_and_pushes() {
    let Some(modules) = toolchains::node_modules() else { return };
    let (home, image) = home();
    let project = project(&home, "scaleway", "javascript");
    symlink(&modules, project.join("node_modules")).unwrap();
    toolchains::shell(&project, &modules.join(".bin"), "npm test --silent && npm run build --silent");
    let component = project.join("scaleway.wasm");
    let fixtures = project.join("fixtures");
    home.ok(&["flavor", "test", component.to_str().unwrap(), "--fixtures", fixtures.to_str().unwrap()]);
    let accept = |operation: &str| format!("--allow-operation=scaleway/secret-key/{operation}");
    let accepted = [accept("list-namespaces"), accept("create-namespace")];
    home.ok(&["flavor", "register", component.to_str().unwrap(), "--yes", &accepted[0], &accepted[1]]);
    let (registry, api) = (
        Registry::with_unusual_password_of("nologin"),
        FakeApi::start(|request| {
            assert_eq!(request.headers["x-auth-token"], UNUSUAL_PASSWORD);
            (200, vec![], json!({"namespaces": [], "name": "acme"}))
        }),
    );
    let url = api.url();
    let options = ["--option=create-namespace=true", &format!("--option=endpoint={url}"), "--allow-secret-host", &url];
    let said = push(&home, "scaleway", "secret-key", &registry, &options);
    assert!(said.contains("created the namespace `acme`, private"), "{said}");
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    let path = "/registry/v1/regions/fr-par/namespaces";
    assert_eq!(api.lines(), [format!("GET {path}?name=acme"), format!("POST {path}")]);
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
}
