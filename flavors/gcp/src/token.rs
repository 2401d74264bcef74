//! Access tokens, and the two forms in which Google returns them.

use crhost_flavor::http::Response;
use crhost_flavor::oauth::{self, TokenResponse};
use crhost_flavor::{Secret, SecretOrText, time};

/// Longest lifetime of a token in seconds: those of service accounts may be issued for twelve hours.
const LONGEST: u64 = 12 * 3_600;

/// An access token.
pub(crate) struct Token<'a> {
    /// The token: a field of the connector, or text that Google returned or a key signed.
    pub(crate) value: SecretOrText<'a>,
    /// The Unix time at which it expires, if that is known.
    pub(crate) expires_at: Option<u64>,
}

impl<'a> Token<'a> {
    /// A token that the user stored.
    pub(crate) fn stored(secret: &'a Secret) -> Self {
        Self { value: secret.into(), expires_at: None }
    }

    /// A token as text.
    pub(crate) fn issued((text, expires_at): (String, Option<u64>)) -> Self {
        Self { value: text.into(), expires_at }
    }
}

/// Reads the answer of a token endpoint (RFC 6749, section 5.1): the token and its expiry; `None` if it has no token.
pub(crate) fn of_oauth(response: &Response, now: u64) -> Option<(String, Option<u64>)> {
    let answer = TokenResponse::read(&response.body)?;
    let expires_at = answer.expires_at(now, LONGEST);
    Some((answer.access_token, expires_at))
}

/// Reads the answer of IAM's `generateAccessToken`: the token and its expiry; `None` if it has no token.
pub(crate) fn of_iam(response: &Response, now: u64) -> Option<(String, Option<u64>)> {
    let answer = response.json();
    let end = answer.get("expireTime").and_then(|time| time::from_rfc3339(time.as_str()?));
    let expires_at = end.filter(|end| *end > now).map(|end| end.min(now + LONGEST));
    Some((oauth::token(&answer, "accessToken")?, expires_at))
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::answer;

    use super::*;

    /// 2026-11-20T12:00:00Z.
    const NOON: u64 = 1_795_176_000;

    #[test]
    fn a_token_ends_when_google_says_so() {
        for (body, end) in [
            (r#"{"access_token":"t","expires_in":3599,"token_type":"Bearer"}"#, Some(NOON + 3_599)),
            (r#"{"access_token":"t","expires_in":"3599"}"#, Some(NOON + 3_599)),
            (r#"{"access_token":"t"}"#, None),
            (r#"{"access_token":"t","expires_in":0}"#, None),
            (r#"{"access_token":"t","expires_in":-1}"#, None),
            (r#"{"access_token":"t","expires_in":"soon"}"#, None),
            (r#"{"access_token":"t","expires_in":18446744073709551615}"#, Some(NOON + LONGEST)),
        ] {
            assert_eq!(of_oauth(&answer(200, body), NOON), Some(("t".into(), end)), "{body}");
        }
        for (body, end) in [
            (r#"{"accessToken":"t","expireTime":"2026-11-20T13:00:00Z"}"#, Some(NOON + 3_600)),
            (r#"{"accessToken":"t","expireTime":"2026-11-20T11:00:00Z"}"#, None),
            (r#"{"accessToken":"t","expireTime":"later"}"#, None),
            (r#"{"accessToken":"t"}"#, None),
        ] {
            assert_eq!(of_iam(&answer(200, body), NOON), Some(("t".into(), end)), "{body}");
        }
    }

    #[test]
    fn half_an_answer_is_no_token() {
        for body in
            ["", "{", "{}", "[]", r#"{"access_token":""}"#, r#"{"access_token":"a\nb"}"#, r#"{"accessToken":7}"#]
        {
            let answer = answer(200, body);
            assert_eq!((of_oauth(&answer, NOON), of_iam(&answer, NOON)), (None, None), "{body}");
        }
    }
}
