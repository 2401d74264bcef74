//! Artifacts of others: those that are components are registered, all else is refused in one line.

use serde_json::{Value, json};

use super::{described, flavor, publish, version};
use crate::support::images::image_files;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::Repository;

/// An artifact of these layers with a configuration of a type.
#[track_caller]
fn put(repository: &Repository<'_>, tag: &str, config: (&str, &str), layers: &[(&str, &[u8])]) -> Value {
    let config = repository.blob(config.0, config.1.as_bytes());
    let layers: Vec<Value> = layers.iter().map(|(media_type, bytes)| repository.blob(media_type, bytes)).collect();
    let document = json!({"schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config, "layers": layers});
    repository.manifest(Some(tag), &document)
}

/// A configuration as wkg writes it.
const WKG: (&str, &str) = (
    "application/vnd.wasm.config.v0+json",
    r#"{"created":"2026-01-02T03:04:05.678Z","author":null,"architecture":"wasm","os":"wasip2","layerDigests":[],
        "component":{"exports":[],"imports":[],"target":null}}"#,
);

#[test]
fn what_other_tools_publish_is_registered() {
    let registry = Registry::open();
    let repository = Repository { host: registry.host(), name: "theirs" };
    for (tag, config, layer) in [
        ("1.0.0", WKG, "application/wasm"),
        ("oras", ("application/vnd.oci.empty.v1+json", "{}"), "application/wasm"),
        ("older", ("application/vnd.wasm.config.v1+json", "{}"), "application/vnd.wasm.content.layer.v1+wasm"),
    ] {
        let component = flavor("1.0.0", "");
        let put = put(&repository, tag, config, &[(layer, &component)]);
        let home = Home::new();
        home.ok(&["flavor", "register", &format!("oci://{}/theirs:{tag}", registry.host())]);
        let origin = described(&home)["origin"].as_str().unwrap().to_owned();
        assert!(origin.ends_with(put["digest"].as_str().unwrap()), "{origin}");
    }
}

#[test]
fn what_is_no_component_is_refused_with_what_it_is() {
    let registry = Registry::open();
    let (home, _) = Home::with_image();
    home.register("local", registry.host());
    home.ok(&push_layout("local", "train:v1"));
    let repository = Repository { host: registry.host(), name: "theirs" };
    let component = flavor("1.0.0", "");
    let wasm = ("application/wasm", component.as_slice());
    put(&repository, "two", WKG, &[wasm, ("application/wasm", b"x")]);
    put(&repository, "none", WKG, &[]);
    put(&repository, "sbom", ("application/vnd.oci.empty.v1+json", "{}"), &[("application/spdx+json", b"{}")]);
    put(&repository, "module", WKG, &[("application/wasm", b"\0asm\x01\0\0\0")]);
    put(&repository, "text", WKG, &[("application/wasm", b"no component")]);
    let of_image = repository.image(Some("image"), "seed", "2026-01-01T00:00:00Z");
    repository.index(Some("index"), &[&of_image]);
    for (name, said) in [
        ("train:v1", "it is a container image"),
        ("theirs:two", "it has 2 layers, expected one"),
        ("theirs:none", "it has no layer with anything in it"),
        ("theirs:sbom", "it has a layer of type `application/spdx+json`"),
        ("theirs:module", "it is a WebAssembly core module, expected a component"),
        ("theirs:text", "it is text, expected a WebAssembly component"),
        ("theirs:image", "it is a container image"),
        ("theirs:index", "it is an index of several images"),
    ] {
        home.fails(7, &["flavor", "register", &format!("oci://local/{name}")]).says(said);
    }
    home.fails(3, &["flavor", "register", "oci://local/theirs:missing"]).says("the registry has no");
    home.fails(3, &["flavor", "register", "oci://local/theirs"]).says("has no tag of a release");
    home.fails(2, &["flavor", "register", "oci://"]);
    assert!(home.ok(&["flavor", "list", "-o", "name"]).stdout.lines().all(|name| name != super::FLAVOR));
}

#[test]
fn bytes_that_were_changed_in_the_registry_are_not_registered() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/myreg", registry.host());
    publish(&home, &flavor("1.0.0", ""), &repository, &[]);
    // Longer than the manifest and the configuration.
    registry.damage_blobs(2_000);
    home.fails(8, &["flavor", "register", &format!("oci://{repository}:1.0.0")]).says("other bytes");
}

#[test]
fn a_tag_that_moved_is_told_and_what_is_pinned_stays() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/myreg", registry.host());
    let first = publish(&home, &flavor("1.0.0", ""), &repository, &[]);
    let name = format!("oci://{repository}:1.0.0");
    home.ok(&["flavor", "register", &name]);
    let before = described(&home);
    let other = flavor("1.0.0", r#"(data (i32.const 48) "B")"#);
    let second = publish(&home, &other, &repository, &["--force"]);
    let updated = home.ok(&["flavor", "update"]);
    for words in [&first, &second, "not", "flavor register", "--force"] {
        assert!(updated.stderr.contains(words), "{words}{updated}");
    }
    // The tag alone brings other bytes under the same version, the digest brings the same ones.
    home.fails(5, &["flavor", "register", &name]).says("already, with other bytes");
    home.ok(&["flavor", "register", &format!("{name}@{first}")]);
    assert_eq!(described(&home)["digest"], before["digest"]);
    home.ok(&["flavor", "register", &name, "--force"]);
    assert_ne!(described(&home)["digest"], before["digest"]);
    assert_eq!(version(&home), "1.0.0");
}

#[test]
fn a_name_without_an_artifact_is_refused_with_the_form_of_one() {
    let home = Home::new();
    for kind in ["flavor", "policy"] {
        for name in ["oci://", "oci://https://ghcr.io/acme"] {
            home.fails(2, &[kind, "register", name]).says("such as `oci://ghcr.io/acme/myreg:1.2.0`");
        }
    }
}
