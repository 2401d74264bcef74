//! Images in registries that are not what they say, and such that say nothing.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{PUSH, machine, machine_with, outcomes};
use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::http1::Head;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files::{self, LAYER, MANIFEST};
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Has the registry keep a manifest with these layers for the configuration of an image.
fn plant(registry: &Registry, image: &Image, layers: impl FnOnce(&std::path::Path) -> Vec<Value>) {
    let home = machine(registry);
    let directory = home.path("layout");
    let layers = layers(&directory);
    let config = image_files::blob(&directory, CONFIG, &image.config);
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
    let mut entry = image_files::blob(&directory, MANIFEST, &serde_json::to_vec(&manifest).unwrap());
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": "v1"});
    image_files::finish_layout(&directory, &[entry]);
    home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "team/train:v1"]);
}

/// Pushes an image over what the tag has, and expects that nothing of that is in it. Gives what the push said.
fn assert_pushed_whole(registry: &Registry, image: &Image, sent: &[&str]) -> String {
    let home = machine_with(registry, image);
    let pushed = home.ok(&[&["push", "-v", "-o", "json"], &PUSH[..]].concat());
    assert_eq!(super::words(&pushed.json()), sent, "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), image);
    pushed.stderr
}

#[test]
fn a_blob_that_is_another_layer_than_the_configuration_says_is_not_taken() {
    let (image, other, registry) = (Image::of_noise(here!()), Image::of_noise(here!()), Registry::open());
    plant(&registry, &image, |directory| {
        let layers = other.layers.iter().zip(&image.layers).enumerate();
        let layer = |(number, (other, own))| if number == 2 { other } else { own };
        layers.map(layer).map(|layer: &Vec<u8>| image_files::blob(directory, LAYER, &gzip(layer))).collect()
    });
    let said = assert_pushed_whole(&registry, &image, &["present", "present", "uploaded", "present"]);
    assert!(said.contains("that is not this layer"), "{said}");
}

#[test]
fn a_blob_that_unpacks_without_end_costs_little() {
    let (image, registry) = (Image::small(here!(), architecture()), Registry::open());
    plant(&registry, &image, |directory| {
        // 600 MiB of zeros in 600 kB: more than the blob may stand for.
        let member = gzip(&vec![0; 1 << 20]);
        vec![image_files::blob(directory, LAYER, &member.repeat(600))]
    });
    let said = assert_pushed_whole(&registry, &image, &["uploaded"]);
    assert!(said.contains("it unpacks to more than"), "{said}");
}

#[test]
fn what_can_not_be_used_is_told_with_v_and_the_image_is_sent() {
    let image = Image::small(here!(), architecture());
    let layer = &image.layers[0];
    for (layers, words) in [
        (vec![(LAYER, gzip(layer)), (LAYER, gzip(layer))], "its manifest has 2 layers, its configuration names 1"),
        (vec![(LAYER, b"no gzip".to_vec())], "its compression is another one than its media type says"),
        (vec![("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", gzip(layer))], ""),
    ] {
        let registry = Registry::open();
        plant(&registry, &image, |directory| {
            layers.iter().map(|(kind, bytes)| image_files::blob(directory, kind, bytes)).collect()
        });
        let said = assert_pushed_whole(&registry, &image, &["uploaded"]);
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn the_layers_of_all_images_of_an_index_are_found() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    let home = machine(&registry);
    let other = Image::small(here!(), "s390x");
    image_files::multi_platform_layout(&home.path("layout"), "v1", &[("s390x", &other), (architecture(), &image)]);
    home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "team/train:v1", "--all-platforms"]);
    assert_pushed_whole(&registry, &image, &["present"; 4]);
}

#[test]
fn a_registry_that_refuses_to_be_read_costs_nothing_but_the_questions() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    machine_with(&registry, &image).ok(&[&["push"], &PUSH[..]].concat());
    let port = registry.port();
    for (target, answer) in [
        ("/manifests/v1", "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        (
            "/manifests/v1",
            "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.docker.distribution.manifest.v1+prettyjws\r\n\
             content-length: 2\r\nconnection: close\r\n\r\n{}",
        ),
        ("/blobs/", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nother"),
    ] {
        // A fake front of a real registry that answers the first reading of it so.
        let asked = AtomicBool::new(false);
        let front = Listener::start(move |mut stream, _| {
            let head = Head::read(&mut stream)?;
            let is_meant = head.method() == "GET" && head.target().contains(target);
            if is_meant && (target == "/blobs/" || !asked.swap(true, Ordering::Relaxed)) {
                return stream.write_all(answer.as_bytes());
            }
            forward_proxy::join(stream, head.forward(("127.0.0.1", port), "")?)
        });
        let home = Home::new();
        home.register("local", &format!("localhost:{}", front.port()));
        image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
        assert_eq!(outcomes(&home, &PUSH), ["uploaded"; 4], "{answer}");
        skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
    }
}

#[test]
fn a_registry_that_sends_nothing_is_not_waited_for_long() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    machine_with(&registry, &image).ok(&[&["push"], &PUSH[..]].concat());
    let (port, asked) = (registry.port(), AtomicUsize::new(0));
    // A fake front of a real registry that gives the configuration, and nothing of a layer.
    let front = Listener::start(move |mut stream, _| {
        let head = Head::read(&mut stream)?;
        let is_blob = head.method() == "GET" && head.target().contains("/blobs/");
        if is_blob && asked.fetch_add(1, Ordering::Relaxed) > 0 {
            // Until the client goes away.
            return stream.read(&mut [0]).map(drop);
        }
        forward_proxy::join(stream, head.forward(("127.0.0.1", port), "")?)
    });
    let home = Home::new();
    home.register("local", &format!("localhost:{}", front.port()));
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let pushed = home.ok(&[&["push", "-v", "-o", "json"], &PUSH[..]].concat());
    assert_eq!(super::words(&pushed.json()), ["uploaded"; 4]);
    assert!(pushed.stderr.contains("too slowly to prove"), "{pushed}");
}
