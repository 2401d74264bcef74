//! Who calls.

use serde_json::Value;

use crate::image::Digest;
use crate::store::Name;
use crate::text::Escaped;

/// Who calls, by a token that was verified.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The name of the issuer in the rules.
    pub(crate) issuer: Name,
    /// Whom the token is about; empty if it does not say.
    pub(crate) subject: Escaped,
    /// All of its claims.
    pub(crate) claims: Value,
}

/// Claims that each token of the same caller has anew.
const OF_ONE_TOKEN: [&str; 6] = ["exp", "iat", "nbf", "jti", "auth_time", "nonce"];

impl Caller {
    /// The caller as it is shown: a subject can't look as if it were that of another issuer.
    pub(crate) fn shown(&self) -> String {
        match self.subject.as_str() {
            "" => format!("a caller of `{}` without a subject", self.issuer),
            subject => format!("`{}` of `{}`", subject.replace('`', "\\u{60}"), self.issuer),
        }
    }

    /// What tells this caller from others. One without a subject is told by all that its tokens have in common.
    pub(crate) fn key(&self) -> String {
        if !self.subject.is_empty() {
            return format!("{} {}", self.issuer, self.subject);
        }
        let mut claims = self.claims.clone();
        if let Some(claims) = claims.as_object_mut() {
            OF_ONE_TOKEN.iter().for_each(|name| drop(claims.remove(*name)));
        }
        format!("{} {}", self.issuer, Digest::of(claims.to_string().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn caller(subject: &str, claims: Value) -> Caller {
        Caller { issuer: "github".parse().unwrap(), subject: subject.into(), claims }
    }

    #[test]
    fn callers_without_a_subject_are_told_by_what_their_tokens_have_in_common() {
        let key = |claims| caller("", claims).key();
        assert_eq!(key(json!({"repository": "a", "exp": 1})), key(json!({"repository": "a", "exp": 2})));
        assert_ne!(key(json!({"repository": "a"})), key(json!({"repository": "b"})));
        assert_eq!(caller("s", json!({"jti": 1})).key(), "github s");
    }

    #[test]
    fn a_subject_can_t_look_like_another_one() {
        let shown = caller("ann` of `corp\n", json!({})).shown();
        assert_eq!(shown, "`ann\\u{60} of \\u{60}corp` of `github`");
    }
}
