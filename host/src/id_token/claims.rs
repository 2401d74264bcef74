//! What a token says about itself. Nobody has verified it: whoever is shown the token does that.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::text::Escaped;

/// The claims of an id token (OpenID Connect Core 1.0, section 2) that matter here. They are no secret: services write
/// them into their logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// Who issued it.
    pub(crate) issuer: Escaped,
    /// Whom it is about.
    pub(crate) subject: Escaped,
    /// Whom it is for, as it is written.
    pub(super) audiences: Vec<String>,
    /// Unix time in seconds from which on it holds.
    pub(super) not_before: Option<u64>,
    /// Unix time in seconds at which it was issued.
    pub(super) issued_at: Option<u64>,
    /// Unix time in seconds at which it ends.
    pub(super) expires_at: Option<u64>,
}

/// The part of a token that holds its claims.
#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    iss: String,
    #[serde(default)]
    sub: String,
    aud: Option<Audience>,
    nbf: Option<f64>,
    iat: Option<f64>,
    exp: Option<f64>,
}

/// One audience, or several (RFC 7519, section 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// Whether the token holds until a Unix time in seconds at least; one that says no end does not.
    #[must_use]
    pub(crate) fn ends_after(&self, time: u64) -> bool {
        self.expires_at.is_some_and(|end| end >= time)
    }

    /// Those of a token; `None` for a text that is no JSON Web Token in its compact form (RFC 7519).
    pub(super) fn of(token: &SecretString) -> Option<Self> {
        let mut parts = token.expose_secret().split('.');
        let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        // Nothing else, such as a line break, may come into a request with the token.
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_base64_url);
        if !is_part(header) || !is_part(signature) || parts.next().is_some() {
            return None;
        }
        let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
        let Payload { iss, sub, aud, nbf, iat, exp } = serde_json::from_slice(&payload).ok()?;
        let audiences = match aud {
            None => Vec::new(),
            Some(Audience::One(one)) => vec![one],
            Some(Audience::Several(several)) => several,
        };
        Some(Self {
            issuer: Escaped::new(&iss, 300),
            subject: Escaped::new(&sub, 300),
            audiences,
            not_before: nbf.and_then(seconds),
            issued_at: iat.and_then(seconds),
            expires_at: exp.and_then(seconds),
        })
    }

    /// The audiences in one text.
    pub(super) fn audience_shown(&self) -> Escaped {
        Escaped::new(&self.audiences.join(", "), 300)
    }
}

/// Whether a byte is a digit of base64url (RFC 4648, section 5), of which each part of a token is made.
fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// A time of a token: a number of seconds, which may have a fraction (RFC 7519, section 2, `NumericDate`).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in the range")]
fn seconds(time: f64) -> Option<u64> {
    (0.0..1e15).contains(&time).then_some(time as u64)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A token with these claims.
    pub(in crate::id_token) fn token(claims: &Value) -> SecretString {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "RS256"})), part(claims)).into()
    }

    #[test]
    fn claims_are_read_in_all_of_their_forms() {
        let all = json!({"iss": "https://a.example", "sub": "job", "aud": "b", "nbf": 1.5, "iat": 2, "exp": 3});
        let claims = Claims::of(&token(&all)).unwrap();
        assert_eq!((claims.issuer.as_str(), claims.subject.as_str()), ("https://a.example", "job"));
        assert_eq!(claims.audiences, ["b"]);
        assert_eq!((claims.not_before, claims.issued_at, claims.expires_at), (Some(1), Some(2), Some(3)));
        let claims = Claims::of(&token(&json!({"aud": ["b", "c"], "exp": -1}))).unwrap();
        assert_eq!((claims.audiences, claims.expires_at), (vec!["b".to_owned(), "c".to_owned()], None));
    }

    #[test]
    fn a_text_that_is_no_token_has_no_claims() {
        for text in [
            "",
            "hunter2",
            "a.b.c",
            "a..c",
            "a.e30",
            ".e30.c",
            "a.e30.",
            "a.e30.c.d",
            "<html>.e30.x.y",
            "a.e30.c\nX: y",
            "a.e30.c d",
            "a\r.e30.c",
        ] {
            assert!(Claims::of(&text.into()).is_none(), "{text}");
        }
        assert!(Claims::of(&"a.e30.c".into()).is_some());
    }
}
