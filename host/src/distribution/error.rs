//! What can go wrong between the client and a registry.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;

use super::words::Words;
use crate::error::{Explain, Kind};
use crate::image::Digest;

/// A failed request. `server` is a whole noun, such as ``registry `ghcr.io` ``; `what` names the request, such as
/// ``the start of an upload to `acme/train` ``.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// No connection came about.
    #[error("{server} can't be reached: {cause}")]
    Unreachable {
        /// Who.
        server: String,
        /// Why, in the operating system's words.
        cause: String,
    },
    /// The server speaks TLS, but one side doesn't accept the other's certificate or ways.
    #[error("no secure connection to {server}: {cause}")]
    Tls {
        /// Who.
        server: String,
        /// The registry's host, as certificates for it are filed.
        host: String,
        /// Why, in the TLS library's words.
        cause: String,
    },
    /// The registry speaks plain HTTP where only https is allowed.
    #[error("registry `{host}` doesn't speak https")]
    PlainHttp {
        /// The registry's host.
        host: String,
    },
    /// A connection broke in the middle.
    #[error("the connection to {server} broke during {what}: {cause}")]
    Interrupted {
        /// Who.
        server: String,
        /// The request.
        what: String,
        /// Why.
        cause: String,
    },
    /// The server stopped taking or giving bytes.
    #[error("{server} was silent for {} seconds during {what}", patience.as_secs())]
    Silent {
        /// Who.
        server: String,
        /// The request.
        what: String,
        /// How long the client waited.
        patience: Duration,
    },
    /// Something answers, but it isn't a registry.
    #[error("`{host}` is no registry: {found}")]
    NotARegistry {
        /// The host.
        host: String,
        /// What was found instead.
        found: String,
    },
    /// The registry wants credentials and there are none.
    #[error("no credentials were found for `{host}`, which wants some for `{repository}`")]
    NoCredentials {
        /// The registry's host.
        host: String,
        /// What was to be opened.
        repository: String,
    },
    /// The credentials themselves are refused.
    #[error("registry `{host}` doesn't accept these credentials: {words}")]
    WrongCredentials {
        /// The registry's host.
        host: String,
        /// Its own words.
        words: Words,
    },
    /// The credentials are known, but don't allow this.
    #[error("registry `{host}` doesn't let these credentials push to `{repository}`: {words}")]
    NotAllowed {
        /// The registry's host.
        host: String,
        /// What was to be opened.
        repository: String,
        /// Its own words.
        words: Words,
    },
    /// Credentials or a token ran out between the start of an upload and its bytes, which can't be sent a second time from
    /// here.
    #[error("registry `{host}` no longer accepts the credentials that {what} began with")]
    TokenExpired {
        /// The registry's host.
        host: String,
        /// The request.
        what: String,
    },
    /// The registry, or the store behind it, has given an upload up.
    #[error("{server} has lost the upload during {what}: {words}")]
    UploadLost {
        /// Who.
        server: String,
        /// The request.
        what: String,
        /// The server's own words.
        words: Words,
    },
    /// The registry wants credentials in a way that these credentials can't answer.
    #[error("registry `{host}` asks for {wanted}, which can't be answered with {given}")]
    Unanswerable {
        /// The registry's host.
        host: String,
        /// The schemes of its challenges.
        wanted: String,
        /// The sort of credentials at hand.
        given: &'static str,
    },
    /// The registry points to a place where the client doesn't go.
    #[error("the {what} `{url}` that the registry names is refused: {reason}")]
    Destination {
        /// What the place is for.
        what: &'static str,
        /// The place, without its query.
        url: String,
        /// Why.
        reason: &'static str,
    },
    /// A status that means failure.
    #[error("{server} answered {status} to {what}: {words}")]
    Status {
        /// Who.
        server: String,
        /// The request.
        what: String,
        /// The status.
        status: StatusCode,
        /// The server's own words.
        words: Words,
        /// How long the server wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// An answer that breaks the protocol.
    #[error("{server} gave an answer to {what} that makes no sense: {problem}")]
    Protocol {
        /// Who.
        server: String,
        /// The request.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The registry stored other bytes than were sent.
    #[error("registry `{host}` says that {what} is `{found}`, but it is `{expected}`")]
    OtherDigest {
        /// The registry's host.
        host: String,
        /// What was sent.
        what: String,
        /// The digest of what was sent.
        expected: Digest,
        /// The digest that the registry names.
        found: Digest,
    },
    /// The caller's own stream failed; this is what it gave, unchanged.
    #[error(transparent)]
    Body(io::Error),
    /// The caller's stream is not as long as the caller said.
    #[error("{what} should be {expected} bytes, but its content is {found}")]
    Length {
        /// The request.
        what: String,
        /// What the caller said.
        expected: u64,
        /// What came: a count, or `more`.
        found: String,
    },
    /// A certificate or key for a registry can't be used.
    #[error("can't use `{}` for registry `{host}`: {cause}", path.display())]
    Certificate {
        /// The registry's host.
        host: String,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The HTTP client can't be made.
    #[error("can't set up https: {0}")]
    Setup(String),
}

/// Registries use these codes for failures that pass: go-containerregistry's list, and the one for a blob that a registry has
/// taken a moment ago and cannot see yet, or that someone else is just pushing too. A wrong range is put right by asking
/// what the registry has.
const TEMPORARY_CODES: [&str; 6] =
    ["BLOB_UPLOAD_INVALID", "MANIFEST_BLOB_UNKNOWN", "RANGE_INVALID", "TOOMANYREQUESTS", "UNAVAILABLE", "UNKNOWN"];
/// 499 and 522 are what proxies say when the registry behind them gave up.
const TEMPORARY_STATUSES: [u16; 8] = [408, 429, 499, 500, 502, 503, 504, 522];

impl Error {
    /// Whether the same request may succeed a little later. A blob's upload is then to be started anew, or continued where
    /// [`Upload::received`](super::Upload::received) says.
    #[must_use]
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Interrupted { .. } | Self::Silent { .. } => true,
            Self::TokenExpired { .. } | Self::UploadLost { .. } => true,
            Self::Status { status, words, .. } => {
                TEMPORARY_STATUSES.contains(&status.as_u16()) || TEMPORARY_CODES.iter().any(|code| words.has_code(code))
            }
            _ => false,
        }
    }

    /// How long the registry wants to be left alone before the next try, at most ten minutes.
    #[must_use]
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The status that the server answered, where that was the failure.
    #[must_use]
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests, until it is used or gone"))]
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl Explain for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Unreachable { .. } | Self::Interrupted { .. } | Self::Silent { .. } => Kind::Network,
            Self::Tls { .. } | Self::PlainHttp { .. } | Self::UploadLost { .. } => Kind::Network,
            Self::NotARegistry { .. } => Kind::NotFound,
            Self::NoCredentials { .. } | Self::WrongCredentials { .. } | Self::NotAllowed { .. } => Kind::Auth,
            Self::TokenExpired { .. } | Self::Unanswerable { .. } => Kind::Auth,
            Self::OtherDigest { .. } => Kind::Verification,
            Self::Status { words, .. } if words.has_code("DIGEST_INVALID") => Kind::Verification,
            Self::Status { status, .. } => match status.as_u16() {
                401 | 403 => Kind::Auth,
                404 => Kind::NotFound,
                409 | 412 => Kind::Conflict,
                status if status >= 500 || TEMPORARY_STATUSES.contains(&status) => Kind::Network,
                _ => Kind::General,
            },
            Self::Certificate { .. } => Kind::Usage,
            Self::Destination { .. } | Self::Protocol { .. } | Self::Body(_) | Self::Length { .. } => Kind::General,
            Self::Setup(_) => Kind::General,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { .. } => Some("check the name, the network and the proxy variables".to_owned()),
            Self::Interrupted { .. } => Some(
                "try again; servers that miss a client's certificate may also end a connection like this".to_owned(),
            ),
            Self::Tls { host, cause, .. } if cause.contains("alert") => Some(format!(
                "if it asks for a client's certificate, put yours into `/etc/docker/certs.d/{host}/client.cert` and its key \
                 into `client.key`"
            )),
            Self::Tls { host, .. } => Some(format!(
                "if its certificate comes from an authority of your own, put the authority's certificate into \
                 `/etc/docker/certs.d/{host}/ca.crt`, or name it in `SSL_CERT_FILE`"
            )),
            Self::PlainHttp { .. } => {
                Some("if nobody else can listen on the way there, use `--insecure` to allow plain http".to_owned())
            }
            Self::NotARegistry { .. } => Some("check the host, and the port if there is one".to_owned()),
            Self::NoCredentials { host, .. } => Some(format!(
                "give the registry a connector (`crhost registry connect`), log in with `docker login {host}`, or set \
                     `DOCKER_AUTH_CONFIG`"
            )),
            Self::WrongCredentials { host, .. } => Some(format!(
                "they may be wrong, have run out, or not be for this repository: renew them with `crhost connector update` or \
                 `docker login {host}`"
            )),
            Self::NotAllowed { .. } => {
                Some("check that the repository exists and that this account may push to it".to_owned())
            }
            Self::TokenExpired { .. } | Self::UploadLost { .. } => {
                Some("run it again; it continues with what the registry has".to_owned())
            }
            Self::Destination { reason, .. } if reason.contains("plain http") => Some(
                "a proxy in front of a registry must send it `X-Forwarded-Proto: https` and the `Host` header"
                    .to_owned(),
            ),
            Self::Status { status: StatusCode::PAYLOAD_TOO_LARGE, .. } => Some(
                "the registry, or a proxy in front of it, limits the size of requests: raise that limit, or let the \
                 registry's flavor upload in chunks"
                    .to_owned(),
            ),
            Self::Status { .. } if self.is_temporary() => Some("try again later".to_owned()),
            Self::Status { .. } => Some("the registry's log, or whoever runs it, can tell more".to_owned()),
            Self::Protocol { .. } | Self::OtherDigest { .. } => {
                Some("something between here and the registry may have changed the answer".to_owned())
            }
            Self::Certificate { .. } => Some("expected PEM, as Docker wants it there".to_owned()),
            Self::Destination { .. } | Self::Silent { .. } | Self::Unanswerable { .. } => {
                Some("whoever runs the registry can tell more".to_owned())
            }
            Self::Body(_) | Self::Length { .. } | Self::Setup(_) => None,
        }
    }
}
