//! Layers that can't be split, and are pushed whole.

use std::fmt;
use std::io;

/// Why a layer stays whole, in words for the user.
#[derive(Debug)]
pub(super) struct Whole(&'static str);

impl Whole {
    /// The error of a split that gives up.
    pub(super) fn error(reason: &'static str) -> io::Error {
        io::Error::other(Self(reason))
    }

    /// The same for an archive that is not as it should be.
    pub(super) fn damaged() -> io::Error {
        Self::error("one of its headers can't be understood")
    }

    /// Whether a split gave up, rather than failed to read.
    pub(super) fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|error| error.is::<Self>())
    }
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Whole {}
