//! A token, taken apart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::caller::Caller;
use super::claims;
use super::error::TokenError;
use super::keys::{Algorithm, Keys};
use crate::json::{self, Unique};
use crate::store::Name;
use crate::text::Escaped;

/// A token that was taken apart and not yet verified.
pub(crate) struct Unverified<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Value,
}

/// Longest token, in bytes: those of CI systems and clusters have one or two KiB.
pub(crate) const MAX_TOKEN: usize = 16 << 10;

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When it is none, is too long, or is signed in another way than those accepted.
    pub(crate) fn parse(token: &'a str) -> Result<Self, TokenError> {
        parse(token)
    }

    /// The issuer that it names, to find the keys.
    pub(crate) fn issuer(&self) -> &str {
        self.claims.get("iss").and_then(Value::as_str).unwrap_or_default()
    }

    /// The key that it names.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether it says that it was issued before a time, and not at about that time: the clocks may differ.
    pub(crate) fn issued_before(&self, time: u64) -> bool {
        claims::issued_at(&self.claims).is_none_or(|issued| issued.saturating_add(claims::LEEWAY) < time)
    }

    /// Its algorithm.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The caller, if one of the keys has signed it, it is for the audience and holds now.
    ///
    /// # Errors
    /// What is against it; a missing key is told apart, as the issuer may have new ones.
    pub(crate) fn verify(&self, keys: &Keys, issuer: &Name, audience: &str, now: u64) -> Result<Caller, TokenError> {
        keys.verify(self.algorithm, self.key_id.as_deref(), self.signed.as_bytes(), &self.signature)?;
        claims::check(&self.claims, issuer, audience, now)
    }
}

/// The header (RFC 7515, section 4.1).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// Takes a token apart.
fn parse(token: &str) -> Result<Unverified<'_>, TokenError> {
    if token.len() > MAX_TOKEN {
        return Err(TokenError::TooLong);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::NoToken)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::NoToken)?;
    // A fourth part is none of base64url.
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::NoToken);
    let header: Header = json::object(&decoded(header)?).map_err(|_| TokenError::NoToken)?;
    if header.crit.is_some() {
        return Err(TokenError::Critical);
    }
    let unknown = || TokenError::Algorithm(Escaped::new(&header.alg, 40));
    let algorithm = Algorithm::of(&header.alg).ok_or_else(unknown)?;
    // Other readers may take the other one of two claims of one name (RFC 7519, section 4).
    let Unique(claims) = serde_json::from_slice(&decoded(payload)?).map_err(|_| TokenError::NoToken)?;
    if !claims.is_object() {
        return Err(TokenError::NoToken);
    }
    Ok(Unverified { signed, signature: decoded(signature)?, algorithm, key_id: header.kid, claims })
}
