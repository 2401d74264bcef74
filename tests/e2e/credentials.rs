//! Registries that want credentials, and those of Docker's configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::fakes::token_server::{IDENTITY_TOKEN, TokenServer};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::with_password;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "team/train"];

/// A home with a registered registry and an image to push.
fn home(registry: &Registry) -> (Home, Image) {
    let (home, image) = (Home::new(), Image::small(here!(), architecture()));
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    (home, image)
}

#[test]
fn a_stored_password_opens_a_registry_whose_authority_is_trusted() {
    let registry = Registry::with_password_over_tls();
    let (mut home, image) = home(&registry);
    home.set("SSL_CERT_FILE", registry.authority());
    home.docker_login(registry.host(), USER, PASSWORD);
    home.ok(&PUSH);
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
}

#[test]
fn a_wrong_password_stops_the_push_before_any_byte() {
    let registry = Registry::with_password_over_tls();
    let (mut home, _) = home(&registry);
    home.set("SSL_CERT_FILE", registry.authority());
    home.docker_login(registry.host(), USER, "not-hers");
    let refused = home.fails(4, &PUSH).says(registry.host());
    assert!(!refused.stderr.contains("not-hers"), "a password is shown");
    registry.assert_untouched();
}

#[test]
fn without_credentials_the_push_stops_and_says_how_to_get_some() {
    let registry = Registry::with_password_over_tls();
    let (mut home, _) = home(&registry);
    home.set("SSL_CERT_FILE", registry.authority());
    home.fails(4, &PUSH).says(&format!("docker login {}", registry.host()));
    // Credentials of another registry are not used.
    home.docker_login("localhost:1", USER, PASSWORD);
    home.fails(4, &PUSH).says(&format!("docker login {}", registry.host()));
    registry.assert_untouched();
}

#[test]
fn an_unknown_authority_is_not_trusted() {
    let registry = Registry::with_password_over_tls();
    let (home, _) = home(&registry);
    home.docker_login(registry.host(), USER, PASSWORD);
    home.fails(1, &PUSH).says("its certificate is signed by an authority that this machine doesn't trust");
    // No request reached the registry.
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn a_token_server_is_asked_with_the_password() {
    let tokens = TokenServer::start();
    let registry = Registry::with_tokens(&tokens);
    let (home, image) = home(&registry);
    home.docker_login(registry.host(), USER, PASSWORD);
    home.ok(&PUSH);
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
    let granted = tokens.granted();
    assert_eq!(granted[0].by, "basic", "{granted:?}");
    assert_eq!(granted[0].scopes, ["repository:team/train:pull,push"], "{granted:?}");
}

#[test]
fn a_token_server_is_asked_with_the_identity_token() {
    let tokens = TokenServer::start();
    let registry = Registry::with_tokens(&tokens);
    let (home, image) = home(&registry);
    home.docker_config(&json!({"auths": {registry.host(): {"identitytoken": IDENTITY_TOKEN}}}));
    home.ok(&PUSH);
    let granted = tokens.granted();
    assert_eq!(granted[0].by, "refresh_token", "{granted:?}");
    assert_eq!(granted[0].scopes, ["repository:team/train:pull,push"], "{granted:?}");
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
}

#[test]
fn a_connector_may_have_an_identity_token_as_docker_s_helpers_write_it() {
    let tokens = TokenServer::start();
    let registry = Registry::with_tokens(&tokens);
    let (mut home, image) = Home::with_image();
    with_password(&mut home, "local", registry.host(), ("<token>", IDENTITY_TOKEN));
    home.ok(&PUSH);
    assert_eq!(tokens.granted()[0].by, "refresh_token");
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
}

#[test]
fn a_password_that_the_token_server_refuses_stops_the_push() {
    let tokens = TokenServer::start();
    let registry = Registry::with_tokens(&tokens);
    let (home, _) = home(&registry);
    home.docker_login(registry.host(), USER, "not-hers");
    let refused = home.fails(4, &PUSH);
    assert!(!refused.stderr.contains("not-hers"), "a password is shown");
    assert_eq!(tokens.granted(), []);
    registry.assert_untouched();
}

#[test]
fn a_repository_that_is_not_granted_stops_the_push_before_any_byte() {
    let tokens = TokenServer::start();
    let registry = Registry::with_tokens(&tokens);
    let (home, _) = home(&registry);
    home.docker_login(registry.host(), USER, PASSWORD);
    home.fails(4, &["push", "oci:layout:v1", "--to", "local", "--as", "locked/train"]).says("locked/train");
    // The start of an upload is asked for, which is the real test, and no byte follows.
    let writes = |request: &&String| request.starts_with("PATCH ") || request.starts_with("PUT ");
    assert_eq!(registry.requests().iter().find(writes), None);
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_credential_helper_is_asked_before_what_is_stored() {
    let registry = Registry::with_password();
    let (mut home, image) = home(&registry);
    home.helper("docker-credential-drawer", USER, PASSWORD);
    home.docker_config(&json!({
        "auths": {registry.host(): {"auth": "YWxpY2U6bm90LWhlcnM="}},
        "credHelpers": {registry.host(): "drawer"},
    }));
    home.ok(&PUSH);
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
}

#[test]
fn no_log_however_chatty_shows_a_secret() {
    let tokens = TokenServer::start();
    for registry in [Registry::with_password(), Registry::with_tokens(&tokens)] {
        let (mut home, _) = home(&registry);
        home.set("CRHOST_LOG", "trace");
        home.docker_login(registry.host(), USER, PASSWORD);
        let pushed = home.ok(&PUSH);
        assert!(pushed.stderr.contains("trace: "), "the log is not chatty");
        let basic = STANDARD.encode(format!("{USER}:{PASSWORD}"));
        // A token's own beginning is that of every token.
        for secret in [PASSWORD, &basic, "eyJ"] {
            let line = pushed.stderr.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "`{secret}` is in the log");
        }
    }
}
