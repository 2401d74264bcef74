//! The ways in which services fail, and what a failure is then.

use crate::egress::{EgressError, Response};
use crate::flavor::FailureKind;

/// Seconds that a service asks to wait.
pub(super) const RETRY_AFTER: u32 = 7;

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The credentials are not accepted.
    Unauthorized,
    /// The credentials do not allow it.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// It exists already, or changes.
    Conflict,
    /// Too many requests.
    TooManyRequests,
    /// The service has a fault.
    ServerError,
    /// The service is down.
    Unavailable,
    /// There is no connection.
    Unreachable,
    /// A page for people: of a proxy, or of a portal that wants a login.
    Html,
    /// JSON that ends in the middle.
    CutJson,
    /// JSON of another type than it has to be.
    OtherJson,
    /// Nothing.
    Empty,
}

impl Fault {
    /// All of them.
    pub(super) const ALL: [Self; 12] = [
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::TooManyRequests,
        Self::ServerError,
        Self::Unavailable,
        Self::Unreachable,
        Self::Html,
        Self::CutJson,
        Self::OtherJson,
        Self::Empty,
    ];

    /// The answer.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn answer(self) -> Result<Response, EgressError> {
        const HTML: &str = "<!doctype html><html><title>Sign in</title><body>Please sign in</body></html>";
        let json = "application/json";
        let (status, kind, body) = match self {
            // As most services write it, and OAuth 2.0 (RFC 6749, section 5.2): a flavor may take a body without an
            // error for a proxy's.
            Self::Unauthorized => (401, json, r#"{"message":"bad credentials","error":"invalid_client"}"#),
            Self::Forbidden => (403, json, r#"{"message":"not allowed","error":"access_denied"}"#),
            Self::NotFound => (404, json, r#"{"message":"not found"}"#),
            Self::Conflict => (409, json, r#"{"message":"exists already"}"#),
            Self::TooManyRequests => (429, json, r#"{"message":"too many requests"}"#),
            Self::ServerError => (500, json, r#"{"message":"internal error"}"#),
            Self::Unavailable => (503, "text/html", HTML),
            Self::Unreachable => return Err(EgressError::unreachable("the connection was refused")),
            Self::Html => (200, "text/html", HTML),
            Self::CutJson => (200, json, r#"{"token":"crhost-test"#),
            Self::OtherJson => (200, json, "[null]"),
            Self::Empty => (200, json, ""),
        };
        let mut headers = vec![("content-type".to_owned(), kind.as_bytes().to_vec())];
        if self.asks_to_wait() {
            headers.push(("retry-after".to_owned(), RETRY_AFTER.to_string().into_bytes()));
        }
        Ok(Response { status, headers, body: body.as_bytes().to_vec() })
    }

    /// Whether the answer says when to come again.
    pub(super) fn asks_to_wait(self) -> bool {
        matches!(self, Self::TooManyRequests | Self::Unavailable)
    }

    /// The answer in words, for findings.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Unauthorized => "401",
            Self::Forbidden => "403",
            Self::NotFound => "404",
            Self::Conflict => "409",
            Self::TooManyRequests => "429 with `retry-after: 7`",
            Self::ServerError => "500",
            Self::Unavailable => "503 with a page and `retry-after: 7`",
            Self::Unreachable => "no connection",
            Self::Html => "200 with a page",
            Self::CutJson => "200 with half an object",
            Self::OtherJson => "200 with `[null]`",
            Self::Empty => "200 without a body",
        }
    }

    /// The kinds that a failure may be of. Services use 401, 403 and 404 for one another, so as not to tell what there
    /// is (RFC 9110, section 15.5.4).
    pub(super) fn kinds(self) -> &'static [FailureKind] {
        use FailureKind as Kind;
        match self {
            Self::Unauthorized | Self::Forbidden => &[Kind::Unauthenticated, Kind::Denied],
            // Where nothing has to be found, or is made, these say as much as any other status.
            Self::NotFound => &[
                Kind::NotFound,
                Kind::Denied,
                Kind::Unauthenticated,
                Kind::InvalidInput,
                Kind::Unsupported,
                Kind::Other,
            ],
            Self::Conflict => &[Kind::Conflict, Kind::Other],
            Self::TooManyRequests => &[Kind::RateLimited],
            Self::ServerError => &[Kind::Unavailable, Kind::Other],
            Self::Unavailable | Self::Unreachable => &[Kind::Unavailable],
            Self::Html | Self::CutJson | Self::OtherJson | Self::Empty => {
                &[Kind::Other, Kind::Unavailable, Kind::NotFound, Kind::Unsupported]
            }
        }
    }
}
