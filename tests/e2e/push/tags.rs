//! Several tags, and images that a tag has already.

use std::process::Command;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registry::Registry;

/// A registry, and a home with an archive of an image.
fn scene() -> (Home, Registry, Image) {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::new(here!()));
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    (home, registry, image)
}

const PUSH: [&str; 4] = ["push", "docker-archive:train.tar:train:v1", "--to", "local"];

#[test]
fn all_tags_of_a_push_have_the_image_then() {
    let (home, registry, image) = scene();
    let tags = ["--tag", "latest", "--tag", "v1.2", "--tag", "v1"];
    let pushed = home.ok(&[&PUSH[..], &tags, &["-o", "json"]].concat()).json();
    assert_eq!(pushed["tags"], serde_json::json!(["v1", "latest", "v1.2"]));
    for tag in ["v1", "latest", "v1.2"] {
        let name = format!("{}/train:{tag}", registry.host());
        assert_eq!(skopeo::digest(registry.access(), &name), pushed["digest"]);
        skopeo::assert_same(registry.access(), &name, &image);
    }
    assert_eq!(registry.tags(), 3);
    let requests = registry.requests_of(|| drop(home.ok(&[&PUSH[..], &tags].concat())));
    assert_eq!(requests.len(), 4, "the registry, and each tag: {requests:#?}");
}

#[test]
fn the_tags_of_several_images_are_not_promised_to_move_together() {
    let (home, registry, _) = scene();
    let all = ["push", "docker-archive:train.tar", "--to", "local", "--as", "train", "--all-tags", "--all-or-none"];
    home.fails(2, &all).says("`--all-or-none` holds back the tags of one image");
    registry.assert_untouched();
}

#[test]
fn only_tags_that_lack_the_image_are_moved() {
    let (home, registry, _) = scene();
    home.ok(&PUSH);
    let requests = registry.requests_of(|| drop(home.ok(&[&PUSH[..], &["--tag", "v2"]].concat())));
    let moved: Vec<&String> =
        requests.iter().filter(|request| request.starts_with("PUT") || request.starts_with("POST")).collect();
    assert_eq!(moved, ["PUT /v2/train/manifests/v2"]);
    assert_eq!(registry.tags(), 2);
}

#[test]
fn an_image_that_another_program_pushed_is_left_alone_if_it_is_unchanged() {
    let (home, registry, image) = scene();
    let name = format!("{}/train:v1", registry.host());
    let mut skopeo = Command::new("skopeo");
    skopeo.args(["copy", "--quiet", "--dest-tls-verify=false"]);
    let archive = format!("docker-archive:{}", home.path("train.tar").display());
    process::run(skopeo.args([&archive, &format!("docker://{name}")])).ok();
    let theirs = skopeo::digest(registry.access(), &name);
    let pushed = home.ok(&[&PUSH[..], &["--if-changed"]].concat());
    assert_eq!(pushed.stdout, format!("{}/train@{theirs}\n", registry.host()));
    assert!(pushed.stderr.contains("unchanged"), "{pushed}");
    assert_eq!(skopeo::digest(registry.access(), &name), theirs);
    // Another image is another matter.
    let another = image.with_another_top(here!());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &another)]);
    home.ok(&[&PUSH[..], &["--if-changed"]].concat());
    skopeo::assert_same(registry.access(), &name, &another);
}

#[test]
fn a_tag_that_does_not_exist_is_a_change() {
    let (home, registry, image) = scene();
    home.ok(&[&PUSH[..], &["--if-changed"]].concat());
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}
