//! Outbound HTTP, to the hosts that the user granted and to no other.
//!
//! ```no_run
//! use crhost_flavor::http::{Method, Request};
//!
//! # fn main() -> Result<(), crhost_flavor::Failure> {
//! let response = Request::new(Method::Get, "https://api.example.com/v1/repositories/train")
//!     .header("accept", "application/json")
//!     .send()?;
//! assert_eq!(response.status, 200);
//! # Ok(())
//! # }
//! ```

pub use crate::bindings::crhost::flavor::http::{Encoding, Error, Method, Part, Request, Response, send};
use crate::secrets::Secret;
use crate::types::Failure;
use crate::{clock, time};

/// Longest wait in seconds that a service is believed to ask for: a day, after which nobody sits there any more.
const LONGEST_WAIT: u64 = 86_400;

impl<'a> Part<'a> {
    /// A secret that the host fills in.
    pub fn secret(secret: &'a Secret, encoding: Encoding) -> Self {
        Self::Secret((secret, encoding))
    }

    /// A user name and a secret password in base64, as they stand behind `Basic ` in the header `authorization`.
    pub fn basic(name: impl Into<String>, password: &'a Secret) -> Self {
        Self::Basic((name.into(), password))
    }
}

impl From<&str> for Part<'_> {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for Part<'_> {
    fn from(text: String) -> Self {
        Self::Bytes(text.into_bytes())
    }
}

impl From<Vec<u8>> for Part<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> Request<'a> {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header of one part.
    #[must_use]
    pub fn header(self, name: impl Into<String>, value: impl Into<Part<'a>>) -> Self {
        self.header_of(name, vec![value.into()])
    }

    /// Adds a header whose value is made of several parts, e.g. `Bearer ` and a secret.
    #[must_use]
    pub fn header_of(mut self, name: impl Into<String>, value: Vec<Part<'a>>) -> Self {
        self.headers.push((name.into(), value));
        self
    }

    /// Appends a part to the body.
    #[must_use]
    pub fn body(mut self, part: impl Into<Part<'a>>) -> Self {
        self.body.push(part.into());
        self
    }

    /// Makes the body a form, with the header that says so.
    #[must_use]
    pub fn form(mut self, form: Form<'a>) -> Self {
        self.body = form.parts;
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Sends the request and waits for the whole response, whatever its status.
    ///
    /// Without a response the error says why; `?` turns it into a [`Failure`].
    pub fn send(&self) -> Result<Response, NoResponse> {
        send(self).map_err(|error| NoResponse { error, origin: origin(&self.url) })
    }
}

/// Why there is no response, and from whom.
#[derive(Clone, Debug)]
pub struct NoResponse {
    /// Why.
    pub error: Error,
    /// Scheme, host and port, e.g. `https://api.example.com`.
    pub origin: String,
}

/// Scheme, host and port of a URL; a name or a password in front of the host may be secret.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// A form, as `application/x-www-form-urlencoded`; [`Request::form`] sends it.
#[derive(Default)]
pub struct Form<'a> {
    parts: Vec<Part<'a>>,
}

impl<'a> Form<'a> {
    /// A form without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field; name and value are encoded.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.parts.push(percent_encoded(value).into());
        self
    }

    /// Adds a field whose value is a secret.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &'a Secret) -> Self {
        self.name(name);
        self.parts.push(Part::secret(value, Encoding::FormUrlencoded));
        self
    }

    fn name(&mut self, name: &str) {
        let separator = if self.parts.is_empty() { "" } else { "&" };
        self.parts.push(format!("{separator}{}=", percent_encoded(name)).into());
    }
}

/// Encodes everything but letters, digits, `-`, `.`, `_` and `~` (RFC 3986, section 2.3), as paths, queries and forms take it.
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

impl Response {
    /// Value of the first header called `name` (case does not matter), if it is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// Seconds that the header `Retry-After` asks to wait (RFC 9110, section 10.2.3), a day at most: as a number, or until a
    /// date. None for anything else.
    pub fn retry_after(&self) -> Option<u32> {
        wait(self.header("retry-after")?, clock::now)
    }

    /// The failure of a service that can't answer now: for 408, 429 and 5xx; none for another status.
    ///
    /// `who` is the service, e.g. `Artifact Registry`, `words` what it says about it. The host tries again where the service
    /// is busy (429 and 503), when the service says, or after two seconds.
    pub fn unavailable(&self, who: &str, words: &str) -> Option<Failure> {
        let said = if words.is_empty() { String::new() } else { format!(": {words}") };
        let failure = Failure::unavailable(match self.status {
            429 => format!("{who} answered 429, too many requests{said}"),
            408 | 500..=599 => format!("{who} answered {}{said}", self.status),
            _ => return None,
        });
        Some(match self.status {
            429 | 503 => failure.retry_after(self.retry_after().unwrap_or(2)),
            _ => failure,
        })
    }
}

