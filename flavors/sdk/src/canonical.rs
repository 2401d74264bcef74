//! Requests in the canonical form of which the signatures of several clouds are made: that of AWS's Signature V4, which
//! Alibaba Cloud, Huawei Cloud and Tencent Cloud took over, each with an algorithm of its own on top.
//!
//! ```no_run
//! use crhost_flavor::canonical::{self, Canonical};
//! use crhost_flavor::secrets::{Encoding, Part};
//! use crhost_flavor::{Failure, Secret};
//!
//! fn signature(key: &Secret, date: &str) -> Result<Secret, Failure> {
//!     let host = "api.acme.example".to_owned();
//!     let headers = canonical::headers([("host", host.into()), ("x-date", date.to_owned().into())]);
//!     let request = Canonical { method: "GET", path: "/v1/repositories", query: "", headers: &headers, body: "" };
//!     let digest = request.digest()?;
//!     let to_sign = [format!("ACME-HMAC-SHA256\n{date}\n").into(), Part::secret(&digest, Encoding::Hex)];
//!     key.hmac_sha256(b"", &to_sign).map_err(Failure::other)
//! }
//! ```

use crate::http::SecretValue;
use crate::secrets::{Encoding, Part, Secret, SecretOrText, sha256};
use crate::types::Failure;

/// Headers to sign, in the order of their names.
pub type Headers<'a> = Vec<(&'a str, SecretOrText<'a>)>;

/// A request to sign.
pub struct Canonical<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path, percent-encoded.
    pub path: &'a str,
    /// The query, percent-encoded, its parameters in the order of their names; empty if there is none.
    pub query: &'a str,
    /// The headers, by their names in lower case; see [`headers`].
    pub headers: &'a Headers<'a>,
    /// The body; empty if there is none.
    pub body: &'a str,
}

/// A signature, and what stands before it in the header `authorization`.
pub struct Signed {
    /// The algorithm, the key's id, the signed headers, up to `Signature=`.
    pub before: String,
    /// The signature, which is written in hexadecimal digits.
    pub signature: Secret,
}

impl Signed {
    /// The value of the header.
    pub fn value(&self) -> SecretValue<'_> {
        SecretValue::new(&self.signature).before(&self.before).encoding(Encoding::Hex)
    }
}

/// The header `host` of requests to a URL: its host, with the port if it has one.
pub fn host(url: &str) -> &str {
    url.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default()
}

/// Headers in the order in which they are signed.
pub fn headers<'a>(headers: impl IntoIterator<Item = (&'a str, SecretOrText<'a>)>) -> Headers<'a> {
    let mut headers: Headers<'a> = headers.into_iter().collect();
    headers.sort_by_key(|(name, _)| *name);
    headers
}

/// The names of headers, as signatures list them: `host;x-date`.
pub fn names(headers: &Headers<'_>) -> String {
    headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";")
}

/// A query of parameters, in the order of their names.
pub fn query<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let encoded = crate::http::percent_encoded;
    let mut pairs: Vec<String> =
        parameters.into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.sort();
    pairs.join("&")
}

impl Canonical<'_> {
    /// SHA-256 of the canonical form. A secret, since a header may be one.
    ///
    /// # Errors
    /// When a header is a secret that is no text.
    pub fn digest(&self) -> Result<Secret, Failure> {
        let payload = sha256(&[self.body.into()]).map_err(Failure::other)?;
        let mut parts: Vec<Part<'_>> = vec![format!("{}\n{}\n{}\n", self.method, self.path, self.query).into()];
        for (name, value) in self.headers {
            parts.push(format!("{name}:").into());
            parts.extend(value.parts());
            parts.push("\n".into());
        }
        parts.push(format!("\n{}\n", names(self.headers)).into());
        parts.push(Part::secret(&payload, Encoding::Hex));
        sha256(&parts).map_err(Failure::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Method, Request, SecretValue};
    use crate::testing::{Host, answer};

    #[test]
    fn the_host_of_a_url_is_signed_with_its_port() {
        for (url, expected) in
            [("https://a.example/v1/x", "a.example"), ("http://127.0.0.1:80", "127.0.0.1:80"), ("", "")]
        {
            assert_eq!(super::host(url), expected);
        }
    }

    /// The example of AWS's page "Create a signed request": the hash of a canonical request.
    #[test]
    fn a_canonical_request_has_the_hash_that_aws_shows() {
        let host = Host::at(0).answers(Method::Get, "https://a.example/", answer(200, ""));
        let headers = headers([
            ("x-amz-date", "20150830T123600Z".to_owned().into()),
            ("host", "iam.amazonaws.com".to_owned().into()),
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned().into()),
        ]);
        let query = query([("Version", "2010-05-08"), ("Action", "ListUsers")]);
        let request = Canonical { method: "GET", path: "/", query: &query, headers: &headers, body: "" };
        let digest = request.digest().unwrap();
        let value = SecretValue::new(&digest).encoding(Encoding::Hex);
        Request::new(Method::Get, "https://a.example/").header("x-hash", value).send().unwrap();
        assert_eq!(names(&headers), "content-type;host;x-amz-date");
        let shown = "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        assert_eq!(host.sent()[0].header("x-hash"), Some(shown));
    }
}
