//! Errors of the tool itself: one line for the reader.

use std::fmt;
use std::io;
use std::path::Path;

/// What every step returns.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// One line about what keeps the tool from working.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure with this text.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self(text.to_string())
    }

    /// Names the path: ``cannot read `/x`: permission denied``.
    pub(crate) fn io(action: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self(format!("cannot {action} `{}`: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.0)
    }
}
