//! Registries that are not known, not there, or not registries.

mod claims;
mod leaks;
mod words;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::any;
use serde_json::json;

use crate::support::fakes::web::Web;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

fn home(host: &str) -> Home {
    let home = Home::new();
    home.register("local", host);
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    home
}

#[test]
fn what_is_not_registered_is_not_found_and_what_is_gets_listed() {
    let home = home("localhost:5000");
    for arguments in [
        &["push", "oci:layout:v1", "--to", "nowhere"][..],
        &["registry", "describe", "nowhere"],
        &["registry", "use", "nowhere"],
        &["registry", "remove", "nowhere"],
    ] {
        let refused = home.fails(3, arguments).says("`nowhere`");
        assert!(refused.hint().contains("`local`"), "{}", *refused);
    }
    for arguments in [
        &["registry", "register", "x", "--flavor=nowhere", "--uri=localhost:5000"][..],
        &["flavor", "describe", "nowhere"],
        &["flavor", "remove", "nowhere"],
    ] {
        let refused = home.fails(3, arguments).says("`nowhere`");
        assert!(refused.hint().contains("`default`"), "{}", *refused);
    }
}

#[test]
fn a_name_is_taken_once() {
    let home = home("localhost:5000");
    let before = home.ok(&["registry", "list", "-o", "json"]).stdout;
    home.fails(5, &["registry", "register", "local", "--flavor=default", "--uri=localhost:6000"]).says("`local`");
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).stdout, before);
    home.ok(&["registry", "remove", "local"]);
    home.register("local", "localhost:6000");
}

#[test]
fn a_uri_that_a_flavor_refuses_is_not_registered() {
    let home = Home::new();
    for (flavor, uri) in [
        ("default", "https://gcr.io/p"),
        ("default", "acme"),
        ("default", "gcr.io/P"),
        ("default", "gcr.io/a b"),
        ("default", "gcr.io:99999/p"),
        ("default", "gcr.io:/p"),
        ("default", ""),
        ("dockerhub", "https://docker.io/acme"),
        ("dockerhub", "docker.io/Acme"),
        ("dockerhub", "docker.io/ac me"),
        ("dockerhub", "docker.io:port/acme"),
        ("dockerhub", ""),
    ] {
        let uri = format!("--uri={uri}");
        home.fails(2, &["registry", "register", "x", "--flavor", flavor, &uri]);
    }
    home.fails(2, &["registry", "register", "x", "--flavor=default", "--uri=gcr.io/p", "--option=colour=red"])
        .says("`colour`");
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"], json!([]));
}

#[test]
fn an_image_of_another_registry_is_not_pushed() {
    let registry = Registry::open();
    let home = home(registry.host());
    image_files::archive(
        &home.path("far.tar"),
        &[("far.example/team/train:v1", &Image::small(here!(), architecture()))],
    );
    let far = "docker-archive:far.tar:far.example/team/train:v1";
    home.fails(2, &["push", far, "--to", "local"]).says("--as train");
    // A name that the user typed whole goes to its own host, and to no other.
    home.fails(6, &["push", far]).says("`far.example`");
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn a_registry_that_is_not_there_is_unreachable() {
    // The port of a service that no one runs.
    let home = home("localhost:1");
    home.fails(6, &PUSH).says("localhost:1");
}

#[test]
fn what_answers_and_is_no_registry_is_told_from_one() {
    for answer in [StatusCode::OK, StatusCode::NOT_FOUND] {
        let page = any(move || async move { (answer, Html("<html><body>Welcome!</body></html>")) });
        let web = Web::serve(Router::new().fallback(page));
        let home = home(&web.host());
        home.fails(3, &PUSH).says("no registry");
    }
}

#[test]
fn a_registry_that_refuses_is_quoted() {
    let registry = Registry::read_only();
    let home = home(registry.host());
    home.fails(1, &PUSH).says("Method not allowed");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_registry_that_keeps_failing_is_given_up() {
    let broken = any(|| async { (StatusCode::SERVICE_UNAVAILABLE, "out of order") });
    let greeting = any(|| async { ([("docker-distribution-api-version", "registry/2.0")], "{}") });
    let web = Web::serve(Router::new().route("/v2/", greeting).fallback(broken));
    let home = home(&web.host());
    home.fails(6, &PUSH).says("503");
}
