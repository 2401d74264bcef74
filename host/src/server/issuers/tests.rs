use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;

const URL: &str = "https://issuer.example";

/// The public key of two key pairs.
const KEYS: [&str; 2] = ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"];

fn issuer(issuers: &Issuers, file: &std::path::Path) -> Arc<Issuer> {
    issuers.of(&IssuerSpec {
        name: "one".parse().unwrap(),
        url: URL.to_owned(),
        audience: "crhost".to_owned(),
        keys_file: Some(file.to_owned()),
        authority_file: None,
    })
}

fn write(file: &std::path::Path, keys: &[(&str, &str)]) {
    let keys = keys.iter().map(|(id, x)| json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x}));
    std::fs::write(file, json!({"keys": keys.collect::<Vec<_>>()}).to_string()).unwrap();
}

/// A token of a key, which was issued at this time.
fn token(key: &str, issued: u64) -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.", part(json!({"alg": "EdDSA", "kid": key})), part(json!({"iss": URL, "iat": issued})))
}

/// Whether the keys that are had for a token have its own.
async fn has(issuer: &Issuer, token: &str) -> Result<bool, CallerError> {
    let token = Unverified::parse(token).unwrap();
    issuer.keys_for(&token).await.map(|keys| keys.has(token.algorithm(), token.key_id()))
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_asked_once_for_many_callers() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    let issuers = Issuers::default();
    let (issuer, token) = (issuer(&issuers, &file), token("old", Moment::now().0));
    assert!(matches!(has(&issuer, &token).await, Err(CallerError::Unreachable { .. })));
    write(&file, &[("old", KEYS[0])]);
    assert!(matches!(has(&issuer, &token).await, Err(CallerError::Unreachable { .. })), "it was asked a moment ago");
    issuer.keys.lock().failed = Instant::now().checked_sub(UNANSWERED).map(|at| (at, "no answer".into()));
    assert!(has(&issuer, &token).await.unwrap());
}

#[tokio::test]
async fn a_key_that_was_removed_verifies_nothing_after_ten_minutes_at_the_latest() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    let (issuers, now) = (Issuers::default(), Moment::now().0);
    write(&file, &[("old", KEYS[0])]);
    let issuer = issuer(&issuers, &file);
    assert!(has(&issuer, &token("old", now)).await.unwrap());
    write(&file, &[("new", KEYS[1])]);
    assert!(has(&issuer, &token("old", now)).await.unwrap(), "nothing has them read again");
    issuer.keys.lock().read_at = Instant::now().checked_sub(FRESH);
    assert!(!has(&issuer, &token("old", now)).await.unwrap());
    // With a token of the new key, at once.
    write(&file, &[("newer", KEYS[0])]);
    assert!(has(&issuer, &token("newer", now)).await.unwrap());
    assert!(!has(&issuer, &token("new", now)).await.unwrap());
}

#[tokio::test]
async fn a_token_that_may_be_of_a_new_key_is_not_refused_for_good_while_strangers_have_keys_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    let (issuers, now) = (Issuers::default(), Moment::now().0);
    write(&file, &[("old", KEYS[0])]);
    let issuer = issuer(&issuers, &file);
    assert!(has(&issuer, &token("old", now)).await.unwrap());
    for _ in 0..BURST {
        assert!(!has(&issuer, &token("stranger", now)).await.unwrap());
    }
    write(&file, &[("new", KEYS[1])]);
    let soon = has(&issuer, &token("new", now)).await;
    assert!(matches!(soon, Err(CallerError::Soon { seconds: 1..=21, .. })), "{soon:?}");
    // One that is older than what was read is refused.
    assert!(!has(&issuer, &token("stranger", now - 600)).await.unwrap());
    issuer.keys.lock().left.1 = Instant::now().checked_sub(REFILL).unwrap();
    assert!(has(&issuer, &token("new", now)).await.unwrap());
}

#[tokio::test]
async fn an_issuer_that_fails_says_nothing_of_a_new_key_and_the_known_ones_hold() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    let (issuers, now) = (Issuers::default(), Moment::now().0);
    write(&file, &[("old", KEYS[0])]);
    let issuer = issuer(&issuers, &file);
    assert!(has(&issuer, &token("old", now)).await.unwrap());
    std::fs::remove_file(&file).unwrap();
    issuer.keys.lock().read_at = Instant::now().checked_sub(FRESH);
    assert!(matches!(has(&issuer, &token("new", now)).await, Err(CallerError::Unreachable { .. })));
    assert!(has(&issuer, &token("old", now)).await.unwrap());
}
