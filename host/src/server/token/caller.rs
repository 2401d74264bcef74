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
    /// Whom the token is about, as it says; empty if it does not.
    pub(crate) subject: String,
    /// All of its claims.
    pub(crate) claims: Value,
}

/// Longest subject that is shown, in characters.
const MAX_SHOWN: usize = 300;

/// Claims that each token of the same caller has anew.
const OF_ONE_TOKEN: [&str; 6] = ["exp", "iat", "nbf", "jti", "auth_time", "nonce"];

impl Caller {
    /// The caller as it is shown: a subject can't look as if it were that of another issuer.
    pub(crate) fn shown(&self) -> String {
        match self.subject.as_str() {
            "" => format!("a caller of `{}` without a subject", self.issuer),
            subject => {
                let subject = Escaped::new(subject, MAX_SHOWN).replace('`', "\\u{60}");
                format!("`{subject}` of `{}`", self.issuer)
            }
        }
    }

    /// What tells this caller from others. One without a subject is told by all that its tokens have in common.
    pub(crate) fn key(&self) -> String {
        if !self.subject.is_empty() {
            return format!("{} subject {}", self.issuer, Digest::of(self.subject.as_bytes()));
        }
        let mut claims = self.claims.clone();
        if let Some(claims) = claims.as_object_mut() {
            OF_ONE_TOKEN.iter().for_each(|name| drop(claims.remove(*name)));
        }
        format!("{} claims {}", self.issuer, Digest::of(claims.to_string().as_bytes()))
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
        assert_eq!(caller("s", json!({"jti": 1})).key(), caller("s", json!({"jti": 2})).key());
    }

    #[test]
    fn different_subjects_are_different_callers_however_alike_they_look() {
        let long = "s".repeat(5_000);
        let subjects = ["s", " s", "s ", "s  s", "s s", "a\\n", "a\n", long.as_str(), long.get(1..).unwrap()];
        let keys: std::collections::BTreeSet<String> =
            subjects.iter().map(|subject| caller(subject, json!({})).key()).collect();
        assert_eq!(keys.len(), subjects.len());
        assert!(keys.iter().all(|key| key.len() < 100), "{keys:?}");
        let claims = json!({"repository": "a"});
        assert_ne!(caller("", claims.clone()).key(), caller(&claims.to_string(), json!({})).key());
    }

    #[test]
    fn a_subject_can_t_look_like_another_one() {
        let shown = caller("ann` of `corp\n", json!({})).shown();
        assert_eq!(shown, "`ann\\u{60} of \\u{60}corp` of `github`");
    }
}
