//! DigitalOcean: a named fake of its API, which issues the password of a real registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

const TOKEN: &str = "cAnary-api/token+of=digitalocean";

/// The fake of DigitalOcean's API: one token, the registry `acme`, and `hidden`, which the token
/// may not look at.
fn digitalocean(request: &RecordedRequest) -> Answer {
    if request.authorization() != format!("Bearer {TOKEN}") {
        return (401, Vec::new(), json!({"id": "Unauthorized", "message": "Unable to authenticate you"}));
    }
    let answer = match request.line.as_str() {
        "GET /v2/registries/acme" => json!({"registry": {"name": "acme"}}),
        "GET /v2/account" => json!({"account": {"email": "me@acme.example"}}),
        "GET /v2/registries/hidden" => {
            return (403, Vec::new(), json!({"id": "forbidden", "message": "This team is locked"}));
        }
        "GET /v2/registries/acme/docker-credentials?read_write=true&expiry_seconds=3600"
        | "GET /v2/registries/hidden/docker-credentials?read_write=true&expiry_seconds=3600" => {
            let auth = STANDARD.encode(format!("{USER}:{UNUSUAL_PASSWORD}"));
            json!({"auths": {"registry.digitalocean.com": {"auth": auth}}})
        }
        "GET /v2/registries" => json!({"registries": [{"name": "acme"}, {"name": "abc"}]}),
        _ => return (404, Vec::new(), json!({"id": "not_found", "message": "registry does not exist"})),
    };
    (200, Vec::new(), answer)
}

/// A home with a token, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, token: &str, name: &str) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("DIGITALOCEAN", token);
    Connector::new("me", "digitalocean", "token").field("token", "@env:DIGITALOCEAN").register(&home);
    let digitalocean = RegistrySpec::new("do", "digitalocean", &format!("{}/{name}", registry.host())).connector("me");
    digitalocean.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn digitalocean_issues_the_credentials_of_a_push() {
    let (api, registry) = (FakeApi::start(digitalocean), Registry::with_unusual_password());
    let (home, image) = home(&api, &registry, TOKEN, "acme");
    home.ok(&push_layout("do", "train"));
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    assert_eq!(api.lines().first().unwrap(), "GET /v2/registries/acme");
    for request in api.requests() {
        Needle::new(TOKEN).assert_not_in(format!("{}{}", request.line, request.body).as_bytes(), "a request");
        Needle::new(UNUSUAL_PASSWORD).assert_not_in(format!("{request:?}").as_bytes(), "a request");
    }
    for secret in [TOKEN, UNUSUAL_PASSWORD] {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_registry_that_the_token_may_not_look_at_is_pushed_to_with_a_note() {
    let (api, registry) = (FakeApi::start(digitalocean), Registry::with_unusual_password());
    let (home, _) = home(&api, &registry, TOKEN, "hidden");
    let pushed = home.ok(&push_layout("do", "train"));
    assert!(pushed.stderr.contains("was not checked") && pushed.stderr.contains("This team is locked"), "{pushed}");
}

#[test]
fn what_digitalocean_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(digitalocean), Registry::with_unusual_password());
    for (code, token, name, words) in [
        (4, "not-a-token-at-all", "acme", "Unable to authenticate you"),
        (3, TOKEN, "other", "registry does not exist"),
    ] {
        let (home, _) = home(&api, &registry, token, name);
        let refused = home.fails(code, &push_layout("do", "train")).says(words);
        Needle::new(token).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_token_of_digitalocean_is_proved_and_lists_its_registries() {
    let (api, registry) = (FakeApi::start(digitalocean), Registry::open());
    let (home, _) = home(&api, &registry, TOKEN, "acme");
    home.ok(&["flavor", "grant", "digitalocean", "--allow-secret-host", &api.url()]);
    let option = format!("--option=api-endpoint={}", api.url());
    let proved = home.ok(&["connector", "verify", "me", &option]);
    assert!(format!("{proved}").contains("me@acme.example"), "{proved}");
    let listed = home.ok(&["connector", "list-resources", "me", &option]);
    assert!(listed.stdout.contains("registry.digitalocean.com/abc"), "{listed}");
}
