//! A request of the call, as it is shown.

use serde::Serialize;
use url::Url;

use crate::egress::Exchange;
use crate::grant::operation::Method;
use crate::text::{Escaped, printable};

/// Words in names of parameters whose values are not shown: a service may have issued them.
const SECRET_WORDS: [&str; 7] = ["token", "secret", "password", "sig", "credential", "key", "code"];

/// Characters of a URL that are shown.
const URL_CHARS: usize = 500;

/// A request.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    /// The method.
    pub(super) method: Method,
    /// The URL; values of parameters that may be secrets are left out.
    pub(super) url: String,
    /// The secrets in it, by the names of their fields.
    pub(super) secrets: Vec<String>,
    /// The status of the answer.
    pub(super) status: Option<u16>,
    /// Why there is no answer.
    pub(super) error: Option<Escaped>,
    /// The time until the whole answer was there, or until there was none.
    pub(super) milliseconds: f64,
}

impl From<&Exchange> for Request {
    fn from(Exchange { request, answer, time }: &Exchange) -> Self {
        Self {
            method: request.method,
            url: url(&request.url),
            secrets: request.placeholders().iter().map(|name| printable(name, 100)).collect(),
            status: answer.as_ref().ok().map(|response| response.status),
            error: answer.as_ref().err().map(Escaped::of),
            milliseconds: milliseconds(*time),
        }
    }
}

/// A time, to the tenth of a millisecond.
pub(super) fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

/// A URL without what may be a secret in its query.
fn url(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return printable(text, URL_CHARS) };
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let is_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        SECRET_WORDS.iter().any(|word| name.contains(word))
    };
    if pairs.iter().any(|(name, _)| is_secret(name)) {
        let shown = pairs.iter().map(|(name, value)| (name, if is_secret(name) { "…" } else { value.as_str() }));
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    printable(url.as_str(), URL_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_a_service_may_have_issued_is_not_shown() {
        for (text, shown) in [
            ("https://a.example/v1?page=2", "https://a.example/v1?page=2"),
            ("https://a.example/v1?page=2&access_token=abc", "https://a.example/v1?page=2&access_token=%E2%80%A6"),
            ("https://a.example/?X-Amz-Signature=abc", "https://a.example/?X-Amz-Signature=%E2%80%A6"),
            ("no url\n", "no url"),
        ] {
            assert_eq!(url(text), shown);
        }
    }
}
