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

impl<'a> Part<'a> {
    /// A secret that the host fills in.
    pub fn secret(secret: &'a Secret, encoding: Encoding) -> Self {
        Self::Secret((secret, encoding))
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

    /// Sends the request and waits for the whole response, whatever its status.
    ///
    /// Without a response the error says why; `?` turns it into a [`Failure`].
    pub fn send(&self) -> Result<Response, Error> {
        send(self)
    }
}

impl Response {
    /// Value of the first header called `name` (case does not matter), if it is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
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
    fn a_missing_response_becomes_a_failure_that_says_whether_to_try_again() {
        assert_eq!(Failure::from(Error::Timeout).kind, FailureKind::Unavailable);
        assert_eq!(Failure::from(Error::Denied("x".into())).kind, FailureKind::Denied);
    }
}
