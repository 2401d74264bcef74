//! `crhost index`.

use serde_json::{Value, json};

use super::{digest, push, with_image};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files::{INDEX, MANIFEST};
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};
use crate::support::programs::registry::Registry;

const OTHER: &str = "s390x";

#[test]
fn an_index_is_made_of_images_with_the_platforms_of_their_configurations() {
    let serve = with_image(here!());
    let (home, far) = (&serve.home, Image::small(here!(), OTHER));
    push(&serve, "train:far", &far);
    let create = ["index", "create", "dev/train:all", "dev/train:v1", "dev/train:far", "--annotation", "a=b"];
    let dry = home.ok(&[&create[..], &["--dry-run", "-o", "json"]].concat()).json();
    home.fails(3, &["digest", "dev/train:all"]);
    let created = home.ok(&[&create[..], &["-o", "json"]].concat()).json();
    assert_eq!(created["digest"], dry["digest"]);
    assert_eq!(digest(&serve, "train:all"), created["digest"].as_str().unwrap());
    let index: Value = serde_json::from_slice(&home.ok(&["manifest", "dev/train:all"]).bytes).unwrap();
    assert_eq!((&index["mediaType"], &index["annotations"]), (&json!(INDEX), &json!({"a": "b"})));
    assert_eq!(index["manifests"][1]["platform"], json!({"architecture": OTHER, "os": "linux"}));
    assert_eq!(index["manifests"][0]["digest"], digest(&serve, "train:v1"));
    // skopeo finds the image for another platform in it.
    let all = format!("{}/train:all", serve.host);
    assert_eq!(skopeo::digest(&Access::default(), &all), created["digest"].as_str().unwrap());
    // Of an index, its images are taken, each once.
    home.ok(&["index", "create", "dev/train:again", "dev/train:all", "dev/train:v1", "--annotation", "a=b"]);
    assert_eq!(digest(&serve, "train:again"), digest(&serve, "train:all"));
}

#[test]
fn two_images_for_one_platform_are_refused_and_images_are_added_and_removed() {
    let serve = with_image(here!());
    let home = &serve.home;
    push(&serve, "train:twin", &Image::small(here!(), architecture()));
    push(&serve, "train:far", &Image::small(here!(), OTHER));
    home.fails(2, &["index", "create", "dev/train:all", "dev/train:v1", "dev/train:twin"]).says("are both for");
    home.ok(&["index", "create", "dev/train:all", "dev/train:v1"]);
    home.ok(&["index", "add", "dev/train:all", "dev/train:far"]);
    let platforms = || {
        let told = home.ok(&["inspect", "dev/train:all", "--jq", "[.manifests[].platform] | join(\" \")"]);
        told.stdout.trim().to_owned()
    };
    assert_eq!(platforms(), format!("linux/{} linux/{OTHER}", architecture()));
    home.ok(&["index", "remove", "dev/train:all", &format!("linux/{}", architecture())]);
    assert_eq!(platforms(), format!("linux/{OTHER}"));
    home.fails(3, &["index", "remove", "dev/train:all", "plan9/mips"]).says("has no `plan9/mips`");
    home.fails(2, &["index", "remove", "dev/train:all", &format!("linux/{OTHER}")]).says("nothing would be left");
    home.fails(2, &["index", "add", "dev/train:v1", "dev/train:far"]).says("no index");
}

#[test]
fn images_of_other_repositories_and_registries_are_brought_into_the_index() {
    let serve = with_image(here!());
    let (home, registry) = (&serve.home, Registry::open());
    let (near, far) = (Image::small(here!(), architecture()), Image::small(here!(), OTHER));
    push(&serve, "parts/near:v1", &near);
    home.register("local", registry.host());
    crate::support::images::image_files::layout(&home.path("far"), &[("v1", &far)]);
    home.ok(&["push", "oci:far:v1", "--to", "local", "--as", "parts/far:v1"]);
    for target in ["dev/whole:v1", "local/whole:v1"] {
        home.ok(&["index", "create", target, "dev/parts/near:v1", "local/parts/far:v1"]);
        let platform = format!("linux/{OTHER}");
        assert_eq!(home.ok(&["config", target, "--platform", &platform]).bytes, far.config);
        assert_eq!(home.ok(&["ls-files", target, "--platform", &platform, "-o", "name"]).stdout, "/small\n");
    }
    let digests = |name: &str| home.ok(&["digest", name]).stdout;
    assert_eq!(digests("dev/whole:v1"), digests("local/whole:v1"));
}

#[test]
fn an_image_is_copied_for_an_index_as_any_other_copy_with_what_is_stored_elsewhere_left_there() {
    let serve = with_image(here!());
    let home = &serve.home;
    let mut manifest: Value = serde_json::from_slice(&home.ok(&["manifest", "dev/train:v1"]).bytes).unwrap();
    let elsewhere = json!({
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": format!("sha256:{}", "1".repeat(64)), "size": 7, "urls": ["https://layers.example.com/1"],
    });
    manifest["layers"].as_array_mut().unwrap().push(elsewhere);
    let foreign = serve.tag("train", "foreign", &manifest);
    home.ok(&["index", "create", "dev/other:all", "dev/train:foreign"]);
    assert_eq!(home.ok(&["digest", &format!("dev/other@{foreign}")]).stdout.trim(), foreign);
    // What is found out late makes nothing.
    home.fails(3, &["index", "create", "dev/third:all", "dev/train:v1", "dev/train:absent"]);
    assert_eq!(serve.ask("GET", "/v2/third/tags/list").status, 404);
    home.ok(&["policy", "register", "no-latest"]);
    home.fails(9, &["index", "create", "dev/third:latest", "dev/train:v1"]).says("no-latest");
    assert_eq!(serve.ask("GET", "/v2/third/tags/list").status, 404);
}

#[test]
fn attestations_go_with_their_images() {
    let serve = with_image(here!());
    let home = &serve.home;
    let (own, platform) = (digest(&serve, "train:v1"), json!({"architecture": architecture(), "os": "linux"}));
    let size = home.ok(&["manifest", "dev/train:v1"]).bytes.len();
    let attestation = serve.image("train", "attestation");
    let attested = serve.tag("train", "attestation", &attestation);
    let unknown = json!({"architecture": "unknown", "os": "unknown"});
    let annotations = json!({"vnd.docker.reference.digest": own, "vnd.docker.reference.type": "attestation-manifest"});
    let built = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
        {"mediaType": MANIFEST, "digest": own, "size": size, "platform": platform},
        {"mediaType": MANIFEST, "digest": attested, "size": attestation.to_string().len(), "platform": unknown, "annotations": annotations},
    ]});
    serve.tag("train", "built", &built);
    push(&serve, "train:far", &Image::small(here!(), OTHER));
    let created =
        home.ok(&["index", "create", "dev/train:all", "dev/train:built", "dev/train:far", "-o", "json"]).json();
    assert_eq!(created["manifests"].as_array().unwrap().len(), 3);
    assert_eq!(created["manifests"][1]["annotations"], annotations);
    let left =
        home.ok(&["index", "remove", "dev/train:all", &format!("linux/{}", architecture()), "-o", "json"]).json();
    assert_eq!(left["manifests"].as_array().unwrap().len(), 1);
}
