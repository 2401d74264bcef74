//! `crhost delete`.

use axum::response::Response;
use serde_json::json;

use super::{digest, push, with_image};
use crate::inspect::scripted::{registry, say};
use crate::support::images::digest as digests;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files::MANIFEST;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::terminal;

#[test]
fn a_deletion_by_digest_tells_all_tags_that_go_and_needs_a_yes() {
    let serve = with_image(here!());
    let home = &serve.home;
    home.ok(&["tag", "dev/train:v1", "latest"]);
    push(&serve, "train:v2", &Image::small(here!(), architecture()));
    let first = digest(&serve, "train:v1");
    let name = format!("dev/train@{first}");
    let asked = home.fails(2, &["delete", &name]);
    assert!(asked.stderr.contains("`latest`, `v1`") && !asked.stderr.contains("`v2`"), "{}", *asked);
    asked.says("--yes");
    let dry = home.ok(&["delete", &name, "--dry-run", "-o", "json"]).json();
    let deleted = &dry["deleted"][0];
    assert_eq!((&deleted["digest"], &deleted["tags"]), (&json!(first), &json!(["latest", "v1"])));
    assert_eq!((&deleted["deletion"], &deleted["sharedWith"]), (&json!("manifest"), &json!([])));
    assert_eq!((&deleted["dryRun"], &deleted["allTagsKnown"]), (&json!(true), &json!(true)));
    assert_eq!(digest(&serve, "train:v1"), first);
    let done = home.ok(&["delete", &name, "--yes"]);
    assert_eq!(done.stdout.trim(), format!("{}/train@{first}", serve.host));
    home.fails(3, &["digest", "dev/train:latest"]);
    assert_eq!(home.ok(&["tags", "dev/train"]).stdout, "v2\n");
    home.fails(3, &["delete", "dev/train:v1", "--yes"]).says("has no");
}

#[test]
fn a_tag_that_shares_its_image_with_others_goes_alone_and_with_all_of_them_the_image() {
    let serve = with_image(here!());
    let home = &serve.home;
    for tag in ["latest", "old"] {
        home.ok(&["tag", "dev/train:v1", tag]);
    }
    let first = digest(&serve, "train:v1");
    let told = home.ok(&["delete", "dev/train:old", "--dry-run"]);
    assert!(told.stderr.contains(&format!("{first} stays, with `latest`, `v1`")), "{told}");
    let done = home.ok(&["delete", "dev/train:old", "--yes"]);
    assert_eq!(done.stdout.trim(), format!("{}/train:old", serve.host));
    assert_eq!(
        (home.ok(&["tags", "dev/train"]).stdout.as_str(), digest(&serve, "train:v1")),
        ("latest\nv1\n", first.clone())
    );
    let done = home.ok(&["delete", "dev/train:v1", "dev/train:latest", "--yes"]);
    assert_eq!(done.stdout.trim(), format!("{}/train@{first}", serve.host));
    assert_eq!(home.run(&["tags", "dev/train"]).stdout, "");
}

#[test]
fn a_terminal_is_asked_and_has_to_type_the_number_of_tags_that_were_not_named() {
    let serve = with_image(here!());
    let home = &serve.home;
    home.ok(&["tag", "dev/train:v1", "latest"]);
    let name = format!("dev/train@{}", digest(&serve, "train:v1"));
    let question = "2 tags go with it that you did not name; type their number to go on";
    let ask = |answer: &str| terminal::converse(home.command(&["delete", &name]), &[(question, answer)]);
    for answer in ["\r", "1\r", "y\r"] {
        let refused = ask(answer);
        assert!(refused.code == Some(1) && refused.screen.contains("nothing was deleted"), "{}", refused.screen);
    }
    assert_eq!(home.ok(&["tags", "dev/train"]).stdout, "latest\nv1\n");
    assert_eq!(ask("2\r").code, Some(0));
    assert_eq!(home.run(&["tags", "dev/train"]).stdout, "");
}

#[test]
fn a_tag_goes_alone_where_the_registry_can_do_that() {
    let serve = with_image(here!());
    let home = &serve.home;
    home.ok(&["tag", "dev/train:v1", "old"]);
    let first = digest(&serve, "train:v1");
    let done = home.ok(&["delete", "dev/train:old", "--untag", "--yes"]);
    assert_eq!(done.stdout.trim(), format!("{}/train:old", serve.host));
    assert_eq!(home.ok(&["tags", "dev/train"]).stdout, "v1\n");
    assert_eq!(digest(&serve, "train:v1"), first);
    home.fails(2, &["delete", &format!("dev/train@{first}"), "--untag", "--yes"]).says("has no tag");
}

