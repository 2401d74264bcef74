//! Tags that move while they are copied.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Scene;
use crate::support::fakes::faulty_proxy::{Fate, deciding};
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;
use crate::support::programs::serve::Serve;

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
    let (scene, serve) = (Scene::new(), Serve::start());
    let (old, new) = (serve.image("train", "old"), serve.image("train", "new"));
    let (before, host) = (serve.tag("train", "v1", &old), serve.host.clone());
    let serve = std::sync::Arc::new(serve);
    let (moving, moved) = (std::sync::Arc::clone(&serve), AtomicBool::new(false));
    let (expected, old_digest) = (new.to_string(), before.clone());
    let proxy = deciding(&host, move |line| {
        if line.starts_with("GET /v2/train/manifests/sha256:") && !moved.swap(true, Ordering::SeqCst) {
            moving.tag("train", "v1", &new);
            moving.ask("DELETE", &format!("/v2/train/manifests/{old_digest}")).expect(202);
        }
        Fate::Passes
    });
    let copied = scene.home.ok(&["copy", &format!("localhost:{}/train:v1", proxy.port()), "prod/train:v1"]);
    let after = crate::support::images::digest::of(expected.as_bytes());
    assert_eq!(copied.stdout, format!("{}/train@{after}\n", scene.prod.host()));
    assert_eq!(scene.digest("train:v1"), after);
}