/// Reads `Retry-After`. The clock is asked only where there is a date.
fn wait(value: &str, now: impl FnOnce() -> u64) -> Option<u32> {
    let value = value.trim();
    let is_number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let seconds = match is_number {
        // One that does not fit is a long time, too.
        true => value.parse().unwrap_or(LONGEST_WAIT),
        false => time::from_http(value)?.saturating_sub(now()),
    };
    u32::try_from(seconds.min(LONGEST_WAIT)).ok()
}

impl From<NoResponse> for Failure {
    fn from(NoResponse { error, origin }: NoResponse) -> Self {
        match error {
            Error::Timeout => Self::unavailable(format!("{origin} gave no complete response in the time allowed")),
            Error::TooLarge => {
                Self::other(format!("the request to {origin}, or its response, is larger than crhost allows"))
            }
            error => error.into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(why) => Self::denied(why),
            Error::InvalidRequest(why) => Self::other(format!("the flavor's request is malformed: {why}")),
            Error::Unreachable(why) => Self::unavailable(why),
            Error::Timeout => Self::unavailable("no complete response in the time allowed"),
            Error::TooLarge => Self::other("the request or the response is larger than crhost allows"),
            Error::Exhausted => Self::other("the flavor sent more requests than crhost allows in one call"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::FailureKind;

    #[test]
    fn a_request_is_built_piece_by_piece() {
        let request =
            Request::new(Method::Post, "https://example.com/").header("accept", "text/plain").body("a").body(vec![98]);
        assert_eq!(request.headers.len(), 1);
        assert_eq!(request.body.len(), 2);
    }

    #[test]
    fn headers_of_a_response_are_found_in_any_case() {
        let response =
            Response { status: 200, headers: vec![("content-type".into(), b"text/plain".to_vec())], body: Vec::new() };
        assert_eq!(response.header("Content-Type"), Some("text/plain"));
        assert_eq!(response.header("etag"), None);
    }

    #[test]
    fn a_form_is_encoded_and_says_so() {
        let form = Form::new().text("scope", "https://a/.default").text("b c", "ä&=+~");
        let request = Request::new(Method::Post, "https://example.com/").form(form);
        let body: Vec<u8> = request
            .body
            .iter()
            .flat_map(|part| match part {
                Part::Bytes(bytes) => bytes.clone(),
                Part::Secret(_) | Part::Basic(_) => panic!("no secret was given"),
            })
            .collect();
        assert_eq!(str::from_utf8(&body).unwrap(), "scope=https%3A%2F%2Fa%2F.default&b%20c=%C3%A4%26%3D%2B~");
        assert_eq!(request.headers[0].0, "content-type");
    }

    #[test]
    fn a_busy_service_is_asked_again_and_a_broken_one_is_not() {
        let failure = |status, headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect();
            Response { status, headers, body: Vec::new() }.unavailable("Acme", "slow down")
        };
        let busy = failure(429, &[("retry-after", "7")]).unwrap();
        assert_eq!(busy.message, "Acme answered 429, too many requests: slow down");
        assert_eq!((busy.kind, busy.retry_after), (FailureKind::Unavailable, Some(7)));
        assert_eq!(failure(503, &[("retry-after", "soon")]).unwrap().retry_after, Some(2));
        assert_eq!(failure(500, &[]).unwrap().retry_after, None);
        assert!(failure(403, &[]).is_none());
    }

    #[test]
    fn the_time_to_wait_is_a_number_or_ends_at_a_date_and_is_a_day_at_most() {
        // 2026-11-20T12:00:00Z.
        let noon = || 1_795_176_000;
        for (value, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("86401", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("Fri, 20 Nov 2026 12:00:30 GMT", Some(30)),
            ("Fri, 20 Nov 2026 11:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(wait(value, noon), seconds, "{value}");
        }
    }

    #[test]
    fn a_missing_response_names_whom_it_did_not_come_from() {
        for (url, name) in [
            ("https://api.example.com/v1/token?key=value", "https://api.example.com"),
            ("http://127.0.0.1:5557", "http://127.0.0.1:5557"),
            ("https://[::1]:443?x=/", "https://[::1]:443"),
            ("https://ä.example#/", "https://ä.example"),
            ("https://alice:secret@api.example.com/", "https://api.example.com"),
            ("api.example.com/x", "https://api.example.com"),
        ] {
            assert_eq!(origin(url), name);
        }
        let failure = |error| Failure::from(NoResponse { error, origin: "https://api.example.com".to_owned() });
        for error in [Error::Timeout, Error::TooLarge] {
            let message = failure(error).message;
            assert!(message.contains("https://api.example.com"), "{message}");
        }
        assert_eq!(failure(Error::Timeout).kind, FailureKind::Unavailable);
        assert_eq!(failure(Error::Denied("x".into())), Failure::denied("x"));
    }

    #[test]
    fn a_missing_response_becomes_a_failure_that_says_whether_to_try_again() {
        assert_eq!(Failure::from(Error::Timeout).kind, FailureKind::Unavailable);
        assert_eq!(Failure::from(Error::Denied("x".into())).kind, FailureKind::Denied);
    }
}
