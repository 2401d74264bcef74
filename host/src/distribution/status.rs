//! Answers with a status that means failure.

use std::time::Duration;

use http::StatusCode;

use super::error_body::ErrorBody;
use super::retry::{self, Retry};
use super::server::Server;
use crate::error::{Explain, Kind};
use crate::text::{Escaped, Printable};

/// A server's refusal to do what a request asks for.
#[derive(Debug, thiserror::Error, Printable)]
#[error("{server} answered {} to {request}: {body}", words(*status))]
pub(crate) struct StatusError {
    /// The server.
    pub(crate) server: Server,
    /// The request.
    pub(crate) request: Escaped,
    /// The status.
    pub(crate) status: StatusCode,
    /// The server's own words.
    pub(crate) body: ErrorBody,
    /// How long the server wants to be left alone (`Retry-After`), at most ten minutes.
    pub(crate) retry_after: Option<Duration>,
}

impl StatusError {
    /// What may help against this failure.
    pub(super) fn retry(&self) -> Retry {
        match retry::is_temporary(self.status, &self.body) {
            true => Retry::Later(self.retry_after),
            false => Retry::No,
        }
    }
}

/// A status as messages show it: those that proxies make up have no name.
fn words(status: StatusCode) -> Escaped {
    status
        .canonical_reason()
        .map_or_else(|| status.as_str().into(), |name| format!("{} {name}", status.as_str()).into())
}

impl Explain for StatusError {
    fn kind(&self) -> Kind {
        match self.status.as_u16() {
            _ if self.body.has_code("DIGEST_INVALID") => Kind::Verification,
            status if status >= 500 || retry::is_temporary_status(self.status) => Kind::Network,
            401 | 403 => Kind::Auth,
            404 => Kind::NotFound,
            409 | 412 => Kind::Conflict,
            _ => Kind::General,
        }
    }

    fn hint(&self) -> Option<Escaped> {
        let hint = match self.status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                "the registry, or a proxy in front of it, limits the size of requests, and smaller ones were refused or \
                 are not possible here: raise that limit"
            }
            _ if self.retry().is_possible() => "run it again later, or ask whoever runs the registry",
            _ => "the registry's log, or whoever runs it, can tell more",
        };
        Some(hint.into())
    }
}
