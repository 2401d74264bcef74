//! Images that a fake registry has, honest ones and others.

mod blobs;
pub(super) mod fake;

use serde_json::{Value, json};

use super::{RemoteError, RemoteImage};
use crate::error::{Explain as _, Kind};
use crate::image::{Descriptor, media_type};
use crate::source::{Image, Options};
use fake::{Fake, Registry};

/// A configuration for a platform, as `os/architecture`.
fn config(registry: &mut Registry, platform: &str) -> Descriptor {
    let (os, architecture) = platform.split_once('/').unwrap();
    registry.blob(media_type::OCI_CONFIG, json!({ "os": os, "architecture": architecture }).to_string())
}

/// An image for a platform.
fn image(registry: &mut Registry, platform: &str, tag: &str) -> Descriptor {
    let (config, layer) = (config(registry, platform), registry.blob(media_type::OCI_LAYER_GZIP, platform.to_owned()));
    let manifest = json!({ "schemaVersion": 2, "config": config, "layers": [layer] });
    registry.manifest(media_type::OCI_MANIFEST, tag, &manifest)
}

/// An entry of an index.
fn entry(of: &Descriptor, platform: &str) -> Value {
    let (os, architecture) = platform.split_once('/').unwrap();
    let mut entry = json!(of);
    entry["platform"] = json!({ "os": os, "architecture": architecture });
    entry
}

fn index(registry: &mut Registry, tag: &str, entries: &[Value]) -> Descriptor {
    registry.manifest(media_type::OCI_INDEX, tag, &json!({ "schemaVersion": 2, "manifests": entries }))
}

async fn open(fake: &Fake, name: &str, options: &Options) -> Result<RemoteImage, RemoteError> {
    let name = format!("{}/acme/train{name}", fake.host).parse().unwrap();
    RemoteImage::open(&fake.repository, &name, options).await
}

fn platform(text: &str) -> Options {
    Options { platform: Some(text.parse().unwrap()), ..Options::default() }
}

fn all() -> Options {
    Options { all_platforms: true, ..Options::default() }
}

#[tokio::test]
async fn an_image_is_found_by_its_tag_its_digest_and_as_latest() {
    let mut registry = Registry::default();
    let made = image(&mut registry, "linux/amd64", "latest");
    let fake = registry.serve().await;
    for name in [String::new(), ":latest".to_owned(), format!("@{}", made.digest), format!(":gone@{}", made.digest)] {
        let found = open(&fake, &name, &Options::default()).await.unwrap();
        assert_eq!((&found.digest, &found.named), (&made.digest, &made.digest));
        assert!(matches!(found.image, Image::Stored { .. }));
    }
    let Err(error) = open(&fake, ":v9", &Options::default()).await else { panic!() };
    assert!(error.to_string().ends_with("/acme/train:v9`"), "{error}");
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn of_an_index_the_image_of_the_platform_is_taken() {
    let mut registry = Registry::default();
    let entries = ["linux/amd64", "linux/arm64"].map(|name| entry(&image(&mut registry, name, "x"), name));
    let attestation = registry.manifest(media_type::OCI_MANIFEST, "x", &json!({}));
    let attested = entry(&attestation, "unknown/unknown");
    let inner = index(&mut registry, "inner", &[entries[1].clone()]);
    let made = index(&mut registry, "v1", &[attested, entries[0].clone(), json!(inner)]);
    let fake = registry.serve().await;
    for (wanted, digest) in [("linux/amd64", &entries[0]["digest"]), ("linux/arm64", &entries[1]["digest"])] {
        let found = open(&fake, ":v1", &platform(wanted)).await.unwrap();
        assert_eq!((json!(found.digest), found.named), (digest.clone(), made.digest.clone()));
        assert_eq!(found.platform.unwrap().to_string(), wanted);
    }
    let Err(error) = open(&fake, ":v1", &platform("linux/s390x")).await else { panic!() };
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.hint().unwrap().as_str().contains("linux/arm64"), "{error}");
}

#[tokio::test]
async fn platforms_that_an_index_does_not_name_are_those_of_the_configurations() {
    let mut registry = Registry::default();
    let entries = ["linux/amd64", "linux/arm64"].map(|name| json!(image(&mut registry, name, "x")));
    index(&mut registry, "v1", &entries);
    let fake = registry.serve().await;
    let found = open(&fake, ":v1", &platform("linux/arm64")).await.unwrap();
    assert_eq!(json!(found.digest), entries[1]["digest"]);
}

