//! Cloudsmith: a named fake of its API, in front of a real registry that takes the same key.

use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::github_oidc::{GithubOidc, SUBJECT};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};

/// The fake of Cloudsmith's API: the repository `acme/images`.
fn cloudsmith(request: &RecordedRequest) -> Answer {
    let detail = |status, words: &str| (status, Vec::new(), json!({"detail": words}));
    if request.headers.get("x-api-key").is_none_or(|key| key != UNUSUAL_PASSWORD) {
        return detail(401, "Invalid API key");
    }
    match request.line.as_str() {
        "GET /v1/repos/acme/images/" => (200, Vec::new(), json!({"slug": "images", "namespace": "acme"})),
        "POST /v1/repos/acme/" => {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(body, json!({"name": "new", "slug": "new", "repository_type_str": "Private"}));
            (201, Vec::new(), json!({"slug": "new"}))
        }
        "GET /v1/user/self/" => (200, Vec::new(), json!({"slug": "ci-x1y2"})),
        _ => detail(404, "Not found."),
    }
}

/// A home with a connector, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, connector: &Connector, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", UNUSUAL_PASSWORD);
    connector.register(&home);
    let cs = RegistrySpec::new("cs", "cloudsmith", registry.host()).connector("me").more(options);
    cs.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

fn with_key() -> Connector {
    Connector::new("me", "cloudsmith", "api-key").field("api-key", "@env:SECRET")
}

#[test]
fn cloudsmith_creates_a_missing_repository_where_the_option_says_so() {
    let (api, registry) = (FakeApi::start(cloudsmith), Registry::with_unusual_password_of("token"));
    let (home, image) = home(&api, &registry, &with_key(), &["--option=create-repository=private"]);
    let pushed = home.ok(&push_layout("cs", "acme/new/train"));
    assert!(pushed.stderr.contains("`acme/new` was created, private"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/acme/new/train:v1", registry.host()), &image);
    home.ok(&push_layout("cs", "acme/images/train"));
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
}

#[test]
fn cloudsmith_gives_a_service_account_s_token_for_the_id_token_of_a_job() {
    let github = GithubOidc::start();
    let provider = github.provider();
    let api = FakeApi::start(move |request| match request.line.as_str() {
        "POST /openid/acme/" => {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(body["service_slug"], "ci-x1y2");
            match provider.verified(body["oidc_token"].as_str().unwrap(), "cloudsmith") {
                Ok(claims) if claims["sub"] == SUBJECT => (201, Vec::new(), json!({"token": UNUSUAL_PASSWORD})),
                _ => (401, Vec::new(), json!({"detail": "Invalid OIDC token claims"})),
            }
        }
        _ => cloudsmith(request),
    });
    let registry = Registry::with_unusual_password_of("token");
    let connector = Connector::new("me", "cloudsmith", "oidc").field("organization", "acme");
    let connector = connector.field("service-account", "ci-x1y2").field("id-token", "@oidc");
    let (mut home, image) = home(&api, &registry, &connector, &[]);
    github.permit(&mut home);
    home.ok(&push_layout("cs", "acme/images/train"));
    skopeo::assert_same(registry.access(), &format!("{}/acme/images/train:v1", registry.host()), &image);
    assert!(github.audiences().iter().all(|audience| audience == "cloudsmith"), "{:?}", github.audiences());
    let shown = home.ok(&["connector", "explain", "me"]).stdout;
    assert!(shown.contains(SUBJECT), "{shown}");
    github.claim(json!({"sub": "repo:evil/train:ref:refs/heads/main"}));
    home.fails(4, &push_layout("cs", "acme/images/train")).says("Invalid OIDC token claims");
    for secret in github.issued().iter().map(String::as_str).chain([UNUSUAL_PASSWORD]) {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn what_cloudsmith_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(cloudsmith), Registry::with_unusual_password_of("token"));
    let (mut home, _) = home(&api, &registry, &with_key(), &[]);
    home.fails(3, &push_layout("cs", "acme/new/train")).says("create-repository=private");
    home.fails(2, &push_layout("cs", "acme/train")).says("organization/repository/image");
    home.set("SECRET", "not-a-key-at-all");
    home.ok(&["connector", "update", "me", "--no-verify", "--api-key=@env:SECRET"]);
    let refused = home.fails(4, &push_layout("cs", "acme/images/train")).says("Invalid API key");
    Needle::new("not-a-key-at-all").assert_not_in(refused.stderr.as_bytes(), "standard error");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
