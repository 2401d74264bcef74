//! Access tokens, and the two forms in which Google returns them.

use crhost_flavor::http::{Encoding, Part, Response};
use crhost_flavor::{Secret, time};
use serde::Deserialize;
use serde_json::Value;

/// Seconds that a token lives at most: those of service accounts may be made to live for twelve hours.
const LIFE: u64 = 12 * 3_600;

/// An access token.
pub(crate) enum Token<'a> {
    /// A field of the connector.
    Stored(&'a Secret),
    /// One that Google returned, or that a key signed; with the Unix time until which it is good, if that is known.
    Made(String, Option<u64>),
}

impl Token<'_> {
    /// The parts of the header `authorization`.
    pub(crate) fn authorization(&self) -> Vec<Part<'_>> {
        vec![
            "Bearer ".into(),
            match self {
                Self::Stored(secret) => Part::secret(secret, Encoding::Raw),
                Self::Made(token, _) => token.as_str().into(),
            },
        ]
    }
}

#[derive(Deserialize)]
struct OAuth {
    access_token: String,
    expires_in: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Generated {
    access_token: String,
    expire_time: Option<String>,
}

/// Reads what a token endpoint answers (RFC 6749, section 5.1); none if there is no token in it.
pub(crate) fn of_oauth(response: &Response, now: u64) -> Option<(String, Option<u64>)> {
    let answer: OAuth = serde_json::from_slice(&response.body).ok()?;
    let seconds = answer.expires_in.and_then(|value| match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    });
    Some((usable(answer.access_token)?, seconds.filter(|seconds| *seconds > 0).map(|seconds| now + seconds.min(LIFE))))
}

/// Reads what `generateAccessToken` answers; none if there is no token in it.
pub(crate) fn of_iam(response: &Response, now: u64) -> Option<(String, Option<u64>)> {
    let answer: Generated = serde_json::from_slice(&response.body).ok()?;
    let end = answer.expire_time.as_deref().and_then(time::from_rfc3339);
    Some((usable(answer.access_token)?, end.filter(|end| *end > now).map(|end| end.min(now + LIFE))))
}

/// A token that fits into a header.
fn usable(token: String) -> Option<String> {
    (!token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T12:00:00Z.
    const NOON: u64 = 1_795_176_000;

    fn answer(body: &str) -> Response {
        Response { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_token_ends_when_google_says_so() {
        for (body, end) in [
            (r#"{"access_token":"t","expires_in":3599,"token_type":"Bearer"}"#, Some(NOON + 3_599)),
            (r#"{"access_token":"t","expires_in":"3599"}"#, Some(NOON + 3_599)),
            (r#"{"access_token":"t"}"#, None),
            (r#"{"access_token":"t","expires_in":0}"#, None),
            (r#"{"access_token":"t","expires_in":-1}"#, None),
            (r#"{"access_token":"t","expires_in":"soon"}"#, None),
            (r#"{"access_token":"t","expires_in":18446744073709551615}"#, Some(NOON + LIFE)),
        ] {
            assert_eq!(of_oauth(&answer(body), NOON), Some(("t".into(), end)), "{body}");
        }
        for (body, end) in [
            (r#"{"accessToken":"t","expireTime":"2026-11-20T13:00:00Z"}"#, Some(NOON + 3_600)),
            (r#"{"accessToken":"t","expireTime":"2026-11-20T11:00:00Z"}"#, None),
            (r#"{"accessToken":"t","expireTime":"later"}"#, None),
            (r#"{"accessToken":"t"}"#, None),
        ] {
            assert_eq!(of_iam(&answer(body), NOON), Some(("t".into(), end)), "{body}");
        }
    }

    #[test]
    fn half_an_answer_is_no_token() {
        for body in
            ["", "{", "{}", "[]", r#"{"access_token":""}"#, r#"{"access_token":"a\nb"}"#, r#"{"accessToken":7}"#]
        {
            assert_eq!((of_oauth(&answer(body), NOON), of_iam(&answer(body), NOON)), (None, None), "{body}");
        }
    }
}