#[test]
fn an_image_that_an_index_needs_stays() {
    let serve = with_image(here!());
    let home = &serve.home;
    home.ok(&["index", "create", "dev/train:all", "dev/train:v1"]);
    let (first, all) = (digest(&serve, "train:v1"), digest(&serve, "train:all"));
    // A trial ends as the deletion would.
    let told = home.run(&["delete", "dev/train:v1", "--dry-run", "-o", "json"]);
    assert_eq!((told.code, &told.json()["deleted"][0]["partOf"]), (Some(5), &json!(["all"])), "{told}");
    home.fails(5, &["delete", "dev/train:v1", "--yes"]).says("is part of `all`").says("--untag");
    assert_eq!(digest(&serve, "train:v1"), first);
    home.ok(&["delete", "dev/train:v1", "--untag", "--yes"]);
    assert_eq!(digest(&serve, "train:all"), all);
    // With the index, it may go.
    home.ok(&["delete", &format!("dev/train@{first}"), "dev/train:all", "--yes"]);
    assert_eq!(home.run(&["tags", "dev/train"]).stdout, "");
}

#[test]
fn what_belongs_to_an_image_by_cosigns_tags_is_told_too() {
    let mut serve = with_image(here!());
    serve.home.set("COSIGN_PASSWORD", "of the test");
    let home = &serve.home;
    home.ok(&["generate-key-pair"]);
    home.ok(&["sign", "dev/train:v1", "--key", "cosign.key"]);
    let signature = digest(&serve, &format!("train:{}.sig", digest(&serve, "train:v1").replace(':', "-")));
    let told = home.ok(&["delete", "dev/train:v1", "--dry-run", "-o", "json"]).json();
    assert_eq!(told["deleted"][0]["referrers"], json!([signature]));
    let listed = home.ok(&["referrers", "dev/train:v1", "-o", "json"]).json();
    let only = &listed["referrers"][0];
    assert_eq!(
        (&only["digest"], &only["artifactType"]),
        (&json!(signature), &json!("application/vnd.dev.cosign.simplesigning.v1+json"))
    );
    assert!(home.ok(&["referrers", "dev/train:v1", "--tree"]).stdout.contains(&signature));
}

/// A registry with one image whose deletions are answered with a status.
fn refusing(status: u16) -> impl Fn(&str, &str) -> Option<Response> + Clone + Send + Sync + 'static {
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": []}).to_string();
    move |method, target| {
        let headers = [("content-type", MANIFEST), ("docker-content-digest", &*digests::of(manifest.as_bytes()))];
        match method {
            "DELETE" => Some(say(status, &[], r#"{"errors":[{"code":"UNSUPPORTED","message":"no"}]}"#)),
            _ if target.contains("/tags/list") => Some(say(200, &[], r#"{"tags":["v1","v2"]}"#)),
            _ if target.contains("/manifests/sha256-") => None,
            _ if target.contains("/manifests/") => Some(say(200, &headers, manifest.clone())),
            _ => None,
        }
    }
}

#[test]
fn a_registry_that_deletes_nothing_says_so() {
    for status in [405, 501] {
        let fake = registry(refusing(status));
        let home = Home::new();
        let name = format!("{}/a:v1", fake.host());
        // Both tags name the same image.
        let shared = home.fails(1, &["delete", &name, "--yes"]);
        shared.says("does not delete a tag alone").says("`v2` included").says(&format!("{}/a@sha256:", fake.host()));
        home.fails(1, &["delete", &name, "--untag", "--yes"]).says("does not delete a tag alone").says("--untag");
        let both = name.replace(":v1", ":v2");
        home.fails(1, &["delete", &name, &both, "--yes"]).says("does not delete manifests");
    }
}

#[test]
fn referrers_that_lose_their_image_are_told() {
    let serve = with_image(here!());
    let home = &serve.home;
    let first = digest(&serve, "train:v1");
    let body = home.ok(&["manifest", "dev/train:v1"]);
    let mut signature = serve.image("train", "signature");
    signature["subject"] = json!({"mediaType": MANIFEST, "digest": first, "size": body.bytes.len()});
    let digest = serve.tag("train", "signature", &signature);
    let dry = home.ok(&["delete", "dev/train:v1", "--dry-run", "-o", "json"]).json();
    assert_eq!(dry["deleted"][0]["referrers"], json!([digest]));
}
