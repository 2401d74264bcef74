//! One image, or the index of several.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Scene, index_layout, push_layout};
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

#[test]
fn an_image_arrives_byte_for_byte_and_again_costs_two_questions() {
    let (scene, image) = (Scene::new(), Image::new(here!()));
    let digest = scene.push(&image, "acme/train", "v1");
    let copied = scene.home.ok(&["copy", "dev/acme/train:v1", "prod/train"]);
    assert_eq!(copied.stdout, format!("{}/train@{digest}\n", scene.prod.host()));
    assert!(copied.stderr.contains(&format!("copied {}/train:v1", scene.prod.host())), "{copied}");
    scene.assert_same("train:v1", &image);
    let mut written = Vec::new();
    let read = scene.dev.requests_of(|| {
        written = scene.prod.requests_of(|| {
            let again = scene.home.ok(&["copy", "dev/acme/train:v1", "prod/train:v1", "-o", "json"]).json();
            assert_eq!(again["images"][0]["outcome"], "unchanged", "{again}");
        });
    });
    let manifests =
        |requests: &[String]| requests.iter().filter(|request| !request.ends_with("/v2/")).cloned().collect();
    let (read, written): (Vec<String>, Vec<String>) = (manifests(&read), manifests(&written));
    assert_eq!(read, ["HEAD /v2/acme/train/manifests/v1"]);
    assert_eq!(written, ["HEAD /v2/train/manifests/v1"]);
}

#[test]
fn a_copy_is_by_tag_by_digest_or_latest_and_the_target_has_the_tag_that_was_given() {
    let (scene, image) = (Scene::new(), Image::small(here!(), architecture()));
    let digest = scene.push(&image, "train", "latest");
    scene.home.ok(&["copy", "dev/train", "prod/a"]);
    scene.home.ok(&["copy", &format!("dev/train@{digest}"), "prod/b:v2"]);
    scene.home.ok(&[
        "copy",
        &format!("docker://{}/train:latest", scene.dev.host()),
        &format!("{}/c:v3", scene.prod.host()),
    ]);
    let untagged = scene.home.ok(&["copy", &format!("dev/train@{digest}"), "prod/d"]);
    assert_eq!(untagged.stdout, format!("{}/d@{digest}\n", scene.prod.host()));
    for name in ["a:latest", "b:v2", "c:v3", &format!("d@{digest}")] {
        assert_eq!(scene.digest(name), digest, "{name}");
    }
    assert!(!scene.has("d:latest"));
    let other = scene.push(&Image::small(here!(), architecture()), "train", "other");
    scene.home.fails(8, &["copy", "dev/train:latest", &format!("prod/e@{other}")]).says("would have the digest");
}

#[test]
fn an_index_stays_whole_and_a_platform_is_its_image() {
    let (scene, images) = (Scene::new(), [Image::small(here!(), "amd64"), Image::small(here!(), "arm64")]);
    let [amd64, arm64] = &images;
    let third = Image::small(here!(), "s390x");
    let layout = scene.home.path("index");
    let digest = index_layout(&layout, &[("amd64", amd64), ("arm64", arm64), ("s390x", &third)]);
    push_layout(&scene.home, &layout, "dev", "train:v1");
    scene.home.ok(&["copy", "dev/train:v1", "prod/train:v1"]);
    assert_eq!(scene.digest("train:v1"), digest);
    scene.home.ok(&["copy", "dev/train:v1", "prod/one:v1", "--platform", "linux/arm64"]);
    scene.assert_same("one:v1", arm64);
    let two = ["copy", "dev/train:v1", "prod/two:v1", "--platform", "linux/amd64", "--platform", "linux/arm64"];
    let first = scene.home.ok(&two);
    let again = scene.home.ok(&[&two[..], &["-o", "json"]].concat()).json();
    assert_eq!(again["images"][0]["outcome"], "unchanged", "{again}");
    assert!(first.stdout.trim().ends_with(again["images"][0]["digest"].as_str().unwrap()), "{first}");
    let raw = raw(&scene, "two:v1");
    let (whole, part) = (self::raw(&scene, "train:v1"), raw["manifests"].as_array().unwrap());
    assert_eq!(part[..], whole["manifests"].as_array().unwrap()[..4]);
    for entry in part {
        assert!(scene.has(&format!("two@{}", entry["digest"].as_str().unwrap())));
    }
    scene.home.fails(3, &["copy", "dev/train:v1", "prod/x:v1", "--platform", "windows/amd64"]).says("windows/amd64");
    // An index that lacks one of those that were asked for is not what was asked for.
    let lacking = ["copy", "dev/train:v1", "prod/x:v1", "--platform", "linux/amd64", "--platform", "linux/386"];
    scene.home.fails(3, &lacking).says("has no image for `linux/386`");
    assert!(!scene.has("x:v1"));
}

