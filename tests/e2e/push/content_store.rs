//! Images of a daemon on this machine that keeps them in containerd's store.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::images::digest;
use crate::support::images::image::Image;
use crate::support::images::image_files::{self, LAYER};
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::{self, Loaded};
use crate::support::programs::registry::Registry;

/// A layer as `docker load` keeps it.
const TAR: &str = "application/vnd.oci.image.layer.v1.tar";

/// A registry, and a name that leads to it.
struct Scene {
    home: Home,
    registry: Registry,
    name: String,
}

/// Absent where the daemon keeps its images in another way, or these tests may not read its files.
fn scene() -> Option<Scene> {
    if !daemon::has_content_store() {
        return None;
    }
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let name = format!("{}/team/train:v1", registry.host());
    Some(Scene { home, registry, name })
}

impl Scene {
    /// Loads an image whose layers are compressed, and gives the digest of its manifest.
    fn load_compressed(&self, image: &Image) -> (Loaded, String) {
        let folder = TempDir::new().unwrap();
        let manifest = image_files::layout(folder.path(), &[(&self.name, image)]).remove(0);
        let loaded = Loaded::from_layout(&self.name, folder.path());
        assert_eq!(loaded.id(), manifest);
        (loaded, manifest)
    }

    /// How often the daemon exports the image for a push that ends well.
    #[track_caller]
    fn exports(&self, loaded: &Loaded, image: &Image, arguments: &[&str]) -> usize {
        let push = || drop(self.home.ok(&[&["push", self.name.as_str()], arguments].concat()));
        let exports = daemon::exports_of(&loaded.id(), push);
        skopeo::assert_same(self.registry.access(), &self.name, image);
        exports
    }

    #[track_caller]
    fn digest(&self) -> String {
        skopeo::digest(self.registry.access(), &self.name)
    }
}

#[test]
fn an_image_of_compressed_layers_arrives_byte_for_byte() {
    for image in [Image::new(here!()), Image::with_a_layer_twice(here!())] {
        let Some(scene) = scene() else { return };
        let (loaded, manifest) = scene.load_compressed(&image);
        assert_eq!(scene.exports(&loaded, &image, &[]), 0);
        assert_eq!(scene.digest(), manifest);
        assert_eq!(scene.exports(&loaded, &image, &[]), 0);
    }
}

#[test]
fn an_image_of_uncompressed_layers_arrives_compressed() {
    let (Some(scene), image) = (scene(), Image::new(here!())) else { return };
    let loaded = Loaded::new(&scene.name, &image);
    assert_eq!(scene.exports(&loaded, &image, &[]), 0);
    assert!(skopeo::layer_types(scene.registry.access(), &scene.name).iter().all(|kind| kind == LAYER));
    let ours = scene.digest();
    assert_eq!(scene.exports(&loaded, &image, &[]), 0);
    assert_eq!(scene.exports(&loaded, &image, &["--daemon-export"]), 1);
    assert_eq!(scene.digest(), ours);
}

#[test]
fn compressed_layers_above_uncompressed_ones_are_not_compressed_again() {
    let (Some(scene), image) = (scene(), Image::of_noise(here!())) else { return };
    // As when an image is built on one that was loaded.
    let folder = TempDir::new().unwrap();
    let compressed = image_files::manifest(folder.path(), &image);
    let blobs = folder.path().join("blobs/sha256");
    let file = blobs.join(digest::hex(compressed["digest"].as_str().unwrap()));
    let mut manifest: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    for (number, layer) in image.layers[..2].iter().enumerate() {
        manifest["layers"][number] = image_files::blob(folder.path(), TAR, layer);
    }
    let mut entry = image_files::blob(folder.path(), image_files::MANIFEST, manifest.to_string().as_bytes());
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": scene.name});
    image_files::finish_layout(folder.path(), &[entry]);
    let loaded = Loaded::from_layout(&scene.name, folder.path());
    assert_eq!(scene.exports(&loaded, &image, &[]), 0);
    let (before, layers) = (scene.digest(), skopeo::layers(scene.registry.access(), &scene.name));
    assert_eq!(&layers[2..], &manifest["layers"].as_array().unwrap()[2..]);
    assert!(layers.iter().all(|layer| layer["mediaType"] == LAYER));
    let again = scene.home.ok(&["push", &scene.name]);
    assert!(again.stderr.contains("unchanged") && scene.digest() == before, "{again}");
}

#[test]
fn compressed_layers_are_exported_where_the_store_is_not_to_be_read_or_elsewhere() {
    let (Some(mut scene), Some(socket), image) = (scene(), daemon::socket(), Image::new(here!())) else { return };
    let (loaded, _) = scene.load_compressed(&image);
    assert_eq!(scene.exports(&loaded, &image, &["--daemon-export"]), 1);
    assert_eq!(scene.exports(&loaded, &image, &["--daemon-export"]), 0);
    scene.registry.lose_content();
    let forwarded = daemon::forwarded(socket);
    scene.home.set("DOCKER_HOST", format!("tcp://127.0.0.1:{}", forwarded.port()));
    assert_eq!(scene.exports(&loaded, &image, &[]), 1);
}
