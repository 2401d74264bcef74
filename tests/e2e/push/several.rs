//! One image for several registries at once: read once, the same everywhere.

use std::process::Command;

use serde_json::json;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::{here, noise};
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registry::Registry;

/// Three registries, and a home with an image in each of its forms.
pub(super) struct Scene {
    pub(super) home: Home,
    pub(super) registries: Vec<Registry>,
    pub(super) image: Image,
}

/// The names of the registries.
pub(super) const NAMES: [&str; 3] = ["ecr", "gar", "ghcr"];

/// The image in each of its forms: as it is, read at random and compressed, and read once from end to end.
pub(super) const SOURCES: [&str; 3] = ["oci:layout:v1", "docker-archive:train.tar", "docker-archive:train.tar.gz"];

impl Scene {
    pub(super) fn new() -> Self {
        Self::of(Image::of_noise(here!()))
    }

    pub(super) fn of(image: Image) -> Self {
        let (home, registries) = (Home::new(), Vec::from([Registry::open(), Registry::open(), Registry::open()]));
        for (name, registry) in NAMES.iter().zip(&registries) {
            home.register(name, registry.host());
        }
        image_files::layout(&home.path("layout"), &[("v1", &image)]);
        image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
        image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
        Self { home, registries, image }
    }

    /// Whether a registry has the tag.
    #[track_caller]
    pub(super) fn is_tagged(&self, number: usize, repository: &str) -> bool {
        let registry = &self.registries[number];
        skopeo::has(registry.access(), &format!("{}/{repository}:v1", registry.host()))
    }

    /// Expects the whole image in a registry, and gives its digest.
    #[track_caller]
    pub(super) fn assert_arrived(&self, number: usize, repository: &str) -> String {
        let registry = &self.registries[number];
        let name = format!("{}/{repository}:v1", registry.host());
        skopeo::assert_same(registry.access(), &name, &self.image);
        skopeo::digest(registry.access(), &name)
    }
}

/// The arguments of a push to registries of these names.
pub(super) fn push<'a>(source: &'a str, named: &'a str, to: &[&'a str]) -> Vec<&'a str> {
    let to = to.iter().flat_map(|name| ["--to", name]);
    ["push", source, "--as", named].into_iter().chain(to).collect()
}

#[test]
fn an_image_arrives_whole_in_three_registries_with_one_digest_from_every_source() {
    let scene = Scene::new();
    for (number, source) in SOURCES.iter().enumerate() {
        let repository = format!("train-{number}");
        let pushed = scene.home.ok(&push(source, &format!("{repository}:v1"), &NAMES));
        let digests: Vec<String> = (0..3).map(|number| scene.assert_arrived(number, &repository)).collect();
        assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
        let expected: Vec<String> = scene
            .registries
            .iter()
            .map(|registry| format!("{}/{repository}@{}\n", registry.host(), digests[0]))
            .collect();
        assert_eq!(pushed.stdout, expected.concat());
        let again = scene.home.ok(&push(source, &format!("{repository}:v1"), &NAMES));
        assert_eq!(again.stdout, pushed.stdout);
        assert!(NAMES.iter().all(|name| again.stderr.contains(&format!("{name}: unchanged"))), "{again}");
    }
}

#[test]
fn a_registry_that_has_a_layer_takes_no_part_in_it() {
    let scene = Scene::new();
    scene.home.ok(&push(SOURCES[1], "train:v1", &["gar"]));
    let uploads = |requests: Vec<String>| requests.iter().filter(|request| request.starts_with("POST")).count();
    let counts: Vec<usize> = {
        let before: Vec<usize> = scene.registries.iter().map(|registry| uploads(registry.requests())).collect();
        scene.home.ok(&push(SOURCES[1], "train:v2", &NAMES));
        let after = scene.registries.iter().map(|registry| uploads(registry.requests()));
        after.zip(before).map(|(after, before)| after - before).collect()
    };
    // Four layers and the configuration.
    assert_eq!(counts, [5, 0, 5]);
}

#[test]
fn the_result_is_one_document_with_each_registry() {
    let scene = Scene::new();
    let pushed = scene.home.ok(&[&push(SOURCES[0], "train:v1", &NAMES)[..], &["--tag=latest", "-o", "json"]].concat());
    let document = pushed.json();
    let registries = document["registries"].as_array().unwrap();
    let to: Vec<&str> = registries.iter().map(|registry| registry["to"].as_str().unwrap()).collect();
    assert_eq!(to, NAMES);
    for (number, registry) in registries.iter().enumerate() {
        assert_eq!(registry["image"], format!("{}/train:v1", scene.registries[number].host()));
        assert_eq!(registry["tagsMoved"], json!(["v1", "latest"]));
        assert_eq!((&registry["error"], &registry["digest"]), (&json!(null), &registries[0]["digest"]));
    }
    let names = scene.home.ok(&[&push(SOURCES[0], "train:v1", &NAMES)[..], &["-o", "name"]].concat());
    assert_eq!(names.stdout.lines().count(), 3, "{names}");
    assert!(names.stdout.lines().all(|line| line.contains("/train@sha256:")), "{names}");
}

#[test]
fn files_name_the_image_in_all_registries() {
    let scene = Scene::new();
    let files = ["--metadata-file=metadata", "--digest-file=digest", "--dotenv-file=env"];
    scene.home.ok(&[&push(SOURCES[0], "train:v1", &NAMES)[..], &files].concat());
    let read = |name: &str| std::fs::read_to_string(scene.home.path(name)).unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&read("metadata")).unwrap();
    let names: Vec<String> = scene.registries.iter().map(|registry| format!("{}/train:v1", registry.host())).collect();
    assert_eq!(metadata["image.name"], names.join(","));
    assert_eq!(metadata["containerimage.digest"], read("digest").trim());
    assert!(read("env").contains("IMAGE_REFERENCES="), "{}", read("env"));
}