#[test]
fn a_layer_that_an_image_has_twice_counts_once() {
    let scene = Scene::new();
    scene.push(&Image::with_a_layer_twice(here!()), "train", "v1");
    let copied = scene.home.ok(&["copy", "dev/train:v1", "prod/train:v1", "-o", "json"]).json();
    let manifest = raw(&scene, "train:v1");
    let layers = manifest["layers"].as_array().unwrap().iter();
    let sizes: BTreeMap<&str, u64> =
        layers.map(|layer| (layer["digest"].as_str().unwrap(), layer["size"].as_u64().unwrap())).collect();
    assert!(sizes.len() < manifest["layers"].as_array().unwrap().len(), "{manifest}");
    assert_eq!(copied["bytesSent"], sizes.values().sum::<u64>(), "{copied}");
}

fn raw(scene: &Scene, name: &str) -> Value {
    let name = format!("docker://{}/{name}", scene.prod.host());
    let arguments = ["inspect", "--raw", "--tls-verify=false", "--no-creds", &name];
    crate::support::programs::process::tool("skopeo", arguments).ok().json()
}

#[test]
fn within_a_registry_blobs_are_mounted_and_none_moves() {
    let (scene, image) = (Scene::new(), Image::new(here!()));
    let digest = scene.push(&image, "team/train", "v1");
    let requests = scene.dev.requests_of(|| {
        let copied = scene.home.ok(&["copy", "dev/team/train:v1", "dev/release/train:v1", "-o", "json"]).json();
        assert_eq!(copied["images"][0]["layersSkipped"], 4, "{copied}");
    });
    let moved = |request: &&String| {
        let is_config = request.contains(&image.config_digest());
        request.contains("/blobs/") && (request.starts_with("PUT ") || request.starts_with("GET ") && !is_config)
    };
    assert_eq!(requests.iter().find(moved), None, "{requests:#?}");
    let name = format!("{}/release/train:v1", scene.dev.host());
    assert_eq!(skopeo::digest(scene.dev.access(), &name), digest);
    skopeo::assert_same(scene.dev.access(), &name, &image);
}

#[test]
fn each_side_has_its_own_login() {
    let (dev, prod, home) = (Registry::with_password(), Registry::with_unusual_password(), Home::new());
    let image = Image::small(here!(), architecture());
    crate::support::images::image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let (from, to) = (format!("{}/train:v1", dev.host()), format!("{}/train:v1", prod.host()));
    home.docker_login(dev.host(), USER, PASSWORD);
    home.ok(&["push", &format!("oci:{}", home.path("layout").display()), "--to", dev.host(), "--as", "train:v1"]);
    let refused = home.fails(4, &["copy", &from, &to]);
    assert!(refused.error().contains(prod.host()), "{}", refused.error());
    assert_eq!(prod.stored(), 0);
    let login = |host: &str, user: &str, password: &str| {
        use base64::Engine as _;
        serde_json::json!({ host: { "auth": base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")) } })
    };
    let mut auths = login(dev.host(), USER, PASSWORD);
    let other = login(prod.host(), USER, crate::support::programs::registry::UNUSUAL_PASSWORD);
    auths.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    home.docker_config(&serde_json::json!({ "auths": auths }));
    home.ok(&["copy", &from, &to]);
    skopeo::assert_same(prod.access(), &to, &image);
}

#[test]
fn a_dry_run_and_a_copy_of_what_is_not_there_write_nothing() {
    let (scene, image) = (Scene::new(), Image::new(here!()));
    scene.push(&image, "train", "v1");
    let planned = scene.home.ok(&["copy", "dev/train:v1", "prod/train:v1", "--dry-run"]);
    assert!(planned.stderr.contains("train:v1: would be copied"), "{planned}");
    let absent = scene.home.fails(3, &["copy", "dev/train:v9", "prod/train:v9"]);
    absent.says("has no tag `v9`");
    scene.prod.assert_untouched();
}
