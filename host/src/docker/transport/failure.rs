//! Why a daemon can't be connected to.

use std::io;

use crate::network::io_words;
use crate::text::Escaped;

/// Why there is no connection.
#[derive(Debug)]
pub(in crate::docker) struct ConnectFailure {
    /// The cause, on one line.
    pub(in crate::docker) reason: Escaped,
    /// Whether the operating system denied access.
    pub(in crate::docker) permission_denied: bool,
}

impl From<&io::Error> for ConnectFailure {
    fn from(error: &io::Error) -> Self {
        let permission_denied = error.kind() == io::ErrorKind::PermissionDenied;
        Self { reason: io_words(error).into(), permission_denied }
    }
}

impl From<String> for ConnectFailure {
    fn from(reason: String) -> Self {
        Self { reason: reason.into(), permission_denied: false }
    }
}