#[test]
fn a_registry_that_is_named_twice_is_one_and_the_same_repository_by_two_names_is_a_mistake() {
    let scene = Scene::new();
    let pushed = scene.home.ok(&push(SOURCES[0], "train:v1", &["gar", "gar"]));
    assert_eq!(pushed.stdout.lines().count(), 1, "{pushed}");
    let uri = scene.registries[1].host();
    let refused = scene.home.fails(2, &push(SOURCES[0], "train:v1", &["gar", uri]));
    assert!(refused.error().contains("are the same repository"), "{}", refused.error());
    scene.home.fails(3, &push(SOURCES[0], "train:v1", &["gar", "typo"]));
    scene.home.fails(2, &[&push("train:v1", "train:v1", &["gar", "ecr"])[..], &["--engine=daemon"]].concat());
}

#[test]
fn a_registry_by_its_uri_goes_with_registered_ones() {
    let scene = Scene::new();
    let uri = format!("{}/team", scene.registries[2].host());
    scene.home.ok(&push(SOURCES[1], "train:v1", &["ecr", &uri]));
    assert_eq!(scene.assert_arrived(0, "train"), scene.assert_arrived(2, "team/train"));
}

#[test]
fn a_dry_run_asks_all_and_sends_nothing() {
    let scene = Scene::new();
    scene.home.ok(&[&push(SOURCES[1], "train:v1", &NAMES)[..], &["--dry-run", "--all-or-none"]].concat());
    assert!(scene.registries.iter().all(|registry| registry.stored() == 0));
}

#[test]
fn of_an_image_that_one_registry_has_in_another_form_all_get_the_same_manifest() {
    let scene = Scene::new();
    // The same image, compressed by another method.
    scene.home.ok(&[&push(SOURCES[1], "train:v1", &["gar"])[..], &["--compression=none"]].concat());
    let other = scene.assert_arrived(1, "train");
    scene.home.ok(&[&push(SOURCES[1], "train:v1", &NAMES)[..], &["--if-changed"]].concat());
    let digests: Vec<String> = (0..3).map(|number| scene.assert_arrived(number, "train")).collect();
    assert!(digests.iter().all(|digest| *digest == digests[0] && *digest != other), "{digests:?}");
    // Where all have the other form, they keep it.
    scene.home.ok(&[&push(SOURCES[1], "kept:v1", &NAMES)[..], &["--compression=none"]].concat());
    let kept = scene.assert_arrived(1, "kept");
    scene.home.ok(&[&push(SOURCES[1], "kept:v1", &NAMES)[..], &["--if-changed"]].concat());
    assert_eq!([0, 1, 2].map(|number| scene.assert_arrived(number, "kept")), [kept.clone(), kept.clone(), kept]);
}

#[test]
fn layers_that_one_registry_has_from_another_program_are_the_same_in_all_registries() {
    let scene = Scene::new();
    let source = format!("docker-archive:{}:train:v1", scene.home.path("train.tar").display());
    let name = format!("{}/train:v1", scene.registries[0].host());
    let mut skopeo_copy = Command::new("skopeo");
    skopeo_copy.args(["--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-no-creds", &source]);
    process::run(skopeo_copy.arg(format!("docker://{name}"))).ok();
    let foreign = skopeo::digest(scene.registries[0].access(), &name);
    // What it has is proved, and used where it alone gets the image.
    scene.home.ok(&push(SOURCES[1], "train:v1", &NAMES[..1]));
    scene.home.ok(&push(SOURCES[1], "train:v1", &NAMES));
    let digests: Vec<String> = (0..3).map(|number| scene.assert_arrived(number, "train")).collect();
    assert!(digests.iter().all(|digest| *digest == digests[0] && *digest != foreign), "{digests:?}");
}

#[test]
fn a_push_is_no_faster_than_its_limit_and_a_limit_that_is_none_is_explained() {
    let scene = Scene::new();
    let start = std::time::Instant::now();
    scene.home.ok(&[&push(SOURCES[0], "train:v1", &["gar", "ecr"])[..], &["--limit-rate=2M"]].concat());
    // Twice 1.9 MB.
    assert!(start.elapsed().as_secs_f64() > 1.5, "{:?}", start.elapsed());
    scene.assert_arrived(0, "train");
    let refused = scene.home.fails(2, &[&push(SOURCES[0], "train:v1", &["gar"])[..], &["--limit-rate=20MB"]].concat());
    assert!(refused.error().contains("powers of 1024"), "{}", refused.error());
}

#[test]
fn an_image_is_read_once_for_three_registries_which_take_hardly_more_memory_than_one() {
    let layers = (0..4).map(|number| noise(here!() + number, 12 << 20)).collect();
    let scene = Scene::of(Image::of_layers(layers));
    let three = scene.home.ok(&push(SOURCES[1], "three:v1", &NAMES));
    scene.registries.iter().for_each(Registry::lose_content);
    let one = scene.home.ok(&push(SOURCES[1], "one:v1", &NAMES[..1]));
    // The image has 48 MiB; the rest are crhost's own files.
    assert!(one.read >= 48 << 20 && three.read < one.read + (16 << 20), "{} and {} bytes", one.read, three.read);
    // For each registry a block of each layer that is sent, and the buffers of its connections.
    let (three, one) = (three.memory >> 20, one.memory >> 20);
    assert!(three < one + 40 && three < 200, "{three} MiB, {one} MiB");
}
