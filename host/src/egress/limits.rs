//! Every limit of a flavor's requests, each with its reason.

use std::time::Duration;

/// Requests in one call, the refused ones included. A sign-in takes three; listing what an account has takes dozens.
pub(crate) const REQUESTS: usize = 64;

/// Time for one request and its whole answer. A third of a call's: one service that hangs leaves time to say so.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(20);

/// Time to connect to one address. A first packet that is lost is repeated after 1 and 3 s.
pub(crate) const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Bytes of a request's body. Token requests have a few KiB, a signed assertion included.
pub(crate) const REQUEST_BYTES: usize = 1 << 20;

/// Bytes of all headers of a request; servers refuse more.
pub(crate) const HEADER_BYTES: usize = 32 << 10;

/// Headers of a request or an answer. Services send thirty.
pub(crate) const HEADERS: usize = 100;

/// Bytes of an answer's body. A page of a listing has 1 MiB; below what may be lowered into a guest.
pub(crate) const ANSWER_BYTES: usize = 4 << 20;

/// Bytes of an answer's headers, tokens in cookies included.
pub(crate) const ANSWER_HEADER_BYTES: usize = 64 << 10;
