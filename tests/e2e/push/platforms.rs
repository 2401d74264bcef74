//! Images for several platforms in one push.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::images::digest;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files::{self, INDEX, MANIFEST, blob, finish_layout};
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::registry::Registry;

const PUSH: [&str; 7] = ["push", "oci:layout:v1", "--to", "local", "--as", "team/train", "--all-platforms"];

fn scene() -> (Home, Registry) {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    (home, registry)
}

fn index(directory: &Path, entries: &[Value]) -> Value {
    let index =
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries, "annotations": {"kept": "as it is"}});
    blob(directory, INDEX, &serde_json::to_vec_pretty(&index).unwrap())
}

fn image(directory: &Path, image: &Image, architecture: &str) -> Value {
    let mut entry = image_files::manifest(directory, image);
    entry["platform"] = json!({"os": "linux", "architecture": architecture});
    entry
}

/// What BuildKit adds to say how an image was made.
fn attestation(directory: &Path, of: &Value) -> Value {
    let config =
        blob(directory, "application/vnd.oci.image.config.v1+json", br#"{"architecture":"unknown","os":"unknown"}"#);
    let statement = format!(r#"{{"_type":"https://in-toto.io/Statement/v0.1","subject":[{}]}}"#, of["digest"]);
    let layer = blob(directory, "application/vnd.in-toto+json", statement.as_bytes());
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]});
    let mut entry = blob(directory, MANIFEST, manifest.to_string().as_bytes());
    entry["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    entry["annotations"] =
        json!({"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": of["digest"]});
    entry
}

fn tagged(mut entry: Value) -> Value {
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": "v1"});
    entry
}

fn name(registry: &Registry) -> String {
    format!("{}/team/train", registry.host())
}

#[track_caller]
fn assert_has(registry: &Registry, entry: &Value) {
    let digest = entry["digest"].as_str().unwrap();
    assert_eq!(skopeo::digest(registry.access(), &format!("{}@{digest}", name(registry))), digest);
}

#[test]
fn all_that_an_index_names_arrives_byte_for_byte_and_the_tag_last() {
    let (home, registry) = scene();
    let images = [Image::new(here!()), Image::new(here!()), Image::with_a_layer_twice(here!())];
    let directory = home.path("layout");
    let [amd64, arm64, riscv64] =
        [(0, "amd64"), (1, "arm64"), (2, "riscv64")].map(|(number, name)| image(&directory, &images[number], name));
    let inner = index(&directory, &[riscv64.clone(), amd64.clone()]);
    let middle = index(&directory, &[inner.clone(), inner.clone()]);
    let attestation = attestation(&directory, &amd64);
    let top = index(&directory, &[amd64.clone(), middle.clone(), arm64.clone(), attestation.clone()]);
    finish_layout(&directory, &[tagged(top.clone())]);
    let mut pushed = Value::Null;
    let files = ["--metadata-file", "metadata.json", "--tag", "latest", "-o", "json"];
    let requests = registry.requests_of(|| pushed = home.ok(&[&PUSH[..], &files].concat()).json());
    assert_eq!((&pushed["digest"], &pushed["mediaType"]), (&top["digest"], &json!(INDEX)));
    for entry in [&amd64, &arm64, &riscv64, &inner, &middle, &attestation, &top] {
        assert_has(&registry, entry);
    }
    for (entry, image) in [&amd64, &arm64, &riscv64].into_iter().zip(&images) {
        skopeo::assert_same(
            registry.access(),
            &format!("{}@{}", name(&registry), entry["digest"].as_str().unwrap()),
            image,
        );
    }
    let order: Vec<&str> =
        requests.iter().filter_map(|request| request.strip_prefix("PUT /v2/team/train/manifests/")).collect();
    let [inner, middle] = [inner, middle].map(|entry| entry["digest"].as_str().unwrap().to_owned());
    assert_eq!(order[order.len() - 4..], [inner.as_str(), &middle, "v1", "latest"]);
    assert_eq!(order.len(), 8, "{order:#?}");
    let metadata: Value = serde_json::from_slice(&fs::read(home.path("metadata.json")).unwrap()).unwrap();
    assert_eq!(metadata["containerimage.digest"], top["digest"]);
    assert_eq!(metadata.get("containerimage.config.digest"), None);
    // Each once, and the attestation's.
    assert_eq!(pushed["layers"].as_array().unwrap().len(), distinct_layers(&images) + 1);
}

