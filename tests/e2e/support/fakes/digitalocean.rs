//! An API of DigitalOcean whose credentials end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::auth_proxy::Passwords;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::USER;

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

/// Seconds that an API asks for which has had too many requests; 0 where it has not.
pub(crate) type Throttle = Arc<AtomicU32>;

/// An API that gives a new password of a proxied registry for each question, to those who have one of these tokens.
pub(crate) fn issuing(passwords: Arc<Passwords>, tokens: [&'static str; 2]) -> FakeApi {
    throttled(passwords, tokens, Throttle::default())
}

/// As above, which can have too many requests.
pub(crate) fn throttled(passwords: Arc<Passwords>, tokens: [&'static str; 2], throttle: Throttle) -> FakeApi {
    FakeApi::start(move |request: &RecordedRequest| -> Answer {
        assert!(tokens.map(|token| format!("Bearer {token}")).contains(&request.authorization().into()));
        let wait = throttle.load(Ordering::Relaxed);
        if wait > 0 {
            let error = json!({"id": "too_many_requests", "message": "API rate limit exceeded"});
            return (429, vec![("retry-after", wait.to_string())], error);
        }
        let config = match request.line.contains("/docker-credentials?") {
            true => {
                let auth = STANDARD.encode(format!("{USER}:{}", passwords.issue()));
                json!({"auths": {"registry.digitalocean.com": {"auth": auth}}})
            }
            false => json!({}),
        };
        (200, Vec::new(), config)
    })
}
