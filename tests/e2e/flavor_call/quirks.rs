//! Habits of registries that were recorded once, for flavors and for the upload path: one file serves both.

use std::fs;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse as _;
use serde_json::Value;

use super::home;
use crate::support::fakes::web::Web;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::{Home, repository};

/// The directory of the recordings.
const RECORDED: &str = "tests/peers/recorded";

/// A registry that answers every request as an exchange was recorded.
fn registry(fixture: &str) -> Web {
    let file = repository().join(RECORDED).join(fixture);
    let fixture: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let response = fixture["response"].clone();
    let answer = move || async move {
        let status = StatusCode::from_u16(response["status"].as_u64().unwrap() as u16).unwrap();
        let mut answer = (status, response["text"].as_str().unwrap().to_owned()).into_response();
        for (name, value) in response["headers"].as_object().unwrap() {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            answer.headers_mut().insert(name, HeaderValue::from_str(value.as_str().unwrap()).unwrap());
        }
        answer
    };
    Web::serve(Router::new().fallback(answer))
}

/// Pushes to such a registry, and expects the failure.
#[track_caller]
fn push_fails(fixture: &str, code: i32, words: &str) {
    let (web, home) = (registry(fixture), Home::new());
    home.register("local", &web.host());
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    home.fails(code, &["push", "oci:layout:v1", "--to", "local", "--as", "train"]).says(words);
}

#[test]
fn the_upload_path_meets_what_was_recorded() {
    push_fails("01-get-granted.example-v2.json", 3, "no registry");
    push_fails("02-head-granted.example-v2.json", 6, "503");
}

#[test]
fn a_flavor_meets_the_same() {
    let home = home();
    let recorded = repository().join(RECORDED);
    let requests = "--option=requests=GET https://granted.example/v2/ & HEAD https://granted.example/v2/";
    let prepare = ["flavor", "call", "it.wasm", "prepare-image-push", "--registry=localhost:5000/r", "--image=train"];
    let replay = ["--replay", recorded.to_str().unwrap(), requests, "-o", "json"];
    let called = home.ok(&[&prepare[..], &replay].concat()).json();
    let notes = called["answer"]["notes"].as_array().unwrap();
    assert!(notes[0].as_str().unwrap().starts_with("404 "), "{called}");
    assert!(notes[1].as_str().unwrap().starts_with("503 "), "{called}");
    assert_eq!(called["replay"]["unused"].as_array().unwrap().len(), 0);
}
