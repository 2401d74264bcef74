//! Copies from registry to registry: what skopeo finds at the target is what the source has.

mod attached;
mod hostile;
mod images;
mod moving;
mod refused;
mod tags;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::images::image::Image;
use crate::support::images::{digest, image_files};
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// Two registries, `dev` that is copied from and `prod`.
struct Scene {
    dev: Registry,
    prod: Registry,
    home: Home,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { dev: Registry::open(), prod: Registry::open(), home: Home::new() };
        scene.home.register("dev", scene.dev.host());
        scene.home.register("prod", scene.prod.host());
        scene
    }

    /// Pushes an image to `dev`, and gives its digest.
    #[track_caller]
    fn push(&self, image: &Image, repository: &str, tag: &str) -> String {
        let layout = self.home.path(&format!("layout-{}-{tag}", repository.replace('/', "-")));
        let [digest] = image_files::layout(&layout, &[(tag, image)]).try_into().unwrap();
        push_layout(&self.home, &layout, "dev", &format!("{repository}:{tag}"));
        digest
    }

    /// The digest that a tag of `prod` has.
    #[track_caller]
    fn digest(&self, name: &str) -> String {
        skopeo::digest(self.prod.access(), &format!("{}/{name}", self.prod.host()))
    }

    #[track_caller]
    fn assert_same(&self, name: &str, image: &Image) {
        skopeo::assert_same(self.prod.access(), &format!("{}/{name}", self.prod.host()), image);
    }

    fn has(&self, name: &str) -> bool {
        skopeo::has(self.prod.access(), &format!("{}/{name}", self.prod.host()))
    }
}

/// Pushes what a layout has, as it is.
#[track_caller]
fn push_layout(home: &Home, layout: &Path, to: &str, named: &str) {
    let source = format!("oci:{}", layout.display());
    home.ok(&["push", &source, "--all-platforms", "--to", to, "--as", named]);
}

/// Writes an index of images by architecture, each with an attestation, and gives its digest.
fn index_layout(directory: &Path, images: &[(&str, &Image)]) -> String {
    let mut entries = Vec::new();
    for (architecture, image) in images {
        let mut entry = image_files::manifest(directory, image);
        entry["platform"] = json!({"os": "linux", "architecture": architecture});
        let digest = entry["digest"].clone();
        entries.push(entry);
        let mut attestation = attestation(directory, architecture);
        attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        attestation["annotations"] =
            json!({"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest});
        entries.push(attestation);
    }
    let index = json!({"schemaVersion": 2, "mediaType": image_files::INDEX, "manifests": entries});
    let bytes = serde_json::to_vec_pretty(&index).unwrap();
    let mut entry = image_files::blob(directory, image_files::INDEX, &bytes);
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": "v1"});
    image_files::finish_layout(directory, &[entry]);
    digest::of(&bytes)
}

/// A manifest as BuildKit writes it for the provenance of an image.
fn attestation(directory: &Path, of: &str) -> Value {
    let config = image_files::blob(directory, "application/vnd.oci.image.config.v1+json", b"{}");
    let statement =
        image_files::blob(directory, "application/vnd.in-toto+json", format!("provenance of {of}").as_bytes());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config, "layers": [statement],
    });
    image_files::blob(directory, image_files::MANIFEST, &serde_json::to_vec(&manifest).unwrap())
}