fn distinct_layers(images: &[Image]) -> usize {
    let mut all: Vec<String> = images.iter().flat_map(Image::diff_ids).collect();
    all.sort();
    all.dedup();
    all.len()
}

#[test]
fn an_unchanged_index_costs_one_question_and_a_changed_image_is_sent_alone() {
    let (home, registry) = scene();
    let images = [Image::new(here!()), Image::new(here!())];
    let directory = home.path("layout");
    let write = |images: [&Image; 2]| {
        let entries = [image(&directory, images[0], "amd64"), image(&directory, images[1], "arm64")];
        let top = index(&directory, &entries);
        finish_layout(&directory, &[tagged(top.clone())]);
        top
    };
    write([&images[0], &images[1]]);
    let first = home.ok(&PUSH).stdout;
    let requests = registry.requests_of(|| {
        let second = home.ok(&PUSH);
        assert!(second.stdout == first && second.stderr.contains("unchanged"), "{second}");
    });
    assert_eq!(requests, ["GET /v2/", "HEAD /v2/team/train/manifests/v1"]);
    let changed = images[1].with_another_top(719);
    let top = write([&images[0], &changed]);
    let requests = registry.requests_of(|| drop(home.ok(&PUSH)));
    let sent = |what: &str| requests.iter().filter(|request| request.starts_with(what)).count();
    // A layer and a configuration; a manifest and the index.
    assert_eq!((sent("POST"), sent("PUT /v2/team/train/manifests/")), (2, 2), "{requests:#?}");
    assert_eq!(skopeo::digest(registry.access(), &format!("{}:v1", name(&registry))), top["digest"]);
}

/// As for `docker push`: the variable is about images to pull and to build.
#[test]
fn the_default_platform_of_docker_does_not_refuse_a_local_image_of_another() {
    let (mut home, _registry) = scene();
    home.set("DOCKER_DEFAULT_PLATFORM", "linux/s390x");
    let image = Image::small(here!(), architecture());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    for source in ["oci:layout:v1", "docker-archive:train.tar"] {
        home.ok(&["push", source, "--to", "local", "--as", "team/train:v1"]);
    }
    home.fails(3, &["push", "oci:layout:v1", "--to", "local", "--platform", "linux/s390x"]);
}

#[test]
fn images_that_lie_side_by_side_are_pushed_under_the_layouts_own_index() {
    let (home, registry) = scene();
    let images = [Image::small(here!(), "amd64"), Image::small(here!(), "arm64")];
    let directory = home.path("layout");
    let entries = [image(&directory, &images[0], "amd64"), image(&directory, &images[1], "arm64")];
    finish_layout(&directory, &entries);
    let push = ["push", "oci:layout", "--to", "local", "--as", "team/train:v1", "--all-platforms"];
    home.ok(&push);
    let own = digest::of(&fs::read(directory.join("index.json")).unwrap());
    assert_eq!(skopeo::digest(registry.access(), &format!("{}:v1", name(&registry))), own);
    entries.iter().for_each(|entry| assert_has(&registry, entry));
}

#[test]
fn an_image_without_an_index_is_all_of_its_platforms() {
    let (home, registry) = scene();
    let image = Image::small(here!(), architecture());
    let manifest = image_files::layout(&home.path("layout"), &[("v1", &image)]);
    home.ok(&PUSH);
    assert_eq!(skopeo::digest(registry.access(), &format!("{}:v1", name(&registry))), manifest[0]);
}

