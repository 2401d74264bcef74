//! A signer of tokens that the real `docker-registry` trusts: a key, and a certificate for it.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

/// The issuer in the tokens.
pub(crate) const ISSUER: &str = "crhost-test-tokens";
/// Long enough for any test, in seconds.
pub(crate) const LIFETIME: u64 = 300;

/// A key of its own, and its certificate.
pub(crate) struct Signer {
    key: EcdsaKeyPair,
    /// The certificate of the key, as tokens carry it.
    chain: String,
    certificate: String,
}

impl Signer {
    /// One with a new key, which no registry trusts yet.
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![ISSUER.to_owned()]).unwrap().self_signed(&key).unwrap();
        Self {
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der(), &SystemRandom::new())
                .unwrap(),
            chain: STANDARD.encode(certificate.der()),
            certificate: certificate.pem(),
        }
    }

    /// What a registry has to trust, in PEM.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A token with these claims.
    pub(crate) fn jwt(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [self.chain]});
        let signed = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token that grants `access` at the registry that calls itself `service`.
    pub(crate) fn access_token(&self, service: &str, subject: &str, access: &[Value]) -> String {
        let now = now();
        self.jwt(&json!({
            "iss": ISSUER, "sub": subject, "aud": service, "access": access,
            "jti": Value::from(access).to_string(), "iat": now, "nbf": now - 5, "exp": now + LIFETIME,
        }))
    }
}

/// Unix time in seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
