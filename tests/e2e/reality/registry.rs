//! Pushes without ceremony: nothing registered, a digest as name, a home that can't be written to.

use std::process::Command;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::registry::Registry;

#[test]
fn a_name_with_a_host_needs_no_registration() {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    let name = format!("{}/acme/train:v3", registry.host());
    image_files::archive(&home.path("train.tar"), &[(&name, &image)]);
    let source = format!("docker-archive:train.tar:{name}");
    let pushed = home.ok(&["push", &source]);
    let used = format!("using flavor `default` for {}/acme", registry.host());
    assert!(pushed.stderr.contains(&used), "{pushed}");
    skopeo::assert_same(registry.access(), &name, &image);
    assert_eq!(home.ok(&["push", &source, "-o", "json"]).json()["registry"], serde_json::Value::Null);
    // Nothing was registered by it.
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"], serde_json::json!([]));
}

#[test]
fn a_registry_is_named_for_one_push_by_options_or_by_the_environment() {
    let (mut home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    let uri = format!("{}/acme", registry.host());
    home.ok(&["push", "oci:train:v1", "--flavor", "default", "--uri", &uri]);
    skopeo::assert_same(registry.access(), &format!("{uri}/train:v1"), &image);
    home.fails(2, &["push", "oci:train:v1", "--flavor", "default"]).says("--uri");
    home.fails(2, &["push", "oci:train:v1", "--uri", &uri, "--option", "nosuch=1"]).says("`nosuch`");
    home.set("CRHOST_REGISTRY_URI", uri.as_str());
    home.ok(&["push", "oci:train:v1", "--as", "other:v2"]);
    skopeo::assert_same(registry.access(), &format!("{uri}/other:v2"), &image);
}

#[test]
fn a_digest_moves_no_tag_that_is_not_named_and_no_tag_to_another_image() {
    let (home, registry) = (Home::new(), Registry::open());
    let (image, other) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    home.register("dev", &format!("{}/acme", registry.host()));
    let name = format!("{}/acme/train", registry.host());
    let loaded = Loaded::new(&format!("{name}:v3"), &image);
    home.ok(&["push", &format!("{name}:v3")]);
    image_files::layout(&home.path("other"), &[("v1", &other)]);
    home.ok(&["push", "oci:other:v1", "--to", "dev", "--as", "train:latest"]);
    let (digest, latest) = (
        skopeo::digest(registry.access(), &format!("{name}:v3")),
        skopeo::digest(registry.access(), &format!("{name}:latest")),
    );
    let pull = |of: &str| {
        let pulled = Command::new("docker").args(["pull", "--quiet", &format!("{name}@{of}")]).output().unwrap();
        assert!(pulled.status.success(), "{}", String::from_utf8_lossy(&pulled.stderr));
    };
    pull(&digest);
    home.ok(&["push", &format!("{name}@{digest}")]);
    home.ok(&["push", &format!("{name}:v9@{digest}")]);
    assert_eq!(skopeo::digest(registry.access(), &format!("{name}:latest")), latest);
    assert_eq!(skopeo::digest(registry.access(), &format!("{name}:v9")), digest);
    // The daemon does not keep the layers as they were compressed, so that it can't give this image again.
    pull(&latest);
    for source in [format!("{name}@{latest}"), format!("{name}:v10@{latest}")] {
        home.fails(8, &["push", &source]).says(&latest);
    }
    assert!(!skopeo::has(registry.access(), &format!("{name}:v10")));
    // The id of an image is no repository called `sha256`.
    home.fails(2, &["push", &loaded.id(), "--to", "dev"]).says("--as");
}

#[test]
fn a_name_in_upper_case_is_refused_before_the_daemon_is_asked() {
    let mut home = Home::new();
    home.register("dev", "localhost:1/acme");
    home.set("DOCKER_HOST", "tcp://127.0.0.1:1");
    for (name, lower) in [("TRAIN:v3", "train:v3"), ("LocalHost:5000/Acme/Train:v3", "localhost:5000/acme/train:v3")] {
        home.fails(2, &["push", name, "--to", "dev"]).says(&format!("did you mean `{lower}`?"));
    }
}

#[test]
fn a_home_that_can_not_be_made_stops_no_push_and_no_command_that_only_reads() {
    let (mut home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    // No directory can be made below a file, whoever makes it.
    home.set("CRHOST_HOME", "/dev/null/crhost");
    home.ok(&["registry", "list"]);
    let uri = format!("{}/acme", registry.host());
    home.ok(&["push", "oci:train:v1", "--uri", &uri]);
    skopeo::assert_same(registry.access(), &format!("{uri}/train:v1"), &image);
    let refused = home.fails(1, &["registry", "register", "dev", "--flavor=default", "--uri=localhost:1"]);
    refused.says("/dev/null/crhost").says("CRHOST_HOME");
}
