//! Answers of OAuth 2.0 token endpoints (RFC 6749, section 5.1).

use serde_json::Value;

/// The token in a successful answer, with its lifetime if the answer says one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenResponse {
    /// The access token; fits into a header.
    pub access_token: String,
    /// Seconds that it lives, from the moment of the answer.
    pub expires_in: Option<u64>,
}

impl TokenResponse {
    /// Reads the body of an answer; fails as `None` if there is no usable token in it.
    ///
    /// `expires_in` may be a number or a number in quotes, as some services send it; anything else counts as left out.
    pub fn read(body: &[u8]) -> Option<Self> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        let seconds = match answer.get("expires_in") {
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_u64(),
            None => None,
        };
        Some(Self { access_token: token(&answer, "access_token")?, expires_in: seconds.filter(|seconds| *seconds > 0) })
    }

    /// When the token expires, in Unix seconds, and `longest` seconds from `now` at the latest.
    pub fn expires_at(&self, now: u64, longest: u64) -> Option<u64> {
        self.expires_in.map(|seconds| now.saturating_add(seconds.min(longest)))
    }
}

/// The token in a member of an answer, if it can go into a header: printable ASCII, and not empty.
pub fn token(answer: &Value, member: &str) -> Option<String> {
    let token = answer.get(member)?.as_str()?;
    (!token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_with_its_lifetime_as_a_number_or_as_text() {
        for (expires_in, expected) in [
            ("3599", Some(3_599)),
            (r#""3599""#, Some(3_599)),
            ("0", None),
            ("-1", None),
            (r#""soon""#, None),
            ("null", None),
        ] {
            let body = format!(r#"{{"token_type":"Bearer","access_token":"eyJ.e30.c","expires_in":{expires_in}}}"#);
            let answer = TokenResponse::read(body.as_bytes()).unwrap();
            assert_eq!((answer.access_token.as_str(), answer.expires_in), ("eyJ.e30.c", expected), "{expires_in}");
        }
    }

    #[test]
    fn a_lifetime_is_bounded_by_the_longest_that_is_believed() {
        let answer = |expires_in| TokenResponse { access_token: "t".into(), expires_in };
        assert_eq!(answer(Some(60)).expires_at(1_000, 3_600), Some(1_060));
        assert_eq!(answer(Some(u64::MAX)).expires_at(1_000, 3_600), Some(4_600));
        assert_eq!(answer(None).expires_at(1_000, 3_600), None);
    }

    #[test]
    fn half_an_answer_is_no_token() {
        for body in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"access_token":1}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":"a\nb"}"#,
            r#"{"access_token":"a b"}"#,
            r#"{"access_token":"a"#,
        ] {
            assert_eq!(TokenResponse::read(body.as_bytes()), None, "{body}");
        }
    }
}
