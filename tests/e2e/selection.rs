//! The choice of a registry for an image.

use serde_json::json;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::registry::Registry;

/// A home with an image to push.
fn home() -> (Home, Image) {
    let (home, image) = (Home::new(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    (home, image)
}

#[test]
fn the_name_of_an_image_finds_its_registry() {
    let image = Image::small(here!(), architecture());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("wide", &format!("{}/p", registry.host()));
    home.register("narrow", &format!("{}/p/q", registry.host()));
    for (name, found) in
        [("p/train:v1", "wide"), ("p/q/train:v1", "narrow"), ("p/qq/train:v1", "wide"), ("p:v1", "wide")]
    {
        let name = format!("{}/{name}", registry.host());
        let _loaded = Loaded::new(&name, &image);
        let pushed = home.ok(&["push", &name, "-o", "json"]);
        assert_eq!(pushed.json()["registry"], found, "{pushed}");
        skopeo::assert_same(registry.access(), &name, &image);
    }
}

#[test]
fn a_registry_owns_whole_path_components_only() {
    let image = Image::small(here!(), architecture());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("mine", &format!("{}/p", registry.host()));
    home.register("far", "registry.example/p");
    for path in ["p-evil/x", "px/x", "q/p/x"] {
        let name = format!("{}/{path}:v1", registry.host());
        let _loaded = Loaded::new(&name, &image);
        let refused = home.fails(3, &["push", &name]).says(&format!("`{}/{path}:v1`", registry.host()));
        assert!(refused.hint().contains("`--to mine`"), "a near registry is not listed{}", *refused);
        // A registry that is named does not take it either.
        home.fails(2, &["push", &name, "--to", "mine"]).says("`mine`");
    }
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn a_registry_that_is_named_places_the_image_below_its_uri() {
    let (home, image) = home();
    let registry = Registry::open();
    home.register("prod", &format!("{}/acme", registry.host()));
    for (arguments, name) in [
        (&["--to", "prod"][..], "acme/train:v1"),
        (&["--to", "prod", "--as", "team/model"], "acme/team/model:v1"),
        (&["--to", "prod", "--as", "team/model:v2"], "acme/team/model:v2"),
    ] {
        home.ok(&[&["push", "oci:train:v1"], arguments].concat());
        skopeo::assert_same(registry.access(), &format!("{}/{name}", registry.host()), &image);
    }
    assert_eq!(registry.tags(), 3);
}

#[test]
fn the_registry_in_use_is_meant_where_none_is_named() {
    let (home, image) = home();
    let (first, second) = (Registry::open(), Registry::open());
    home.register("first", first.host());
    home.register("second", second.host());
    home.fails(2, &["push", "oci:train:v1", "--as", "train"]).says("crhost registry use");
    home.ok(&["registry", "use", "second"]);
    home.ok(&["push", "oci:train:v1", "--as", "train"]);
    skopeo::assert_same(second.access(), &format!("{}/train:v1", second.host()), &image);
    // What is named wins.
    home.ok(&["push", "oci:train:v1", "--as", "train", "--to", "first"]);
    skopeo::assert_same(first.access(), &format!("{}/train:v1", first.host()), &image);
    home.fails(3, &["registry", "use", "third"]).says("`first`");
    // A registry that is gone is no longer in use.
    home.ok(&["registry", "remove", "second"]);
    home.fails(2, &["push", "oci:train:v1", "--as", "train"]).says("crhost registry use");
}

#[test]
fn all_names_of_docker_hub_are_one_registry() {
    let home = Home::new();
    let forms =
        ["acme", "docker.io/acme", "index.docker.io/acme", "registry-1.docker.io/acme", "registry.hub.docker.com/acme"];
    for (number, uri) in forms.into_iter().enumerate() {
        home.ok(&["registry", "register", &format!("hub-{number}"), "--flavor=dockerhub", &format!("--uri={uri}")]);
    }
    let registries = home.ok(&["registry", "list", "-o", "json"]);
    let registries = registries.json();
    let registries = registries["registries"].as_array().unwrap();
    assert_eq!(registries.len(), forms.len());
    for registry in registries {
        assert_eq!(registry["uri"], "docker.io/acme", "{registry}");
    }
    // An image under any of the names belongs to all of these registries, so that the choice is ambiguous.
    let image = Image::small(here!(), architecture());
    for name in ["acme/train:v1", "docker.io/acme/train:v1", "index.docker.io/acme/train:v1"] {
        image_files::archive(&home.path("train.tar"), &[(name, &image)]);
        home.fails(2, &["push", &format!("docker-archive:train.tar:{name}")]).says("`hub-0`");
    }
    // An image of another account belongs to no registry.
    image_files::archive(&home.path("train.tar"), &[("acme-evil/train:v1", &image)]);
    let name = "docker-archive:train.tar:acme-evil/train:v1";
    home.fails(3, &["push", name]).says("`acme-evil/train:v1`");
}

#[test]
fn a_name_inside_an_image_file_is_suggested_and_decides_nothing() {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    home.register("prod", &format!("{}/acme", registry.host()));
    let theirs = format!("{}/acme/base/production:v9", registry.host());
    image_files::archive(&home.path("built.tar"), &[(&theirs, &image)]);
    image_files::compress(&home.path("built.tar"), &home.path("built.tar.gz"));
    // A layout whose only image has a whole name, as containerd writes it, and no tag that anyone would type.
    let mut entry = image_files::manifest(&home.path("layout"), &image);
    entry["annotations"] = json!({"io.containerd.image.name": theirs, "org.opencontainers.image.ref.name": "v9"});
    image_files::finish_layout(&home.path("layout"), &[entry]);
    for source in ["docker-archive:built.tar", "docker-archive:built.tar.gz", "oci:layout"] {
        for to in [&[][..], &["--to", "prod"]] {
            let refused = home.fails(2, &[&["push", source], to].concat());
            let command = format!("`crhost push {source} --to prod --as base/production:v9`");
            assert!(refused.hint().ends_with(&command), "{}", *refused);
        }
    }
    home.ok(&["registry", "use", "prod"]);
    home.fails(2, &["push", "docker-archive:built.tar"]).says("--to prod --as base/production:v9");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
    // What is typed decides, down to the tag.
    for (arguments, name) in [
        (&["docker-archive:built.tar", "--as", "mine"][..], "acme/mine:latest"),
        (&["docker-archive:built.tar", "--as", "mine:v1"], "acme/mine:v1"),
        (&["oci:layout", "--as", "yours"], "acme/yours:latest"),
        (&["oci:layout:v9", "--as", "yours"], "acme/yours:v9"),
        (&["oci:layout:v9"], "acme/layout:v9"),
        (&[&format!("oci:layout:{theirs}")], "acme/base/production:v9"),
    ] {
        home.ok(&[&["push"], arguments].concat());
        skopeo::assert_same(registry.access(), &format!("{}/{name}", registry.host()), &image);
    }
    assert_eq!(registry.tags(), 6);
}

#[test]
fn what_is_no_name_inside_an_image_file_is_not_shown() {
    let (home, image) = (Home::new(), Image::small(here!(), architecture()));
    home.register("prod", "localhost:1/acme");
    for name in ["acme/x\u{1b}]0;PWNED\u{7}:v1", "acme/x:v1\r\n::error::fake", "acme/x; rm -rf ~:v1"] {
        image_files::archive(&home.path("odd.tar"), &[(name, &image)]);
        let refused = home.fails(2, &["push", "docker-archive:odd.tar", "--to", "prod"]).says("--as REPOSITORY");
        refused.printable();
        assert!(!refused.stderr.contains("fake") && !refused.stderr.contains("rm -rf"), "{}", *refused);
    }
}
