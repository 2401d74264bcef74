//! IBM Cloud: a named fake of IAM and of the registry's API, in front of a real registry that takes the same key.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};

/// A token of IAM that says `{"account":{"bss":"a1b2"}}`.
const TOKEN: &str = "e30.eyJhY2NvdW50Ijp7ImJzcyI6ImExYjIifX0.cAnary-of-iam";

/// The fake of IBM's APIs: one API key, its account, and the namespace `team1`; others are created.
fn ibm() -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    let created = AtomicBool::new(false);
    move |request| {
        if request.line == "POST /identity/token" {
            return match request.body.contains("apikey=cAnary") {
                true => (200, Vec::new(), json!({"access_token": TOKEN, "expires_in": 3600})),
                false => (400, Vec::new(), json!({"errorMessage": "Provided API key could not be found."})),
            };
        }
        assert_eq!(request.authorization(), format!("Bearer {TOKEN}"));
        assert_eq!(request.headers["account"], "a1b2");
        match request.line.as_str() {
            "GET /api/v1/namespaces" if created.load(Ordering::Relaxed) => (200, Vec::new(), json!(["team1", "team2"])),
            "GET /api/v1/namespaces" => (200, Vec::new(), json!(["team1"])),
            "PUT /api/v1/namespaces/team2" => {
                created.store(true, Ordering::Relaxed);
                (201, Vec::new(), json!({"namespace": "team2"}))
            }
            _ => (409, Vec::new(), json!({"message": "taken"})),
        }
    }
}

/// A home with a key, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, key: &str, namespace: &str, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", key);
    Connector::new("me", "ibm", "api-key").field("api-key", "@env:SECRET").register(&home);
    let ibm = RegistrySpec::new("ibm", "ibm", &format!("{}/{namespace}", registry.host())).connector("me");
    let ibm = ibm.option("iam-endpoint", &api.url()).option("registry-endpoint", &api.url());
    ibm.more(options).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn ibm_creates_a_missing_namespace_where_the_option_says_so() {
    let (api, registry) = (FakeApi::start(ibm()), Registry::with_unusual_password_of("iamapikey"));
    let (home, image) = home(&api, &registry, UNUSUAL_PASSWORD, "team2", &["--option=create-namespace=true"]);
    for (round, note) in [(1, true), (2, false)] {
        let pushed = home.ok(&push_layout("ibm", "train"));
        assert_eq!(pushed.stderr.contains("the namespace `team2` was created"), note, "push {round}{pushed}");
    }
    skopeo::assert_same(registry.access(), &format!("{}/team2/train:v1", registry.host()), &image);
    for secret in [TOKEN, UNUSUAL_PASSWORD] {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn what_ibm_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(ibm()), Registry::with_unusual_password_of("iamapikey"));
    let create = ["--option=create-namespace=true"];
    for (code, key, namespace, options, words) in [
        (4, "not-a-key-at-all", "team1", &[][..], "could not be found"),
        (3, UNUSUAL_PASSWORD, "team2", &[], "create-namespace=true"),
        (5, UNUSUAL_PASSWORD, "team3", &create, "another account"),
    ] {
        let (home, _) = home(&api, &registry, key, namespace, options);
        home.fails(code, &push_layout("ibm", "train")).says(words);
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
