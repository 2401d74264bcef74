//! What a client is told once, for all registries.

use std::path::PathBuf;
use std::time::Duration;

use super::rate::RateLimit;

/// What holds for all registries that a `Client` talks to.
#[derive(Debug, Clone)]
pub(crate) struct ClientOptions {
    /// The `User-Agent` header.
    pub(crate) user_agent: String,
    /// Directories with a directory per registry host that holds certificates.
    pub(crate) certificate_directories: Vec<PathBuf>,
    /// How long a server may take no byte of a request, or give no answer to it, before the request is given up. After
    /// a blob's last byte it is five times as long ([`COMMIT_TIMEOUT_FACTOR`]). A whole upload has no limit.
    pub(crate) idle_timeout: Duration,
    /// The rate of the content of all requests and answers together; none is limited without it.
    pub(crate) limit_rate: Option<RateLimit>,
}

/// Whether a registry that doesn't speak https may be spoken to in plain HTTP. It is said for each registry: a switch
/// for all of them would let a line that fails turn https into plain HTTP where the user never meant it.
///
/// A certificate that doesn't verify is refused in any case: a user who can allow plain HTTP can also file the
/// certificate, and a check that is skipped protects no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PlainHttp {
    /// The user allowed it for this registry.
    Allowed,
    /// Only to this machine, where it always is.
    LoopbackOnly,
}

/// How many times [`ClientOptions::idle_timeout`] a registry may take to answer after a blob's last byte: registries on
/// object stores copy the blob before they answer. With the default that is five minutes, in which an object store
/// copies some 50 GiB.
pub(super) const COMMIT_TIMEOUT_FACTOR: u32 = 5;

impl ClientOptions {
    /// The defaults, with these directories of certificates.
    #[must_use]
    pub(crate) fn new(certificate_directories: Vec<PathBuf>) -> Self {
        Self {
            user_agent: concat!("crhost/", env!("CARGO_PKG_VERSION")).to_owned(),
            certificate_directories,
            // The time after which common load balancers give up on a silent registry themselves.
            idle_timeout: Duration::from_secs(60),
            limit_rate: None,
        }
    }
}
