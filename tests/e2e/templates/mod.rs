//! `crhost flavor new`: the project of each language, as it is written, built by its toolchain, tested, registered, and
//! used for a push with a secret that it can't read.

mod examples;
mod languages;
mod refusals;
mod sdk;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// The name of the flavors: of two words, so that all forms of it are seen.
const NAME: &str = "acme-two";

/// Has the project written, and gives its directory.
#[track_caller]
fn project(home: &Home, language: &str) -> PathBuf {
    home.ok(&["flavor", "new", NAME, "--lang", language]);
    home.path(NAME)
}

/// Registers the component and pushes through it, to a registry that wants its token as the password. Its API, a fake,
/// has no repository at first.
#[track_caller]
fn assert_pushes(home: &Home, component: &Path) {
    assert_plays_back(home, component);
    let (registry, image) = (Registry::with_password(), Image::small(here!(), architecture()));
    let exists = AtomicBool::new(false);
    let api = FakeApi::start(move |request| match request.line.split(' ').next() {
        Some("POST") => created(&exists),
        _ if exists.load(Ordering::Relaxed) => (200, vec![], json!({"name": "team/train"})),
        _ => (404, vec![], json!({"message": "no such repository"})),
    });
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    home.ok(&["flavor", "register", component.to_str().unwrap(), "--yes"]);
    let (user, token) = (format!("--username={USER}"), format!("--token={PASSWORD}"));
    home.ok(&["connector", "register", "ci", "--type", NAME, "--auth-method", "token", &user, &token]);
    let (uri, endpoint) = (format!("--uri={}/team", registry.host()), format!("--option=endpoint={}", api.url()));
    let arguments = ["registry", "register", "dev", "--flavor", NAME, "--connector=ci", &uri, &endpoint];
    home.ok(&[&arguments[..], &["--allow-secret-host", &api.url()]].concat());
    for (round, note) in [(1, true), (2, false)] {
        let pushed = home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "train"]);
        let has_note = pushed.stderr.contains("created the repository `team/train`");
        assert_eq!(has_note, note, "push {round}{pushed}");
        assert!(!pushed.stderr.contains(PASSWORD), "the token is shown{pushed}");
    }
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
    let get = "GET /v1/repositories/team%2Ftrain";
    assert_eq!(api.lines(), [get, "POST /v1/repositories", get]);
    for request in api.requests() {
        assert_eq!(request.authorization(), format!("Bearer {PASSWORD}"));
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let is_post = request.line.starts_with("POST");
        assert_eq!(body, if is_post { json!({"name": "team/train"}) } else { Value::Null });
    }
    assert_uris(home);
}

/// Plays each call of the project's fixtures back: without a network, with the end that it says.
#[track_caller]
fn assert_plays_back(home: &Home, component: &Path) {
    let mut cases: Vec<PathBuf> =
        fs::read_dir(home.path(NAME).join("fixtures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let names: Vec<_> = cases.iter().map(|case| case.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["busy", "created", "found", "missing", "password", "uri"]);
    for case in &cases {
        let (component, case) = (component.to_str().unwrap(), case.to_str().unwrap());
        let played = home.ok(&["flavor", "call", component, "--replay", case, "--output=json"]).json();
        assert_eq!(played["replay"], json!({"mismatches": [], "unused": [], "differences": []}), "{case}");
        assert!(!played["answer"].is_null() || !played["failure"].is_null(), "{case}: {played}");
    }
}

fn created(exists: &AtomicBool) -> Answer {
    exists.store(true, Ordering::Relaxed);
    (201, vec![], json!({"name": "team/train"}))
}

/// Each library has the rules in its own language; its project's tests have more of them.
#[track_caller]
fn assert_uris(home: &Home) {
    for (uri, hint) in [
        ("https://acme-two.example/team", "leave the scheme out: `acme-two.example/team`"),
        ("acme-two.exampel/team", "did you mean `acme-two.example/team`?"),
        ("ghcr.io/team", "use the flavor `github`"),
    ] {
        home.fails(2, &["registry", "register", "it", "--flavor", NAME, "--uri", uri]).says(hint);
    }
}
