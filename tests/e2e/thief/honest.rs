//! What is declared and granted works, and the provider finds it right.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::{digest, hmac};
use serde_json::Value;
use tempfile::TempDir;

use super::{CLIENT_SECRET, SECRET_KEY, Stage, TOKEN, push};
use crate::support::fakes::api::RecordedRequest;
use crate::support::programs::process;
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};

/// Makes an attempt that works, and gives the request that the provider got.
#[track_caller]
fn sent(stage: &Stage, attempt: &str) -> RecordedRequest {
    assert_eq!(stage.attempt(attempt), [r#"200 {"ok":true}"#], "the attempt `{attempt}`");
    stage.service.requests().pop().unwrap()
}

#[test]
fn a_secret_arrives_in_each_place_that_is_declared_for_it() {
    let stage = Stage::new();
    let bearer = sent(&stage, "bearer");
    assert_eq!((bearer.line.as_str(), bearer.authorization()), ("GET /user/me?page=2", &*format!("Bearer {TOKEN}")));
    let basic = sent(&stage, "basic");
    assert_eq!(basic.authorization(), format!("Basic {}", STANDARD.encode(format!("alice:{TOKEN}"))));
    let form = sent(&stage, "form");
    let percent = |text: &str| {
        text.replace('~', "%7E").replace('/', "%2F").replace('+', "%2B").replace('&', "%26").replace('=', "%3D")
    };
    let expected = format!("grant_type=client_credentials&scope=push&client_secret={}", percent(CLIENT_SECRET));
    assert_eq!((form.line.as_str(), form.body.as_str()), ("POST /oauth/token", expected.as_str()));
    // At a place that no standard defines, and that the user has accepted by its name.
    let json = sent(&stage, "json-member");
    assert_eq!(
        serde_json::from_str::<Value>(&json.body).unwrap(),
        serde_json::json!({"user": "alice", "secret": TOKEN})
    );
    assert_eq!(stage.own.lines(), [""; 0]);
}

#[test]
fn a_request_is_signed_with_a_chain_of_keys_that_nobody_sees() {
    let stage = Stage::new();
    let request = sent(&stage, "signed-request");
    let sign =
        |key: &[u8], message: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let parts = ["20300101", "eu-west-1", "ecr", "aws4_request"];
    let key = parts.iter().fold(format!("AWS4{SECRET_KEY}").into_bytes(), |key, part| sign(&key, part.as_bytes()));
    let hashed = hex(digest::digest(&digest::SHA256, b"POST\n/api\n").as_ref());
    let signature = hex(&sign(&key, format!("AWS4-HMAC-SHA256\n{hashed}").as_bytes()));
    let expected =
        format!("AWS4-HMAC-SHA256 Credential=alice/20300101/eu-west-1/ecr/aws4_request, Signature={signature}");
    assert_eq!((request.line.as_str(), request.authorization()), ("POST /api", expected.as_str()));
}

#[test]
fn an_assertion_is_signed_with_a_key_that_nobody_sees() {
    let stage = Stage::new();
    let request = sent(&stage, "signed-assertion");
    let assertion = request.body.rsplit_once("assertion=").unwrap().1.to_owned();
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let entered = TempDir::new().unwrap();
    let path = |name: &str| entered.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("key.pem"), &stage.pem).unwrap();
    fs::write(path("message"), signed).unwrap();
    fs::write(path("signature"), URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    process::tool("openssl", ["rsa", "-in", &path("key.pem"), "-pubout", "-out", &path("public.pem")]).ok();
    let judge = ["dgst", "-sha256", "-verify", &path("public.pem"), "-signature", &path("signature"), &path("message")];
    assert_eq!(process::tool("openssl", judge).ok().stdout, "Verified OK\n");
}

#[test]
fn a_token_is_handed_to_the_registry_as_its_password() {
    let stage = Stage::at(Registry::with_unusual_password(), UNUSUAL_PASSWORD, &["--yes", super::ACCEPTED]);
    stage.home.ok(&push("thief", "registry-password"));
    stage.home.fails(4, &push("thief", "no-password"));
}
