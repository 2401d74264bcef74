//! Cloudflare: a named fake of its API, which issues the password of a real registry.

use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
const TOKEN: &str = "cAnary-api/token+of=cloudflare";

/// The second page of accounts.
const OTHER: &str = "ffffffffffffffffffffffffffffff02";
/// A token that may not list accounts.
const NARROW: &str = "cAnary-containers/edit=only";

/// The fake of Cloudflare's API: a token with two accounts, one on a page, and one that may not list them.
fn cloudflare(request: &RecordedRequest) -> Answer {
    if request.authorization() == format!("Bearer {NARROW}") {
        let error = json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}]});
        return (403, Vec::new(), error);
    }
    if request.authorization() != format!("Bearer {TOKEN}") {
        let error =
            json!({"success": false, "errors": [{"code": 1000, "message": "Invalid API Token"}], "result": null});
        return (401, Vec::new(), error);
    }
    let issue = format!("POST /accounts/{ACCOUNT}/containers/registries/registry.cloudflare.com/credentials");
    let result = match request.line.as_str() {
        line if line == issue => json!({"account_id": ACCOUNT, "username": USER, "password": UNUSUAL_PASSWORD}),
        "GET /accounts?page=1&per_page=50" => json!([{"id": ACCOUNT, "name": "Acme"}]),
        "GET /accounts?page=2&per_page=50" => json!([{"id": OTHER, "name": "Bolt"}]),
        _ => {
            let error = json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}]});
            return (403, Vec::new(), error);
        }
    };
    (200, Vec::new(), json!({"success": true, "errors": [], "result": result, "result_info": {"total_pages": 2}}))
}

/// A home with a token, and a registry of an account that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, token: &str, account: &str) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("CLOUDFLARE", token);
    Connector::new("me", "cloudflare", "token").field("token", "@env:CLOUDFLARE").register(&home);
    let cloudflare = RegistrySpec::new("cf", "cloudflare", &format!("{}/{account}", registry.host())).connector("me");
    cloudflare.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn cloudflare_issues_the_credentials_of_a_push() {
    let (api, registry) = (FakeApi::start(cloudflare), Registry::with_unusual_password());
    let (home, image) = home(&api, &registry, TOKEN, ACCOUNT);
    home.ok(&push_layout("cf", "train"));
    skopeo::assert_same(registry.access(), &format!("{}/{ACCOUNT}/train:v1", registry.host()), &image);
    let issued = api.requests().into_iter().find(|request| request.line.starts_with("POST ")).unwrap();
    assert_eq!(issued.body, r#"{"expiration_minutes":60,"permissions":["pull","push"]}"#);
    // The token is where the protocol wants it, and what it bought is not sent back.
    for request in api.requests() {
        Needle::new(TOKEN).assert_not_in(format!("{}{}", request.line, request.body).as_bytes(), "a request");
        Needle::new(UNUSUAL_PASSWORD).assert_not_in(format!("{request:?}").as_bytes(), "a request");
    }
    for secret in [TOKEN, UNUSUAL_PASSWORD] {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_token_that_cloudflare_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(cloudflare), Registry::with_unusual_password());
    for (token, account, words) in [
        ("not-a-token-at-all", ACCOUNT, "Invalid API Token"),
        (TOKEN, "ffffffffffffffffffffffffffffffff", "Containers: Edit"),
    ] {
        let (home, _) = home(&api, &registry, token, account);
        let refused = home.fails(4, &push_layout("cf", "train")).says(words);
        Needle::new(token).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_token_of_cloudflare_is_proved_and_lists_its_accounts() {
    let (api, registry) = (FakeApi::start(cloudflare), Registry::open());
    let (home, _) = home(&api, &registry, TOKEN, ACCOUNT);
    home.ok(&["flavor", "grant", "cloudflare", "--allow-secret-host", &api.url()]);
    let option = format!("--option=api-endpoint={}", api.url());
    let proved = home.ok(&["connector", "verify", "me", &option]);
    assert!(format!("{proved}").contains("`Acme`"), "{proved}");
    let listed = home.ok(&["connector", "list-resources", "me", &option]);
    for account in [ACCOUNT, OTHER] {
        assert!(listed.stdout.contains(&format!("registry.cloudflare.com/{account}")), "{listed}");
    }
}

#[test]
fn a_token_of_cloudflare_that_may_not_list_accounts_is_proved_all_the_same() {
    let (api, registry) = (FakeApi::start(cloudflare), Registry::open());
    let (home, _) = home(&api, &registry, NARROW, ACCOUNT);
    home.ok(&["flavor", "grant", "cloudflare", "--allow-secret-host", &api.url()]);
    let option = format!("--option=api-endpoint={}", api.url());
    let proved = home.ok(&["connector", "verify", "me", &option]);
    assert!(format!("{proved}").contains("may not list accounts"), "{proved}");
    home.fails(4, &["connector", "list-resources", "me", &option]).says("Account Settings: Read");
}

#[test]
fn more_accounts_than_a_listing_may_take_are_told() {
    let endless = |_: &RecordedRequest| {
        let account = json!([{"id": ACCOUNT, "name": "Acme"}]);
        (200, Vec::new(), json!({"success": true, "result": account, "result_info": {"total_pages": 4_000}}))
    };
    let (api, registry) = (FakeApi::start(endless), Registry::open());
    let (home, _) = home(&api, &registry, TOKEN, ACCOUNT);
    home.ok(&["flavor", "grant", "cloudflare", "--allow-secret-host", &api.url()]);
    let option = format!("--option=api-endpoint={}", api.url());
    home.fails(7, &["connector", "list-resources", "me", &option]).says("at most 1000").says("fewer accounts");
    assert_eq!(api.lines().len(), 1);
}
