//! `crhost tag`.

use serde_json::json;

use super::{digest, push, with_image};
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};

#[test]
fn an_image_gets_tags_without_moving_a_blob() {
    let serve = with_image(here!());
    let first = digest(&serve, "train:v1");
    let tagged =
        serve.home.ok(&["tag", "dev/train:v1", "latest", &format!("{}/train:stable", serve.host), "-o", "json"]);
    let tagged = tagged.json();
    assert_eq!(
        tagged["tags"],
        json!([{"tag": "latest", "outcome": "created"}, {"tag": "stable", "outcome": "created"}])
    );
    for tag in ["latest", "stable"] {
        assert_eq!(skopeo::digest(&Access::default(), &format!("{}/train:{tag}", serve.host)), first);
    }
    let again = serve.home.ok(&["tag", "dev/train:v1", "latest"]);
    assert!(again.stderr.contains("is that image already"), "{again}");
    assert_eq!(again.stdout.trim(), format!("{}/train@{first}", serve.host));
    push(&serve, "train:v2", &Image::small(here!(), architecture()));
    let moved = serve.home.ok(&["tag", &format!("dev/train@{}", digest(&serve, "train:v2")), "latest"]);
    assert!(moved.stderr.contains(&format!("moved {}/train:latest, which named {first}", serve.host)), "{moved}");
    assert_eq!(digest(&serve, "train:latest"), digest(&serve, "train:v2"));
}

#[test]
fn a_tag_stays_in_its_repository_and_is_no_digest() {
    let serve = with_image(here!());
    let home = &serve.home;
    home.fails(2, &["tag", "dev/train:v1", "dev/other:v1"]).says("another repository").says("crhost copy");
    home.fails(2, &["tag", "dev/train:v1", &format!("dev/train@{}", digest(&serve, "train:v1"))]).says("is no tag");
    home.fails(2, &["tag", "dev/train:v1", "not a tag"]);
    home.fails(3, &["tag", "dev/train:v9", "latest"]).says("has no");
}
