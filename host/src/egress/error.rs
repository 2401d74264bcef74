//! Why a request of a flavor got no answer.

use std::time::Duration;

use super::denial::Denial;
use super::limits;
use crate::text::{Escaped, Printable};

/// Why there is no answer. Guests are shown these texts, so they hold no address that a name resolved to, nothing of a
/// proxy, and no secret.
#[derive(Debug, Clone, thiserror::Error, Printable)]
pub(crate) enum EgressError {
    /// The policy does not allow the request.
    #[error("{0}")]
    Denied(Denial),
    /// The URL, a header or a part of the request can't be sent.
    #[error("{0}")]
    Invalid(Escaped),
    /// No connection, or one that broke.
    #[error("{0}")]
    Unreachable(Escaped),
    /// The answer was not complete in time.
    #[error("no complete answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// The request or the answer has more bytes or headers than allowed.
    #[error("the request has more than {} KiB or {} headers, or the answer more than {} MiB",
        limits::REQUEST_BYTES >> 10, limits::HEADERS, limits::ANSWER_BYTES >> 20)]
    TooLarge,
    /// The call has sent as many requests as it may.
    #[error("the call has sent {} requests, which are all that it may", limits::REQUESTS)]
    Exhausted,
}

impl EgressError {
    /// A request that can't be sent as it is.
    pub(super) fn invalid(reason: impl Into<Escaped>) -> Self {
        Self::Invalid(reason.into())
    }

    /// A connection that failed.
    pub(crate) fn unreachable(reason: impl Into<Escaped>) -> Self {
        Self::Unreachable(reason.into())
    }
}
