//! `--engine daemon`: the real daemon uploads, crhost prepares, gives the credentials and verifies.

use serde_json::json;

use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::process;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// The name of an image in the daemon that no registry has.
fn name(registry: &Registry) -> String {
    format!("engines-{}:v1", registry.host().rsplit_once(':').unwrap().1)
}

/// Whether the daemon has a name.
fn daemon_has(name: &str) -> bool {
    process::tool("docker", ["image", "inspect", "--format", "{{.Id}}", name]).code == Some(0)
}

#[test]
fn the_daemon_sends_an_image_with_the_registrys_credentials_and_the_rest_is_as_in_every_push() {
    let (mut home, registry, image) = (Home::new(), Registry::with_password(), Image::new(here!()));
    let _loaded = Loaded::new(&name(&registry), &image);
    home.register("local", registry.host());
    home.docker_login(registry.host(), USER, PASSWORD);
    let digest_file = home.path("digest");
    let push = ["push", &name(&registry), "--to", "local", "--as", "team/train:v1", "--engine", "daemon"];
    let more = ["--tag", "v2", "--digest-file", digest_file.to_str().unwrap(), "-o", "json"];
    let pushed = home.ok(&[&push[..], &more].concat()).json();
    let full = format!("{}/team/train:v1", registry.host());
    skopeo::assert_same(registry.access(), &full, &image);
    let digest = skopeo::digest(registry.access(), &full);
    assert_eq!(pushed["digest"], json!(digest));
    assert_eq!(skopeo::digest(registry.access(), &full.replace(":v1", ":v2")), digest);
    assert_eq!(std::fs::read_to_string(digest_file).unwrap().trim(), digest);
    assert_eq!((&pushed["tags"], &pushed["unchanged"]), (&json!(["v1", "v2"]), &json!(false)));
    let layers = pushed["layers"].as_array().unwrap();
    assert!(
        layers.len() == image.layers.len() && layers.iter().all(|layer| layer["outcome"] == "uploaded"),
        "{pushed}"
    );
    // The name of the push is gone, and the image is there.
    assert!(!daemon_has(&full) && daemon_has(&name(&registry)));
    let again = home.ok(&push);
    assert_eq!(again.stdout.trim(), format!("{}/team/train@{digest}", registry.host()));
    assert!(again.stderr.contains("unchanged"), "{again}");
    home.set("CRHOST_ENGINE", "daemon");
    let dry = home.ok(&["push", &name(&registry), "--to", "local", "--as", "team/other:v1", "--dry-run"]);
    assert!(dry.stderr.contains("dry run: nothing was uploaded"), "{dry}");
    assert!(!skopeo::has(registry.access(), &format!("{}/team/other:v1", registry.host())));
}

#[test]
fn a_name_that_another_image_has_in_the_daemon_goes_back_to_it() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let (image, other) = (Image::new(here!()), Image::small(here!(), "amd64"));
    let (_loaded, full) = (Loaded::new(&name(&registry), &image), format!("{}/train:v1", registry.host()));
    let owner = Loaded::new(&full, &other);
    home.ok(&["push", &name(&registry), "--to", "local", "--as", "train:v1", "--engine", "daemon"]);
    skopeo::assert_same(registry.access(), &full, &image);
    assert_eq!(owner.id(), other.config_digest());
}
