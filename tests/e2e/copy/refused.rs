//! Copies that nothing may come of: the target's registry is not even asked, or only read.

use super::Scene;
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;
use crate::support::programs::guest;

/// The exit code of something that a policy is against.
const AGAINST: i32 = 9;

/// A key for tests.
fn vector(name: &str) -> String {
    format!("{}/../host/src/signature/vectors/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn is_read(request: &str) -> bool {
    request.starts_with("GET ") || request.starts_with("HEAD ")
}

#[test]
fn the_target_of_a_copy_without_a_source_is_not_asked() {
    let scene = Scene::new();
    scene.push(&Image::small(here!(), architecture()), "train", "v1");
    let absent = format!("dev/train@sha256:{}", "0".repeat(64));
    let key = vector("p256.pub");
    let requests = scene.prod.requests_of(|| {
        for (code, arguments) in [
            (3, &["dev/absent:v1", "prod/train"][..]),
            (3, &["dev/train:v9", "prod/train"]),
            (3, &[&absent, "prod/train"]),
            (3, &["dev/absent", "prod/train", "--all-tags"]),
            (3, &["dev/train", "prod/train", "--all-tags", "--include", "x*"]),
            (3, &["dev/train", "prod/train", "--all-tags", "--include", "v9"]),
            (3, &["dev/train:v1", "prod/train", "--platform", "plan9/mips"]),
            (8, &["dev/train:v1", "prod/train", "--require-signature", &key]),
            (8, &["dev/train", "prod/train", "--all-tags", "--require-signature", &key]),
        ] {
            let ended = scene.home.run(&[&["copy"], arguments].concat());
            assert_eq!(ended.code, Some(code), "{arguments:?} {ended}");
        }
    });
    assert_eq!(requests, Vec::<String>::new());
}

#[test]
fn an_image_that_is_signed_is_copied_where_a_signature_is_wanted_and_policies_see_it() {
    let scene = Scene::new();
    for (number, tag) in ["v1", "v2"].into_iter().enumerate() {
        scene.push(&Image::small(here!() + number as u64, architecture()), "train", tag);
    }
    let (home, key) = (&scene.home, vector("p256.pub"));
    home.ok(&["sign", "dev/train:v2", "--key", &vector("p256-pkcs8.key")]);
    let judge = guest::build_with_cargo("judge");
    home.ok(&["policy", "register", judge.to_str().unwrap(), "--option", "way=tell"]);
    let one = home.ok(&["copy", "dev/train:v2", "prod/one", "--require-signature", &key, "--dry-run"]);
    assert!(one.stderr.contains(" signature=true Some(\"sha256:"), "{one}");
    let all = ["copy", "dev/train", "prod/train", "--all-tags", "--include", "v*", "--require-signature", &key];
    let ended = home.run(&all);
    // Only the signed one goes, and the tag that has the signature is no image of its own.
    assert_eq!(ended.code, Some(8), "{ended}");
    assert!(ended.stderr.contains("is not signed"), "{ended}");
    assert!(scene.has("train:v2") && !scene.has("train:v1"));
    let other = ["copy", "dev/train:v2", "prod/other", "--require-signature", &vector("p384.pub")];
    home.fails(8, &other).says("not made with this key");
    assert!(!scene.has("other:v2"));
}

#[test]
fn a_policy_is_asked_before_anything_is_made_at_the_target_and_not_about_what_is_there() {
    let scene = Scene::new();
    scene.push(&Image::small(here!(), architecture()), "train", "latest");
    let home = &scene.home;
    home.ok(&["copy", "dev/train", "prod/there"]);
    home.ok(&["policy", "register", "no-latest"]);
    let refused = || drop(home.fails(AGAINST, &["copy", "dev/train", "prod/train"]));
    let requests = scene.prod.requests_of(refused);
    assert!(requests.iter().all(|request| is_read(request)), "{requests:#?}");
    assert!(home.ok(&["copy", "dev/train", "prod/there", "-o", "json"]).stdout.contains("unchanged"));
    home.ok(&["copy", "dev/train", "prod/train:v1"]);
    // Of several, those that are admitted go.
    let ended = home.run(&["copy", "dev/train", "prod/all", "--all-tags"]);
    assert_eq!(ended.code, Some(AGAINST), "{ended}");
    assert!(!scene.has("all:latest"));
    scene.push(&Image::small(here!(), architecture()), "train", "v2");
    let ended = home.run(&["copy", "dev/train", "prod/all", "--all-tags"]);
    assert_eq!(ended.code, Some(AGAINST), "{ended}");
    assert!(scene.has("all:v2") && !scene.has("all:latest"));
}
