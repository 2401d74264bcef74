//! Every limit of a flavor's requests, each with its reason.

use std::time::Duration;

/// Requests in one call, the refused ones included. A sign-in takes three; listing the repositories of an account takes
/// dozens.
pub(crate) const REQUESTS: usize = 64;

/// Wall time of one request and its whole answer. A third of a call's time: one service that hangs leaves time to
/// report it.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(20);

/// Wall time to connect to one address. TCP repeats a lost first packet after 1 and 3 s.
pub(crate) const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Bytes of a request's body. Token requests have a few KiB, a signed assertion included.
pub(crate) const REQUEST_BYTES: usize = 1 << 20;

/// Bytes of all headers of a request; servers refuse more.
pub(crate) const HEADER_BYTES: usize = 32 << 10;

/// Headers of a request or an answer. Services send thirty.
pub(crate) const HEADERS: usize = 100;

/// Fields of a form or further members of a JSON object. Token requests have a dozen.
pub(crate) const FIELDS: usize = 64;

/// Bytes of an answer's body. A page of a listing has 1 MiB; more would take longer than a second to be redacted, and a
/// guest may be given 8 MiB in one call.
pub(crate) const ANSWER_BYTES: usize = 2 << 20;

/// Bytes of an answer's headers, tokens in cookies included.
pub(crate) const ANSWER_HEADER_BYTES: usize = 64 << 10;

/// The limits that tests shorten.
#[derive(Debug, Clone, Copy)]
pub(super) struct EgressLimits {
    /// See [`REQUESTS`].
    pub(super) requests: usize,
    /// See [`REQUEST_TIME`].
    pub(super) request_time: Duration,
    /// See [`CONNECT_TIME`].
    pub(super) connect_time: Duration,
}

impl EgressLimits {
    /// The limits of the program.
    pub(super) const DEFAULT: Self =
        Self { requests: REQUESTS, request_time: REQUEST_TIME, connect_time: CONNECT_TIME };
}
