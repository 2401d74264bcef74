//! URIs of keys, and calls of the engine's API.

use crhost_flavor::http::Method;
use crhost_flavor::testing::{Host, answer, assert_accepts, assert_refuses, connector, image, registry};
use crhost_flavor::{Connector, FailureKind, Flavor as _, Purpose};

use super::*;

const URI: &str = "bao.example.com:8200/infra/transit/crhost";
const BASE: &str = "https://bao.example.com:8200/v1";

fn token(host: &Host) -> Connector {
    connector("token", &[]).with_secret("token", host.secret("s.t0ken"))
}

#[test]
fn uris_name_a_key_behind_its_mount() {
    assert_accepts::<TransitKeys>(&[
        ("bao.example.com/transit/crhost", "bao.example.com/transit/crhost", 0),
        (URI, URI, 0),
        ("10.0.0.7:8200/transit/crhost", "10.0.0.7:8200/transit/crhost", 0),
    ]);
    assert_refuses::<TransitKeys>(&[
        ("bao.example.com:8200", "bao.example.com:8200/transit/crhost"),
        ("bao.example.com:8200/crhost", "bao.example.com:8200/transit/crhost"),
        ("bao.example.com:8200/v1/transit/keys/crhost", "bao.example.com:8200/transit/crhost"),
        ("bao.example.com:8200/ui/vault/secrets/transit/show/crhost", "bao.example.com:8200/transit/crhost"),
        ("bao.example.com/a/b/c/d/crhost", "at most"),
        ("https://bao.example.com/transit/crhost", "bao.example.com/transit/crhost"),
        ("ghcr.io/acme/x", "github"),
    ]);
}

#[test]
fn it_is_no_registry() {
    let pushed = TransitKeys::prepare_image_push(
        registry(URI, &[]),
        None,
        image("bao.example.com:8200", "infra/transit/crhost"),
    );
    let asked = TransitKeys::credentials(registry(URI, &[]), None, Purpose::Pull, None);
    for failure in [pushed.err().unwrap(), asked.err().unwrap()] {
        assert_eq!(failure.kind, FailureKind::Unsupported);
        assert!(failure.hint.unwrap().contains("CRHOST_KEY_FILE"));
    }
}

#[test]
fn a_key_is_made_and_unwrapped_and_the_flavor_holds_a_handle() {
    let made = r#"{"data": {"ciphertext": "vault:v1:abc", "plaintext": "aHVudGVyMg=="}}"#;
    let host = Host::at(0)
        .holding::<TransitKeys>()
        .answers(Method::Post, &format!("{BASE}/infra/transit/datakey/plaintext/crhost"), answer(200, made))
        .answers(
            Method::Post,
            &format!("{BASE}/infra/transit/decrypt/crhost"),
            answer(200, r#"{"data": {"plaintext": "aHVudGVyMg=="}}"#),
        );
    let with_namespace = || registry(URI, &[("namespace", "team")]);
    let key = TransitKeys::make_key(with_namespace(), Some(token(&host))).unwrap();
    assert_eq!((key.wrapped.as_str(), key.by.as_str()), ("vault:v1:abc", URI));
    assert_eq!(host.revealed(&key.key), "hunter2");
    let key = TransitKeys::unwrap_key(with_namespace(), Some(token(&host)), key.wrapped).unwrap();
    assert_eq!(host.revealed(&key), "hunter2");
    let sent = host.sent();
    assert_eq!(sent[0].header("authorization"), Some("Bearer s.t0ken"));
    assert_eq!(sent[0].header("x-vault-namespace"), Some("team"));
    assert_eq!(
        (sent[0].text().as_str(), sent[1].text().as_str()),
        (r#"{"bits":256}"#, r#"{"ciphertext":"vault:v1:abc"}"#)
    );
}

#[test]
fn a_login_gives_the_token_at_the_address_that_was_granted() {
    let host = Host::at(0)
        .holding::<TransitKeys>()
        .answers(
            Method::Post,
            "https://bao.internal:8200/v1/auth/kubernetes/login",
            answer(200, r#"{"auth": {"client_token": "s.issued"}}"#),
        )
        .answers(
            Method::Post,
            "https://bao.internal:8200/v1/infra/transit/decrypt/crhost",
            answer(200, r#"{"data": {"plaintext": "aHVudGVyMg=="}}"#),
        );
    let by_jwt = || {
        let fields = [("role", "crhost"), ("auth-path", "kubernetes")];
        connector("jwt", &fields).with_secret("jwt", host.secret("ey.pod.token"))
    };
    let address = [("transit-address", "https://bao.internal:8200")];
    TransitKeys::unwrap_key(registry(URI, &address), Some(by_jwt()), "vault:v1:abc".to_owned()).unwrap();
    let sent = host.sent();
    assert_eq!(sent[0].text(), r#"{"jwt":"ey.pod.token","role":"crhost"}"#);
    assert_eq!(sent[1].header("authorization"), Some("Bearer s.issued"));
    let failure = TransitKeys::make_key(registry(URI, &[]), Some(by_jwt())).err().unwrap();
    assert!(failure.hint.unwrap().contains("transit-address"), "a secret would go where nobody granted it");
}

#[test]
fn each_refusal_of_the_engine_is_told() {
    for (status, words, kind) in [
        (403, "permission denied", FailureKind::Denied),
        (400, "encryption key not found", FailureKind::NotFound),
        (404, "no handler for route", FailureKind::NotFound),
        (400, "cipher: message authentication failed", FailureKind::InvalidInput),
        (503, "Vault is sealed", FailureKind::Unavailable),
    ] {
        let refusal = answer(status, &format!(r#"{{"errors": ["{words}"]}}"#));
        let host = Host::at(0).answers(Method::Post, &format!("{BASE}/infra/transit/decrypt/crhost"), refusal);
        let failure = TransitKeys::unwrap_key(registry(URI, &[]), Some(token(&host)), "w".to_owned()).err().unwrap();
        assert_eq!(failure.kind, kind, "{failure:?}");
        assert!(failure.message.contains(words), "{failure:?}");
    }
    let failure = TransitKeys::make_key(registry(URI, &[]), None).err().unwrap();
    assert_eq!(failure.kind, FailureKind::Unauthenticated);
}
