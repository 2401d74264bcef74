//! What is written in a token (RFC 7519). Nothing is checked: tokens come from their issuer, over TLS.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of a token; `null` if it is no JWT.
pub(crate) fn claims(token: &str) -> Value {
    let mut parts = token.split('.');
    let claims = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(claims), Some(_), None) => claims,
        _ => return Value::Null,
    };
    let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// When a token ends, in Unix seconds: what it says, unless that has passed already or is further off than tokens of its kind
/// live; then what they live. A token that is fresh has not ended, so whoever says so has another clock.
pub(crate) fn end(token: &str, now: u64, life: u64) -> u64 {
    let said = claims(token).get("exp").and_then(Value::as_u64);
    said.filter(|end| *end > now).unwrap_or(u64::MAX).min(now.saturating_add(life))
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
            assert_eq!(end(&token(claims), 1_000, 3_000), expected, "{claims}");
        }
        assert_eq!(end("opaque", 1_000, 3_000), 4_000);
    }
}
