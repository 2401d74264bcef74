//! The one kind of error here: a line for a person, and perhaps what to do next.

use std::fmt;
use std::io;
use std::path::Path;

/// What every step returns.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// What went wrong, in one line, and a hint where there is one.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None }
    }

    /// The same failure, with what the reader can do about it.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// What went wrong, for a sentence of which it is only a part.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// Turns an I/O error into a failure that names the path: `cannot create `/x`: permission denied`.
    pub(crate) fn io(action: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("cannot {action} `{}`: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}
