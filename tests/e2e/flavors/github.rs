//! GitHub: a named fake of its API, in front of a real registry that takes the token as a password.

use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// A fake of GitHub's API that knows one token, with some scopes, and no package.
fn github(scopes: &'static str) -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    move |request| {
        if request.authorization() != format!("Bearer {UNUSUAL_PASSWORD}") {
            return (401, Vec::new(), json!({"message": "Bad credentials"}));
        }
        let headers = vec![("x-oauth-scopes", scopes.to_owned())];
        match request.line.as_str() {
            "GET /user" => (200, headers, json!({"login": "octocat"})),
            _ => (404, headers, json!({"message": "Package not found."})),
        }
    }
}

/// A home with a token, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, method: &str, token: &str) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("GITHUB_TOKEN", token);
    home.set("GITHUB_ACTOR", USER);
    let me = Connector::new("me", "github", method);
    let me = match method {
        "implicit" => me.allow_implicit(),
        _ => me.field("username", USER).field("token", "@env:GITHUB_TOKEN"),
    };
    me.register(&home);
    let github = RegistrySpec::new("gh", "github", &format!("{}/acme", registry.host())).connector("me");
    github.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn github_takes_a_token_and_says_that_the_push_creates_a_package() {
    for method in ["token", "implicit"] {
        let (api, registry) = (FakeApi::start(github("write:packages")), Registry::with_unusual_password());
        let (home, image) = home(&api, &registry, method, UNUSUAL_PASSWORD);
        let pushed = home.ok(&push_layout("gh", "train"));
        for words in ["`acme/train`", "private", "a layer that takes longer than 10 minutes"] {
            assert!(pushed.stderr.contains(words), "{pushed}");
        }
        skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
        let packages = ["orgs", "users"].map(|kind| format!("GET /{kind}/acme/packages/container/train"));
        assert_eq!(api.lines().get(..2).unwrap(), packages);
        for request in api.requests() {
            Needle::new(UNUSUAL_PASSWORD)
                .assert_not_in(format!("{}{}", request.line, request.body).as_bytes(), "a request");
        }
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_token_that_github_refuses_stops_the_push_before_any_byte() {
    let registry = Registry::with_unusual_password();
    for (scopes, token, words) in [
        ("write:packages", "not-a-token-at-all", "Bad credentials"),
        ("read:packages", UNUSUAL_PASSWORD, "write:packages"),
    ] {
        let api = FakeApi::start(github(scopes));
        let (home, _) = home(&api, &registry, "token", token);
        let refused = home.fails(4, &push_layout("gh", "train")).says(words);
        Needle::new(token).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    assert_eq!(registry.requests().iter().find(|request| request.starts_with("POST ")), None);
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_token_of_github_is_proved() {
    let (api, registry) = (FakeApi::start(github("write:packages")), Registry::open());
    let (home, _) = home(&api, &registry, "token", UNUSUAL_PASSWORD);
    home.ok(&["flavor", "grant", "github", "--allow-secret-host", &api.url()]);
    let proved = home.ok(&["connector", "verify", "me", &format!("--option=api-endpoint={}", api.url())]);
    assert!(format!("{proved}").contains("octocat (scopes: write:packages)"), "{proved}");
}
