//! `crhost annotate`.

use super::{digest, with_image};
use crate::support::images::digest as digests;
use crate::support::images::noise::here;

#[test]
fn annotations_change_and_the_old_manifest_stays() {
    let serve = with_image(here!());
    let home = &serve.home;
    let (old, before) = (digest(&serve, "train:v1"), home.ok(&["manifest", "dev/train:v1"]).stdout);
    let done = home.ok(&["annotate", "dev/train:v1", "org.opencontainers.image.version=3.1", "a=b c"]);
    let new = digest(&serve, "train:v1");
    assert_eq!(done.stdout.trim(), format!("{}/train@{new}", serve.host));
    let after = home.ok(&["manifest", "dev/train:v1"]);
    assert_eq!(digests::of(&after.bytes), new);
    // All bytes before the last brace stay.
    let kept = before.trim_end().trim_end_matches('}').trim_end();
    assert!(after.stdout.starts_with(kept) && after.stdout.contains("\"a\": \"b c\""), "{after}");
    assert_eq!(home.ok(&["manifest", &format!("dev/train@{old}")]).stdout, before);
    home.ok(&["annotate", "dev/train:v1", "a-", "--new-tag", "v1-clean"]);
    assert_eq!(digest(&serve, "train:v1"), new);
    let told = home.ok(&["inspect", "dev/train:v1-clean", "--jq", ".annotations | keys[]"]);
    assert_eq!(told.stdout.trim(), "org.opencontainers.image.version");
    home.fails(2, &["annotate", &format!("dev/train@{old}"), "a=b"]).says("--new-tag");
    home.ok(&["annotate", &format!("dev/train@{old}"), "a=b", "--new-tag", "v2"]);
    home.fails(2, &["annotate", "dev/train:v1", "nothing"]);
}

#[test]
fn an_index_is_annotated_itself() {
    let serve = with_image(here!());
    let home = &serve.home;
    home.ok(&["index", "create", "dev/train:all", "dev/train:v1"]);
    let child = home.ok(&["digest", "dev/train:v1"]).stdout;
    home.ok(&["annotate", "dev/train:all", "stage=tested"]);
    let told = home.ok(&["inspect", "dev/train:all", "-o", "json"]).json();
    assert_eq!((&told["annotations"]["stage"], &told["kind"]), (&"tested".into(), &"index".into()));
    assert_eq!(told["manifests"][0]["digest"], child.trim());
}
