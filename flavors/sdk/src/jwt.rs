//! JSON Web Tokens (RFC 7519), as far as their claims are read. No signature is checked: a flavor gets its tokens from
//! their issuer, over TLS, and uses the claims for messages and expiry only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of a token; [`Value::Null`] if the text is not a JWT.
pub fn claims(token: &str) -> Value {
    let mut parts = token.split('.');
    let claims = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(claims), Some(_), None) => claims,
        _ => return Value::Null,
    };
    let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// When a fresh token expires, in Unix seconds: at its claim `exp`, or after `lifetime` seconds, whichever is earlier.
///
/// A claim in the past is ignored: the token was just issued, so its issuer's clock differs from this machine's.
pub fn expiry(token: &str, now: u64, lifetime: u64) -> u64 {
    let claimed = claims(token).get("exp").and_then(Value::as_u64);
    claimed.filter(|end| *end > now).unwrap_or(u64::MAX).min(now.saturating_add(lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn claims_are_read_and_anything_else_has_none() {
        assert_eq!(claims(&token(r#"{"appid":"a"}"#))["appid"], "a");
        for text in ["", "a", "a.b", "a.b.c", "a.b.c.d", "..", &token("{"), &token("[1]")] {
            assert!(claims(text).get("appid").is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_ends_when_it_says_unless_that_can_t_be() {
        for (claims, expected) in [
            (r#"{"exp":1500}"#, 1_500),
            (r#"{"exp":9000}"#, 4_000),
            (r#"{"exp":999}"#, 4_000),
            (r#"{"exp":"soon"}"#, 4_000),
            ("{}", 4_000),
        ] {
            assert_eq!(expiry(&token(claims), 1_000, 3_000), expected, "{claims}");
        }
        assert_eq!(expiry("opaque", 1_000, 3_000), 4_000);
    }
}
