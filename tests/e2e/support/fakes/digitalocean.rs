//! An API of DigitalOcean whose credentials end.

use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};

/// A home with a registry whose credentials end, from the fake API of a provider, and that API.
#[track_caller]
pub(crate) fn home() -> (Home, FakeApi) {
    let api = FakeApi::start(|request: &RecordedRequest| -> Answer {
        let auths = json!({"registry.digitalocean.com": {"auth": "ZG86ZW5kaW5n"}});
        let is_login = request.line.contains("/docker-credentials?");
        (200, Vec::new(), if is_login { json!({"auths": auths}) } else { json!({}) })
    });
    let mut home = Home::new();
    home.set("TOKEN", "api-token-of-the-test");
    Connector::new("me", "digitalocean", "token").field("token", "@env:TOKEN").register(&home);
    let registry = RegistrySpec::new("do", "digitalocean", "registry.example.com/acme").connector("me");
    registry.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, api)
}