#[test]
fn a_dry_run_of_an_index_names_its_layers_and_sends_nothing() {
    let (home, registry) = scene();
    let images = [Image::small(here!(), "amd64"), Image::small(here!(), "arm64")];
    image_files::multi_platform_layout(&home.path("layout"), "v1", &[("amd64", &images[0]), ("arm64", &images[1])]);
    let rehearsed = home.ok(&[&PUSH[..], &["--dry-run", "-o", "json"]].concat()).json();
    let outcomes: Vec<&Value> = rehearsed["layers"].as_array().unwrap().iter().map(|layer| &layer["outcome"]).collect();
    assert_eq!(outcomes, ["missing", "missing"]);
    assert_eq!((registry.stored(), registry.open_uploads()), (0, 0));
    assert_eq!(home.ok(&[&PUSH[..], &["-o", "json"]].concat()).json()["digest"], rehearsed["digest"]);
}

#[test]
fn what_an_index_names_and_the_layout_lacks_is_found_before_any_byte() {
    let (home, registry) = scene();
    let images = [Image::small(here!(), "amd64"), Image::small(here!(), "arm64")];
    image_files::multi_platform_layout(&home.path("layout"), "v1", &[("amd64", &images[0]), ("arm64", &images[1])]);
    let blobs = home.path("layout/blobs/sha256");
    for gone in fs::read_dir(&blobs).unwrap().map(|blob| blob.unwrap().path()) {
        let bytes = fs::read(&gone).unwrap();
        fs::remove_file(&gone).unwrap();
        home.fails(8, &PUSH).says(gone.file_name().unwrap().to_str().unwrap());
        fs::write(&gone, bytes).unwrap();
    }
    assert_eq!(registry.stored(), 0);
    home.ok(&PUSH);
}

#[test]
fn a_damaged_layer_of_one_platform_leaves_no_tag() {
    let (home, registry) = scene();
    let images = [Image::small(here!(), "amd64"), Image::small(here!(), "arm64")];
    let directory = home.path("layout");
    image_files::multi_platform_layout(&directory, "v1", &[("amd64", &images[0]), ("arm64", &images[1])]);
    let manifest = image_files::manifest(&home.path("apart"), &images[1]);
    let manifest = directory.join("blobs/sha256").join(digest::hex(manifest["digest"].as_str().unwrap()));
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    let layer = directory.join("blobs/sha256").join(digest::hex(manifest["layers"][0]["digest"].as_str().unwrap()));
    let mut bytes = fs::read(&layer).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&layer, bytes).unwrap();
    home.fails(8, &PUSH).says("expected sha256:");
    assert_eq!(registry.tags(), 0);
}

#[test]
fn indexes_that_are_nested_too_deep_or_name_something_else_are_refused() {
    let (home, registry) = scene();
    let directory = home.path("layout");
    let mut entry = image(&directory, &Image::small(here!(), "amd64"), "amd64");
    for _ in 0..4 {
        entry = index(&directory, &[entry]);
    }
    finish_layout(&directory, &[tagged(entry.clone())]);
    home.ok(&PUSH);
    finish_layout(&directory, &[tagged(index(&directory, &[entry]))]);
    home.fails(1, &PUSH).says("nested");
    let text = blob(&directory, "text/plain", b"hello");
    finish_layout(&directory, &[tagged(index(&directory, &[text]))]);
    home.fails(1, &PUSH).says("text/plain");
    let not_an_image = blob(&directory, MANIFEST, b"{}");
    finish_layout(&directory, &[tagged(index(&directory, &[not_an_image]))]);
    assert_eq!(home.run(&PUSH).code, Some(1));
    assert_eq!(registry.tags(), 1);
}

#[test]
fn sources_of_one_platform_say_so() {
    let (home, registry) = scene();
    let image = Image::small(here!(), architecture());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let name = format!("{}/train:v1", registry.host());
    let _loaded = Loaded::new(&name, &image);
    for source in ["docker-archive:train.tar", &name] {
        home.fails(2, &["push", source, "--to", "local", "--as", "train", "--all-platforms"]).says("one platform");
    }
    assert_eq!(registry.stored(), 0);
}
