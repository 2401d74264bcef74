use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

const NOW: u64 = 1_800_000_000;
const AUDIENCE: &str = "https://crhost.example";

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap())
    }

    fn jwk(&self, id: &str) -> Value {
        let point = self.0.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": base64(&point[1..33]), "y": base64(&point[33..])})
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64(signature))
    }
}

fn keys(all: &[Value]) -> Keys {
    Keys::parse(json!({"keys": all}).to_string().as_bytes()).unwrap()
}

fn claims(changes: &Value) -> Value {
    let mut claims = json!({"iss": "i", "sub": "job", "aud": AUDIENCE, "exp": NOW + 300, "nbf": NOW, "iat": NOW});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn verify(token: &str, keys: &Keys) -> Result<Caller, TokenError> {
    Unverified::parse(token)?.verify(keys, &"github".parse().unwrap(), AUDIENCE, NOW)
}

#[test]
fn a_token_of_a_known_key_is_its_caller_s() {
    let signer = Signer::new();
    let keys = keys(&[json!({"kty": "oct", "k": "x"}), Signer::new().jwk("other"), signer.jwk("k1")]);
    for header in [json!({"alg": "ES256", "kid": "k1"}), json!({"alg": "ES256", "typ": "JWT"})] {
        let caller = verify(&signer.token(&header, &claims(&json!({}))), &keys).unwrap();
        assert_eq!(caller.subject.as_str(), "job");
        assert_eq!(caller.claims["iss"], "i");
    }
}

#[test]
fn ed25519_is_accepted() {
    let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap();
    let keys = keys(&[json!({"kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key())})]);
    let signed = format!("{}.{}", base64(r#"{"alg":"EdDSA"}"#), base64(claims(&json!({})).to_string()));
    let token = format!("{signed}.{}", base64(pair.sign(signed.as_bytes())));
    assert!(verify(&token, &keys).is_ok());
}

#[test]
fn what_others_signed_or_nobody_is_refused() {
    let (signer, evil) = (Signer::new(), Signer::new());
    let keys = keys(&[signer.jwk("k1")]);
    let good = signer.token(&json!({"alg": "ES256", "kid": "k1"}), &claims(&json!({})));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let changed = format!("{header}.{}.{signature}", base64(claims(&json!({"sub": "root"})).to_string()));
    let unsigned =
        |alg: &str| format!("{}.{}.", base64(json!({"alg": alg}).to_string()), base64(claims(&json!({})).to_string()));
    let headed = |header: Value| signer.token(&header, &claims(&json!({})));
    let long = "a".repeat(MAX_TOKEN + 1);
    for (token, expected) in [
        (evil.token(&json!({"alg": "ES256", "kid": "k1"}), &claims(&json!({}))), TokenError::Signature),
        (evil.token(&json!({"alg": "ES256", "kid": "k2"}), &claims(&json!({}))), TokenError::NoKey),
        (changed, TokenError::Signature),
        (unsigned("none"), TokenError::Algorithm("none".into())),
        (unsigned("None"), TokenError::Algorithm("None".into())),
        (headed(json!({"alg": "HS256"})), TokenError::Algorithm("HS256".into())),
        (headed(json!({"alg": "RS256", "kid": "k1"})), TokenError::NoKey),
        (headed(json!({"alg": "ES256", "crit": ["b64"], "b64": false})), TokenError::Critical),
        (format!("{good}.x"), TokenError::NoToken),
        ("hunter2".to_owned(), TokenError::NoToken),
        (String::new(), TokenError::NoToken),
        (long, TokenError::TooLong),
    ] {
        assert_eq!(verify(&token, &keys).err(), Some(expected));
    }
}

#[test]
fn audience_and_times_hold_with_a_minute_between_the_clocks() {
    let signer = Signer::new();
    let keys = keys(&[signer.jwk("k1")]);
    let found = |changes: Value| verify(&signer.token(&json!({"alg": "ES256"}), &claims(&changes)), &keys).err();
    assert_eq!(found(json!({"aud": ["x", AUDIENCE]})), None);
    assert_eq!(found(json!({"exp": NOW - 59})), None);
    assert_eq!(found(json!({"exp": NOW - 60})), Some(TokenError::Ended(60)));
    assert_eq!(found(json!({"exp": NOW - 600})), Some(TokenError::Ended(600)));
    assert_eq!(found(json!({"nbf": NOW + 60})), None);
    assert_eq!(found(json!({"nbf": NOW + 600})), Some(TokenError::Early(600)));
    assert_eq!(found(json!({"iat": NOW + 61})), Some(TokenError::Early(61)));
    assert_eq!(found(json!({"exp": null})), Some(TokenError::NoTime("exp")));
    assert_eq!(found(json!({"exp": "soon"})), Some(TokenError::NoTime("exp")));
    for other in [json!("x"), json!([]), json!({"https://crhost.example": 1}), Value::Null] {
        assert!(matches!(found(json!({"aud": other})), Some(TokenError::Audience { .. })));
    }
}

#[test]
fn keys_for_other_uses_verify_nothing() {
    let signer = Signer::new();
    let token = signer.token(&json!({"alg": "ES256", "kid": "k1"}), &claims(&json!({})));
    for (name, value) in [("use", "enc"), ("alg", "RS256"), ("crv", "P-384")] {
        let mut jwk = signer.jwk("k1");
        jwk[name] = json!(value);
        assert_eq!(verify(&token, &keys(&[jwk])).err(), Some(TokenError::NoKey), "{name}");
    }
}
