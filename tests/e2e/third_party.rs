//! A third party's flavor, from its source to an image in a registry.

use std::fs;
use std::path::Path;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::skip::{Capability, skip};

/// Registers the drawer's component and pushes through it, to a registry that wants its password.
#[track_caller]
fn assert_pushes(component: &Path) {
    let (home, registry) = (Home::new(), Registry::with_password());
    let image = Image::small(here!(), architecture());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    home.ok(&["flavor", "register", component.to_str().unwrap()]);
    register_drawer(&home, &registry);
    let pushed = home.ok(&["push", "oci:layout:v1", "--to", "drawer", "--as", "train"]);
    assert!(pushed.stderr.contains("the drawer was open already"), "its note is not shown{pushed}");
    assert!(!pushed.stderr.contains(PASSWORD), "its password is shown{pushed}");
    let name = format!("{}/drawer/train", registry.host());
    assert_eq!(pushed.stdout, format!("{name}@{}\n", skopeo::digest(registry.access(), &format!("{name}:v1"))));
    skopeo::assert_same(registry.access(), &format!("{name}:v1"), &image);
}

#[track_caller]
fn register_drawer(home: &Home, registry: &Registry) {
    let uri = format!("--uri={}/drawer", registry.host());
    let [user, password] = [format!("username={USER}"), format!("password={PASSWORD}")];
    let arguments =
        ["registry", "register", "drawer", "--flavor=drawer", &uri, "--option", &user, "--option", &password];
    home.ok(&arguments);
}

#[test]
fn a_flavor_built_by_cargo_pushes_an_image() {
    assert_pushes(&guest::build_with_cargo("drawer"));
}

#[test]
fn a_flavor_built_by_cargo_component_pushes_an_image() {
    match guest::build_with_cargo_component("drawer") {
        Some(component) => assert_pushes(&component),
        None => skip(Capability::CargoComponent, "cargo-component is not installed"),
    }
}

#[test]
fn what_a_flavor_refuses_is_not_pushed() {
    let (home, registry) = (Home::new(), Registry::with_password());
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    home.ok(&["flavor", "register", guest::build_with_cargo("drawer").to_str().unwrap()]);
    // A URI of another kind, an option that it needs, one that it does not have.
    let register = |uri: &str, options: &[&str]| {
        let arguments = [&["registry", "register", "drawer", "--flavor=drawer", "--uri", uri], options].concat();
        home.fails(2, &arguments)
    };
    register("localhost:5000/shelf", &["--option=password=x"]).says("localhost:5000/drawer");
    register("localhost:5000/drawer", &[]).says("`password`");
    register("localhost:5000/drawer", &["--option=password=x", "--option=colour=red"]).says("`colour`");
    // A repository.
    register_drawer(&home, &registry);
    home.fails(4, &["push", "oci:layout:v1", "--to", "drawer", "--as", "team/forbidden"])
        .says("choose a name that does not end in `forbidden`");
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn a_flavor_that_is_in_use_stays() {
    let (home, registry) = (Home::new(), Registry::open());
    home.ok(&["flavor", "register", guest::build_with_cargo("drawer").to_str().unwrap()]);
    register_drawer(&home, &registry);
    home.fails(5, &["flavor", "remove", "drawer"]).says("`drawer`");
    home.ok(&["flavor", "describe", "drawer"]);
    home.ok(&["registry", "remove", "drawer"]);
    home.ok(&["flavor", "remove", "drawer"]);
    home.fails(3, &["flavor", "describe", "drawer"]);
}

#[test]
fn other_bytes_take_a_flavor_s_place_only_when_told_to() {
    let home = Home::new();
    let component = guest::build_with_cargo("drawer");
    let register = ["flavor", "register", "drawer.wasm"];
    let digest = || home.ok(&["flavor", "describe", "drawer", "-o", "json"]).json()["digest"].clone();
    fs::copy(&component, home.path("drawer.wasm")).unwrap();
    home.ok(&register);
    let first = digest();
    home.ok(&register);
    assert_eq!(digest(), first);
    // The same flavor with a section that says nothing: other bytes.
    let mut bytes = fs::read(component).unwrap();
    bytes.extend(b"\0\x05\x04note");
    fs::write(home.path("drawer.wasm"), bytes).unwrap();
    home.fails(5, &register).says("--replace");
    assert_eq!(digest(), first);
    home.ok(&[&register[..], &["--replace"]].concat());
    assert_ne!(digest(), first);
}
