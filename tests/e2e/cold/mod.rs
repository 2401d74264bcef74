//! A machine that has never pushed before, and a registry that has most of the image.

mod lies;
mod split;

use serde_json::Value;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// The outcome of each layer of a push that the arguments ask for.
fn outcomes(home: &Home, arguments: &[&str]) -> Vec<String> {
    let pushed = home.ok(&[&["push", "-o", "json"], arguments].concat()).json();
    words(&pushed)
}

fn words(pushed: &Value) -> Vec<String> {
    let layers = pushed["layers"].as_array().unwrap().iter();
    layers.map(|layer| layer["outcome"].as_str().unwrap().to_owned()).collect()
}

/// A machine of its own, on which nothing is remembered.
fn machine(registry: &Registry) -> Home {
    let home = Home::new();
    home.register("local", registry.host());
    home
}

/// A machine with an archive of an image.
fn machine_with(registry: &Registry, image: &Image) -> Home {
    let home = machine(registry);
    image_files::archive(&home.path("train.tar"), &[("train:v1", image)]);
    home
}

/// An image whose archive has other bytes than it should for all layers but the last: reading one of them fails.
fn unreadable_below(image: &Image) -> Image {
    let mut image = image.clone();
    let below = image.layers.len() - 1;
    for layer in &mut image.layers[..below] {
        for byte in &mut *layer {
            *byte ^= 1;
        }
    }
    image
}

const PUSH: [&str; 5] = ["docker-archive:train.tar", "--to", "local", "--as", "team/train:v1"];

fn downloads(requests: &[String]) -> usize {
    requests.iter().filter(|request| request.starts_with("GET") && request.contains("/blobs/")).count()
}

fn uploads(requests: &[String]) -> usize {
    requests.iter().filter(|request| request.starts_with("POST")).count()
}

#[test]
fn a_new_machine_reads_and_sends_the_new_layer_alone() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    let changed = image.with_another_top(here!());
    machine_with(&registry, &image).ok(&[&["push"], &PUSH[..]].concat());
    let home = machine_with(&registry, &unreadable_below(&changed));
    let requests = registry.requests_of(|| {
        assert_eq!(outcomes(&home, &PUSH), ["present", "present", "present", "uploaded"]);
    });
    // The old image's configuration and three layers; the new layer and the new configuration.
    assert_eq!((downloads(&requests), uploads(&requests)), (4, 2), "{requests:#?}");
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &changed);
    // What was proved is remembered.
    let requests = registry.requests_of(|| {
        let pushed = home.ok(&[&["push", "-o", "json"], &PUSH[..]].concat()).json();
        assert_eq!(pushed["unchanged"], true);
    });
    assert_eq!(downloads(&requests), 0, "{requests:#?}");
}

#[test]
fn an_image_that_the_tag_has_is_found_to_be_the_same_on_a_new_machine() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    let digest = machine_with(&registry, &image).ok(&[&["push", "-o", "json"], &PUSH[..]].concat()).json();
    let pushed = machine_with(&registry, &image).ok(&[&["push", "-o", "json"], &PUSH[..]].concat()).json();
    assert_eq!((&pushed["digest"], &pushed["unchanged"]), (&digest["digest"], &true.into()));
}

#[test]
fn what_is_trusted_is_not_downloaded_and_what_is_not_asked_for_is_sent() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    let changed = image.with_another_top(here!());
    machine_with(&registry, &image).ok(&[&["push"], &PUSH[..]].concat());
    let trusting = machine_with(&registry, &unreadable_below(&changed));
    let arguments = [&PUSH[..], &["--trust-remote-layers"]].concat();
    let requests = registry.requests_of(|| {
        assert_eq!(outcomes(&trusting, &arguments), ["present", "present", "present", "uploaded"]);
    });
    assert_eq!(downloads(&requests), 1, "{requests:#?}");
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &changed);
    let mut alone = machine_with(&registry, &image);
    alone.set("CRHOST_NO_REMOTE_LAYERS", "true");
    let requests = registry.requests_of(|| assert_eq!(outcomes(&alone, &PUSH), ["uploaded"; 4]));
    assert_eq!(downloads(&requests), 0, "{requests:#?}");
}

#[test]
fn layers_of_an_image_in_another_repository_are_mounted() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    let changed = image.with_another_top(here!());
    machine_with(&registry, &image).ok(&["push", "docker-archive:train.tar", "--to", "local", "--as", "base:v1"]);
    let home = machine_with(&registry, &unreadable_below(&changed));
    let arguments = [&PUSH[..], &["--cache-from", "local/nothing:v1,local/base:v1"]].concat();
    let requests = registry.requests_of(|| {
        let pushed = home.ok(&[&["push", "-o", "json"], &arguments[..]].concat());
        assert_eq!(words(&pushed.json())[3], "uploaded");
        assert!(pushed.stderr.contains("no layer is taken from `local/nothing:v1`: it does not exist"), "{pushed}");
    });
    let mounts = requests.iter().filter(|request| request.contains("from=base")).count();
    assert_eq!((mounts, uploads(&requests)), (3, 5), "{requests:#?}");
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &changed);
}

#[test]
fn what_another_registry_says_helps_where_this_one_has_the_blobs() {
    let (image, registry, other) = (Image::new(here!()), Registry::open(), Registry::open());
    let changed = image.with_another_top(here!());
    let first = machine_with(&registry, &image);
    first.ok(&["push", "docker-archive:train.tar", "--to", "local", "--as", "team/train:old"]);
    first.register("other", other.host());
    first.ok(&["push", "docker-archive:train.tar", "--to", "other", "--as", "base:v1"]);
    let name = format!("{}/base:v1", other.host());
    // The tag is new in this registry.
    let home = machine_with(&registry, &unreadable_below(&changed));
    let arguments = [&PUSH[..], &["--cache-from", &name]].concat();
    assert_eq!(outcomes(&home, &arguments), ["present", "present", "present", "uploaded"]);
    // Where it lacks them, they are sent.
    let empty = Registry::open();
    let home = machine_with(&empty, &changed);
    assert_eq!(outcomes(&home, &arguments), ["uploaded"; 4]);
    skopeo::assert_same(empty.access(), &format!("{}/team/train:v1", empty.host()), &changed);
}

#[test]
fn another_compression_than_the_one_asked_for_is_not_taken() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    machine_with(&registry, &image).ok(&[&["push"], &PUSH[..]].concat());
    let arguments = |method| [&PUSH[..], &["--compression", method]].concat();
    let home = machine_with(&registry, &image);
    assert_eq!(outcomes(&home, &arguments("zstd")), ["uploaded"; 4]);
    // A level is no other compression.
    machine_with(&registry, &image).ok(&[&["push"], &PUSH[..]].concat());
    assert_eq!(outcomes(&machine_with(&registry, &image), &arguments("gzip:9")), ["present"; 4]);
}
