//! The claims of a token: whom it is for, and when it holds.

use serde_json::Value;

use super::caller::Caller;
use super::error::TokenError;
use crate::store::Name;
use crate::text::Escaped;

/// Clocks may differ by so much, in seconds.
pub(super) const LEEWAY: u64 = 60;

/// The caller of claims that an issuer has signed.
pub(super) fn check(claims: &Value, issuer: &Name, audience: &str, now: u64) -> Result<Caller, TokenError> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&audience) {
        let (found, expected) = (Escaped::new(&audiences.join(", "), 200), Escaped::new(audience, 200));
        return Err(TokenError::Audience { found, expected });
    }
    let expires_at = time(claims, "exp")?.ok_or(TokenError::NoTime("exp"))?;
    if now >= expires_at.saturating_add(LEEWAY) {
        return Err(TokenError::Ended(now - expires_at));
    }
    for name in ["nbf", "iat"] {
        if let Some(start) = time(claims, name)?
            && start > now.saturating_add(LEEWAY)
        {
            return Err(TokenError::Early(start - now));
        }
    }
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Caller { issuer: issuer.clone(), subject, claims: claims.clone() })
}

/// When a token was issued, as it says; absent where it does not.
pub(super) fn issued_at(claims: &Value) -> Option<u64> {
    seconds(claims.get("iat")?)
}

/// A time of a token: seconds, which may have a fraction (RFC 7519, section 2).
fn time(claims: &Value, name: &'static str) -> Result<Option<u64>, TokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => seconds(value).map(Some).ok_or(TokenError::NoTime(name)),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in the range")]
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|time| (0.0..1e15).contains(time)).map(|time| time as u64))
}
