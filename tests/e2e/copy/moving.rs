//! Tags that move while they are copied.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Scene;
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;

#[test]
fn a_tag_that_moves_in_mid_copy_leaves_the_image_that_it_named_before() {
    let scene = Scene::new();
    let (old, new) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    scene.push(&new, "train", "next");
    let digest = scene.push(&old, "train", "v1");
    let moved = AtomicBool::new(false);
    let (dev, next) = (scene.dev.host().to_owned(), scene.home.command(&["copy", "dev/train:next", "dev/train:v1"]));
    let next = parking_lot::Mutex::new(next);
    let proxy = deciding(&dev, move |line| {
        // By now the tag is a digest.
        if line.starts_with("GET /v2/train/manifests/") && !moved.swap(true, Ordering::SeqCst) {
            assert!(next.lock().output().unwrap().status.success());
        }
        Fate::Passes
    });
    scene.home.ok(&["copy", &format!("localhost:{}/train:v1", proxy.port()), "prod/train:v1"]);
    assert_eq!(scene.digest("train:v1"), digest);
    scene.assert_same("train:v1", &old);
    let later = scene.home.ok(&["copy", "dev/train:v1", "prod/train:v1"]);
    assert!(!later.stdout.contains(&digest), "{later}");
    scene.assert_same("train:v1", &new);
}

#[test]
fn an_image_that_is_gone_since_its_tag_moved_is_replaced_by_the_new_one() {
    let scene = Scene::new();
    let (old, new) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    let next = scene.push(&new, "train", "next");
    let gone = scene.push(&old, "train", "v1");
    let retag = parking_lot::Mutex::new(scene.home.command(&["copy", "dev/train:next", "dev/train:v1"]));
    let moved = AtomicBool::new(false);
    // As a registry does that keeps no image without a tag.
    let proxy = deciding(scene.dev.host(), move |line| {
        if !line.starts_with("GET /v2/train/manifests/") || !line.contains(&gone) {
            return Fate::Passes;
        }
        if !moved.swap(true, Ordering::SeqCst) {
            assert!(retag.lock().output().unwrap().status.success());
        }
        Fate::Gets(refusal("404 Not Found", ""))
    });
    let copied = scene.home.ok(&["copy", &format!("localhost:{}/train:v1", proxy.port()), "prod/train:v1"]);
    assert_eq!(copied.stdout, format!("{}/train@{next}\n", scene.prod.host()));
    scene.assert_same("train:v1", &new);
}
