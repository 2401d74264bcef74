//! Files that are larger, or have more parts, than any honest one.

use std::fmt;
use std::io;

/// A limit that an image's file breaks, as users are told.
#[derive(Debug)]
pub(super) struct Excess(String);

impl Excess {
    /// The error of a reader that finds out.
    pub(super) fn error(reason: String) -> io::Error {
        io::Error::other(Self(reason))
    }

    /// Whether a reader failed because of a limit.
    pub(super) fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|error| error.is::<Self>())
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Excess {}
