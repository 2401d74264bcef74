//! Cloudflare: a named fake of its API, which issues the password of a real registry.

use serde_json::json;

use crate::support::crhost::Home;
use crate::support::fake_api::{Answer, Asked, FakeApi};
use crate::support::image::{Image, architecture};
use crate::support::image_files;
use crate::support::judge;
use crate::support::needle::Needle;
use crate::support::registry::{Registry, UNUSUAL_PASSWORD, USER};

const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
const TOKEN: &str = "cAnary-api/token+of=cloudflare";
const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "cf", "--as", "train"];

/// The second page of accounts.
const OTHER: &str = "ffffffffffffffffffffffffffffff02";
/// A token that may not list accounts.
const NARROW: &str = "cAnary-containers/edit=only";

/// The fake of Cloudflare's API: a token with two accounts, one on a page, and one that may not list them.
fn cloudflare(asked: &Asked) -> Answer {
    if asked.authorization() == format!("Bearer {NARROW}") {
        let error = json!({"success": false, "errors": [{"code": 10000, "message": "Authentication error"}]});
        return (403, Vec::new(), error);
    }
    if asked.authorization() != format!("Bearer {TOKEN}") {
        let error =
            json!({"success": false, "errors": [{"code": 1000, "message": "Invalid API Token"}], "result": null});
        return (401, Vec::new(), error);
    }
    let issue = format!("POST /accounts/{ACCOUNT}/containers/registries/registry.cloudflare.com/credentials");
    let result = match asked.line.as_str() {
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
    let (mut home, image) = (Home::warm(), Image::small(200, architecture()));
    home.set("CLOUDFLARE", token);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let connector =
        ["connector", "register", "me", "--type=cloudflare", "--auth-method=token", "--token=@env:CLOUDFLARE"];
    home.ok(&[&connector[..], &["--no-verify"]].concat());
    let (uri, endpoint) =
        (format!("--uri={}/{account}", registry.host()), format!("--option=api-endpoint={}", api.url()));
    let (grant, register) = (api.url(), ["registry", "register", "cf", "--flavor=cloudflare", "--connector=me"]);
    home.ok(&[&register[..], &[&uri, &endpoint, "--allow-secret-host", &grant, "--no-verify"]].concat());
    (home, image)
}

#[test]
fn cloudflare_issues_the_credentials_of_a_push() {
    let (api, registry) = (FakeApi::start(cloudflare), Registry::with_unusual_password());
    let (home, image) = home(&api, &registry, TOKEN, ACCOUNT);
    home.ok(&PUSH);
    judge::assert_same(registry.access(), &format!("{}/{ACCOUNT}/train:v1", registry.host()), &image);
    let issued = api.asked().into_iter().find(|asked| asked.line.starts_with("POST ")).unwrap();
    assert_eq!(issued.body, r#"{"expiration_minutes":60,"permissions":["pull","push"]}"#);
    // The token is where the protocol wants it, and what it bought is not sent back.
    for asked in api.asked() {
        Needle::new(TOKEN).assert_not_in(format!("{}{}", asked.line, asked.body).as_bytes(), "a request");
        Needle::new(UNUSUAL_PASSWORD).assert_not_in(format!("{asked:?}").as_bytes(), "a request");
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
        let refused = home.fails(4, &PUSH).says(words);
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
    let endless = |_: &Asked| {
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
