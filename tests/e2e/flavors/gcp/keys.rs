//! Keys of service accounts, and what they signed.

use std::process::Command;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::Value;

use crate::support::programs::process;

/// A private key in PEM, and its public half.
pub(super) struct Key {
    pub(super) pem: String,
    public: Vec<u8>,
}

impl Key {
    /// The key of the account that the fake knows.
    pub(super) fn known() -> &'static Self {
        static KEY: OnceLock<Key> = OnceLock::new();
        KEY.get_or_init(Self::new)
    }

    /// Another one.
    pub(super) fn other() -> &'static Self {
        static KEY: OnceLock<Key> = OnceLock::new();
        KEY.get_or_init(Self::new)
    }

    fn new() -> Self {
        let mut openssl = Command::new("openssl");
        openssl.args(["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
        let pem = process::run(&mut openssl).ok().stdout;
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap();
        Self { public: pair.public_key().as_ref().to_vec(), pem }
    }

    /// The claims of a JWT that this key signed with RS256 and that names `key_id`; none of anything else.
    pub(super) fn claims(&self, jwt: &str, key_id: &str) -> Option<Value> {
        let (signed, signature) = jwt.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let json = |text: &str| serde_json::from_slice::<Value>(&decoded(text)?).ok();
        let header = json(header)?;
        if header["alg"] != "RS256" || header["typ"] != "JWT" || header["kid"] != key_id {
            return None;
        }
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public);
        key.verify(signed.as_bytes(), &decoded(signature)?).ok()?;
        json(claims)
    }
}

/// Whether claims are good now, and for an hour at most, as Google wants it.
pub(super) fn are_timely(claims: &Value) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    match (claims["iat"].as_u64(), claims["exp"].as_u64()) {
        (Some(issued), Some(end)) => issued <= now + 60 && end > now && end <= issued + 3_600,
        _ => false,
    }
}
