//! The keys of an issuer, as a JSON Web Key Set (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use super::error::TokenError;
use crate::json;

/// A way to sign (RFC 7518, section 3; RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSA, PKCS #1, SHA-256, from 2048 bits.
    Rs256,
    /// ECDSA, P-256, SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

/// Keys that verify.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    public: Public,
}

#[derive(Debug, Clone)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// Most keys of an issuer; a large one has a dozen.
const MAX_KEYS: usize = 100;

/// Most keys that are tried for a token that names none.
const MAX_TRIED: usize = 8;

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Algorithm {
    /// The algorithm of a name in a header.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

impl Keys {
    /// The keys of a set. Those of other kinds or for other uses are left out, as the specification wants it.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let set: KeySet = json::object(bytes).ok()?;
        let known = set
            .keys
            .into_iter()
            .filter(Value::is_object)
            .take(MAX_KEYS)
            .filter_map(|key| Key::of(serde_json::from_value(key).ok()?));
        Some(Self(known.collect()))
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a token of this algorithm and key could be verified.
    pub(crate) fn has(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        self.candidates(algorithm, id).next().is_some()
    }

    /// Verifies a signature with the key that is named, or where none is, with one of those that could have made it.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), TokenError> {
        let mut tried = false;
        for key in self.candidates(algorithm, id).take(MAX_TRIED) {
            if key.public.verifies(message, signature) {
                return Ok(());
            }
            tried = true;
        }
        Err(if tried { TokenError::Signature } else { TokenError::NoKey })
    }

    fn candidates<'a>(&'a self, algorithm: Algorithm, id: Option<&'a str>) -> impl Iterator<Item = &'a Key> {
        let is_named = move |key: &&Key| id.is_none() || key.id.as_deref() == id;
        self.0.iter().filter(move |key| key.public.algorithm() == algorithm).filter(is_named)
    }
}

impl Key {
    fn of(jwk: Jwk) -> Option<Self> {
        if jwk.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: Option<&String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let public = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Public::Rsa { n: bytes(jwk.n.as_ref())?, e: bytes(jwk.e.as_ref())? },
            // A point as SEC 1, section 2.3.3, writes it.
            ("EC", Some("P-256")) => Public::P256([vec![4], bytes(jwk.x.as_ref())?, bytes(jwk.y.as_ref())?].concat()),
            ("OKP", Some("Ed25519")) => Public::Ed25519(bytes(jwk.x.as_ref())?),
            _ => return None,
        };
        let fits = jwk.alg.as_deref().is_none_or(|alg| Algorithm::of(alg) == Some(public.algorithm()));
        fits.then_some(Self { id: jwk.kid, public })
    }
}

impl Public {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            Self::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature),
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
        };
        verified.is_ok()
    }
}
