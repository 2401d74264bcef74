//! Requests that got no response.

use crate::bindings::crhost::flavor::http::Error;
use crate::types::Failure;

/// Why there is no response, and from which server.
#[derive(Clone, Debug)]
pub struct NoResponse {
    /// The cause.
    pub error: Error,
    /// Scheme, host and port, e.g. `https://api.example.com`.
    pub origin: String,
}

impl NoResponse {
    /// The error of a request to a URL.
    pub(crate) fn new(error: Error, url: &str) -> Self {
        Self { error, origin: origin(url) }
    }
}

/// Scheme, host and port of a URL; user information before the host is left out, since it may be secret.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

impl From<NoResponse> for Failure {
    fn from(NoResponse { error, origin }: NoResponse) -> Self {
        match error {
            Error::Timeout => Self::unavailable(format!("{origin} gave no complete response in the time allowed"))
                .hint("try again later, and check the network and the proxy variables"),
            Error::Unreachable(why) => Self::unavailable(why)
                .hint(format!("check the network and the proxy variables, and whether {origin} is the right address")),
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
            Error::Unreachable(why) => {
                Self::unavailable(why).hint("check the network and the proxy variables, and try again")
            }
            Error::Timeout => Self::unavailable("no complete response in the time allowed")
                .hint("try again later, and check the network and the proxy variables"),
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
        let unreachable = failure(Error::Unreachable("no route".into()));
        assert!(unreachable.hint.unwrap().contains("https://api.example.com"));
        assert_eq!(failure(Error::Denied("x".into())), Failure::denied("x"));
    }

    #[test]
    fn a_missing_response_becomes_a_failure_that_says_whether_to_try_again() {
        assert_eq!(Failure::from(Error::Timeout).kind, FailureKind::Unavailable);
        assert_eq!(Failure::from(Error::Denied("x".into())).kind, FailureKind::Denied);
    }
}
