//! Sources that lie.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::Scene;
use crate::support::fakes::web::Web;
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::images::{digest, image_files};

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
