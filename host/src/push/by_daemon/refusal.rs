//! What a daemon's words mean. It gives no codes: a push that fails is one line of text, made by Docker, by containerd
//! or by Podman, around the words of Go's libraries or of the registry.

use http::StatusCode;

use crate::docker::UploadFailure;
use crate::text::{Escaped, Printable};

/// The cause of a failure, as far as it makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The registry wants other credentials.
    Denied,
    /// Something named is not there.
    NotFound,
    /// The registry speaks plain HTTP, and the daemon does not want to.
    PlainHttp,
    /// The daemon does not trust the registry's certificate.
    Certificate,
    /// The daemon's machine can't reach the registry.
    Unreachable,
    /// The same may succeed a moment later.
    Temporary,
    /// The daemon can't push, or not through this way.
    Unsupported,
    /// Anything else.
    Other,
}

/// A failed push.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The words of the daemon.
    pub(super) words: Escaped,
    /// What they mean.
    pub(super) cause: Cause,
}

/// Escaped words.
impl Printable for Refusal {}

/// Words in lower case, and their meaning; the first that is found counts. They are those of `distribution/errors.go`
/// and `registry` in moby, `core/remotes/docker` in containerd, `docker/docker_client.go` in containers/image,
/// `net/http` and `crypto/tls` in Go, and the error codes of the distribution specification.
const MEANINGS: &[(&str, Cause)] = &[
    ("server gave http response to https client", Cause::PlainHttp),
    ("x509:", Cause::Certificate),
    ("certificate", Cause::Certificate),
    ("tls: ", Cause::Certificate),
    ("toomanyrequests", Cause::Temporary),
    ("too many requests", Cause::Temporary),
    ("429", Cause::Temporary),
    ("no basic auth credentials", Cause::Denied),
    ("unauthorized", Cause::Denied),
    ("authentication required", Cause::Denied),
    ("denied", Cause::Denied),
    ("insufficient_scope", Cause::Denied),
    ("authorization failed", Cause::Denied),
    ("incorrect username or password", Cause::Denied),
    ("403 forbidden", Cause::Denied),
    ("no such host", Cause::Unreachable),
    ("server misbehaving", Cause::Unreachable),
    ("connection refused", Cause::Unreachable),
    ("network is unreachable", Cause::Unreachable),
    ("no route to host", Cause::Unreachable),
    ("proxyconnect", Cause::Unreachable),
    ("i/o timeout", Cause::Temporary),
    ("timeout", Cause::Temporary),
    ("deadline exceeded", Cause::Temporary),
    ("request canceled", Cause::Temporary),
    ("connection reset", Cause::Temporary),
    ("broken pipe", Cause::Temporary),
    ("eof", Cause::Temporary),
    ("500 internal server error", Cause::Temporary),
    ("502 bad gateway", Cause::Temporary),
    ("503 service unavailable", Cause::Temporary),
    ("504 gateway", Cause::Temporary),
    ("unavailable", Cause::Temporary),
    ("blob upload unknown", Cause::Temporary),
    ("name unknown", Cause::NotFound),
    ("name_unknown", Cause::NotFound),
    ("does not exist", Cause::NotFound),
    ("not found", Cause::NotFound),
    ("no such image", Cause::NotFound),
    ("does not match the specified platform", Cause::NotFound),
    ("does not provide the specified platform", Cause::NotFound),
];

impl Refusal {
    /// The meaning of a failure.
    pub(super) fn of(UploadFailure { words, status, is_connection }: UploadFailure) -> Self {
        let text = words.to_lowercase();
        let told = MEANINGS.iter().find(|(part, _)| text.contains(part)).map(|(_, cause)| *cause);
        let cause = match (status, told) {
            (Some(StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED), _) => Cause::Unsupported,
            // The connection to the daemon itself, whatever words there are for it.
            _ if is_connection => Cause::Temporary,
            (Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN), None) => Cause::Denied,
            (Some(StatusCode::NOT_FOUND), None) => Cause::NotFound,
            (_, told) => told.unwrap_or(Cause::Other),
        };
        Self { words, cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_daemons_say_of_a_push_is_understood() {
        for (words, cause) in [
            ("no basic auth credentials", Cause::Denied),
            ("denied: requested access to the resource is denied", Cause::Denied),
            ("unauthorized: authentication required", Cause::Denied),
            (
                "push access denied, repository does not exist or may require authorization: server message: \
                 insufficient_scope: authorization failed",
                Cause::Denied,
            ),
            ("failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized", Cause::Denied),
            ("Get \"https://r:5000/v2/\": http: server gave HTTP response to HTTPS client", Cause::PlainHttp),
            (
                "failed to do request: Head \"https://r/v2/\": tls: failed to verify certificate: x509: certificate \
                 signed by unknown authority",
                Cause::Certificate,
            ),
            ("Get \"https://r.example/v2/\": dial tcp: lookup r.example: no such host", Cause::Unreachable),
            ("Get \"http://r:5000/v2/\": dial tcp 127.0.0.1:5000: connect: connection refused", Cause::Unreachable),
            ("received unexpected HTTP status: 503 Service Unavailable", Cause::Temporary),
            ("toomanyrequests: slow down", Cause::Temporary),
            ("unexpected EOF", Cause::Temporary),
            ("name unknown: The repository with name 'x' does not exist", Cause::NotFound),
            ("An image does not exist locally with the tag: r/x", Cause::NotFound),
            ("manifest invalid: manifest invalid", Cause::Other),
        ] {
            assert_eq!(Refusal::of(UploadFailure::told(words)).cause, cause, "{words}");
        }
    }

    #[test]
    fn a_status_counts_where_the_words_say_nothing() {
        let cause = |status, words: &str| {
            Refusal::of(UploadFailure { status: Some(status), ..UploadFailure::told(words) }).cause
        };
        assert_eq!(cause(StatusCode::NOT_FOUND, "gone"), Cause::NotFound);
        assert_eq!(cause(StatusCode::FORBIDDEN, "no"), Cause::Denied);
        assert_eq!(cause(StatusCode::INTERNAL_SERVER_ERROR, "denied: no"), Cause::Denied);
        assert_eq!(cause(StatusCode::METHOD_NOT_ALLOWED, "no"), Cause::Unsupported);
    }
}
