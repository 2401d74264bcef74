//! Sources that lie.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::Scene;
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::fakes::web::Web;
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;
use crate::support::images::{digest, image_files};
use crate::support::programs::serve::Serve;

/// A fake registry that gives these documents, each by its path, and says of each that it has the digest that the path
/// names, or the one beside it.
fn liar(documents: HashMap<String, (Value, String)>) -> Web {
    Web::serve(Router::new().fallback(move |request: Request| {
        let found = documents.get(request.uri().path()).cloned();
        async move { answer(request.uri().path(), found) }
    }))
}

fn answer(path: &str, found: Option<(Value, String)>) -> Response {
    match found {
        _ if path == "/v2/" => StatusCode::OK.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
        Some((document, digest)) => {
            let media_type = document["mediaType"].as_str().unwrap_or("application/json").to_owned();
            let headers = [
                (header::CONTENT_TYPE, media_type),
                (header::HeaderName::from_static("docker-content-digest"), digest),
                (header::LINK, document["link"].as_str().unwrap_or_default().to_owned()),
            ];
            (headers, document.to_string()).into_response()
        }
    }
}

fn manifests(name: &str) -> String {
    format!("/v2/train/manifests/{name}")
}

#[test]
fn a_manifest_that_is_not_what_its_digest_says_is_refused_and_nothing_is_written() {
    let scene = Scene::new();
    let manifest = json!({"schemaVersion": 2, "mediaType": image_files::MANIFEST, "layers": []});
    let claimed = digest::of(b"something else");
    let documents = [manifests("v1"), manifests(&claimed)].map(|path| (path, (manifest.clone(), claimed.clone())));
    let web = liar(documents.into());
    scene.home.fails(8, &["copy", &format!("{}/train:v1", web.host()), "prod/train:v1"]).says(&claimed);
    scene.prod.assert_untouched();
}

#[test]
fn an_index_that_names_itself_is_refused() {
    let scene = Scene::new();
    let inner = digest::of(b"the index");
    let entry = json!({"mediaType": image_files::INDEX, "digest": inner, "size": 10});
    let index = json!({"schemaVersion": 2, "mediaType": image_files::INDEX, "manifests": [entry]});
    let own = digest::of(index.to_string().as_bytes());
    let documents = [
        (manifests("v1"), (index.clone(), own.clone())),
        (manifests(&own), (index.clone(), own.clone())),
        (manifests(&inner), (index, inner.clone())),
    ];
    let web = liar(documents.into());
    for referrers in [&[][..], &["--referrers"]] {
        let from = format!("{}/train:v1", web.host());
        scene.home.fails(8, &[&["copy", from.as_str(), "prod/train:v1"][..], referrers].concat()).says(&inner);
    }
    scene.prod.assert_untouched();
}

#[test]
fn a_source_that_answers_no_question_without_a_body_is_copied_all_the_same() {
    let scene = Scene::new();
    let digest = scene.push(&Image::small(here!(), architecture()), "train", "v1");
    let proxy = deciding(scene.dev.host(), |line| match line.starts_with("HEAD /v2/train/manifests/") {
        true => Fate::Gets(refusal("405 Method Not Allowed", "")),
        false => Fate::Passes,
    });
    scene.home.ok(&["copy", &format!("localhost:{}/train:v1", proxy.port()), "prod/train:v1"]);
    assert_eq!(scene.digest("train:v1"), digest);
}

#[test]
fn a_registry_that_takes_no_layer_from_elsewhere_is_told_with_the_layer() {
    let (scene, serve) = (Scene::new(), Serve::start());
    scene.home.register("windows", &serve.host);
    image_files::layout_with_a_layer_elsewhere(&scene.home.path("layout"), &Image::small(here!(), architecture()));
    scene.home.ok(&["push", "oci:layout", "--to", "windows", "--as", "train:v1"]);
    let refused = scene.home.fails(1, &["copy", "windows/train:v1", "prod/train:v1"]);
    refused.says("is stored elsewhere, and was not sent");
    assert!(!scene.has("train:v1"));
}

#[test]
fn a_layout_or_an_archive_is_no_side_of_a_copy() {
    let scene = Scene::new();
    scene.home.fails(2, &["copy", "dev/train:v1", "oci:./layout"]).says("`crhost pull` writes layouts");
    scene.home.fails(2, &["copy", "docker-archive:./a.tar", "prod/train"]).says("`crhost push` sends them");
    // Nothing is a layout only because it looks like one: `oci:v1` is a tag, if a registry is in use.
    scene.home.fails(2, &["copy", "dev/train:v1", "oci:zz"]).says("`crhost pull` writes layouts");
    scene.home.fails(2, &["copy", "oci:lay:v1", "prod/train"]).says("`crhost push` sends them");
    let refused = scene.home.fails(3, &["copy", "dev/train:v1", "train:v2"]);
    assert!(refused.hint().contains("`dev/train:v2` (") && !refused.hint().contains("--to"), "{}", *refused);
}

#[test]
fn pages_of_tags_without_an_end_are_an_error() {
    let scene = Scene::new();
    let list = json!({"tags": ["v1"], "link": "</v2/train/tags/list?n=1>; rel=\"next\""});
    let web = liar([("/v2/train/tags/list".to_owned(), (list, String::new()))].into());
    let from = format!("{}/train", web.host());
    scene.home.fails(1, &["copy", &from, "prod/train", "--all-tags"]).says("its pages have no end");
    scene.prod.assert_untouched();
}

#[test]
fn a_blob_that_is_not_what_its_digest_says_ends_without_a_tag() {
    let (scene, image) = (Scene::new(), Image::new(here!()));
    scene.push(&image, "train", "v1");
    scene.dev.damage_blobs(5000);
    scene.home.fails(8, &["copy", "dev/train:v1", "prod/train:v1"]).says("");
    assert!(!scene.has("train:v1"));
}