#[tokio::test]
async fn a_whole_index_has_its_children_before_itself_and_each_layer_once() {
    let mut registry = Registry::default();
    let entries = ["linux/amd64", "linux/arm64"].map(|name| entry(&image(&mut registry, name, "x"), name));
    let odd = registry.manifest("application/vnd.acme.odd", "x", &json!({ "odd": true }));
    let cached = registry.blob("application/vnd.oci.image.layer.v1.tar+zstd", "cache");
    let inner = index(&mut registry, "x", &entries);
    let made = index(&mut registry, "v1", &[json!(inner), entries[0].clone(), json!(odd), json!(cached)]);
    let fake = registry.serve().await;
    let found = open(&fake, ":v1", &all()).await.unwrap();
    assert_eq!((&found.digest, &found.named), (&made.digest, &made.digest));
    let Image::Index(stored) = &found.image else { panic!() };
    let types: Vec<&str> = stored.children.iter().map(|child| child.media_type.as_str()).collect();
    assert_eq!(types.len(), 4, "{types:?}");
    assert!(
        types.contains(&"application/vnd.acme.odd") && *types.last().unwrap() == media_type::OCI_INDEX,
        "{types:?}"
    );
    assert_eq!(stored.layers.len(), 3);
    assert_eq!(fake.asked(&inner.digest.to_string()), 1);
}

#[tokio::test]
async fn an_index_that_a_registry_has_in_part_names_what_is_missing() {
    let mut registry = Registry::default();
    let here = entry(&image(&mut registry, "linux/amd64", "x"), "linux/amd64");
    let gone = image(&mut registry, "linux/arm64", "x");
    registry.manifests.remove(gone.digest.as_str());
    index(&mut registry, "v1", &[here, entry(&gone, "linux/arm64")]);
    let fake = registry.serve().await;
    assert!(open(&fake, ":v1", &platform("linux/amd64")).await.is_ok());
    let Err(error) = open(&fake, ":v1", &all()).await else { panic!() };
    assert!(error.to_string().contains(gone.digest.as_str()), "{error}");
}

#[tokio::test]
async fn an_index_that_names_itself_or_others_without_end_is_refused() {
    let mut registry = Registry::default();
    let mut inner = index(&mut registry, "x", &[]);
    for _ in 0..5 {
        inner = index(&mut registry, "deep", &[json!(inner)]);
    }
    // No index has its own digest within itself: a registry that gives one lies.
    let own = json!({ "schemaVersion": 2, "manifests": [inner] });
    registry.manifest(media_type::OCI_INDEX, "own", &own);
    let (_, lying) = registry.manifests["own"].clone();
    registry.manifests.insert(inner.digest.to_string(), (media_type::OCI_INDEX.to_owned(), lying));
    let fake = registry.serve().await;
    for options in [Options::default(), all()] {
        let Err(error) = open(&fake, ":own", &options).await else { panic!() };
        assert_eq!(error.kind(), Kind::Verification, "{error}");
        let Err(error) = open(&fake, ":deep", &options).await else { panic!() };
        assert!(error.to_string().contains("nested more than"), "{error}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_those_of_their_digest_or_size_are_refused() {
    let mut registry = Registry::default();
    let made = image(&mut registry, "linux/amd64", "v1");
    let config = config(&mut registry, "linux/amd64");
    registry.blobs.insert(config.digest.to_string(), "other".into());
    let mut sized = json!(made);
    sized["size"] = json!(7);
    index(&mut registry, "sized", &[sized]);
    let fake = registry.serve().await;
    for name in [":v1", ":sized"] {
        let Err(error) = open(&fake, name, &Options::default()).await else { panic!() };
        assert_eq!(error.kind(), Kind::Verification, "{error}");
    }
}

#[tokio::test]
async fn what_is_no_image_is_named() {
    let mut registry = Registry::default();
    let schema_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    registry.manifest(schema_1, "old", &json!({ "schemaVersion": 1 }));
    let layer = registry.blob(media_type::OCI_LAYER_GZIP, "layer");
    index(&mut registry, "cache", &[json!(layer)]);
    let fake = registry.serve().await;
    for (name, words) in [(":old", schema_1), (":cache", "build cache")] {
        let Err(error) = open(&fake, name, &Options::default()).await else { panic!() };
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(open(&fake, ":cache", &all()).await.is_ok());
}
