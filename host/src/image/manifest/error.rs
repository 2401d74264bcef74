//! Reasons why a document is not what it is read as.

use crate::json::Malformed;
use crate::text::{Escaped, Printable};

/// JSON that is not the expected document.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum ManifestError {
    /// It can't be read.
    #[error("this is no {what}: {source}{algorithm}")]
    Malformed {
        /// What was expected.
        what: &'static str,
        /// Why.
        source: Malformed,
        /// What is said of digests that can't be verified.
        algorithm: &'static str,
    },
    /// It says of itself that it is something else.
    #[error("this is no {expected}: its `mediaType` is `{own}`")]
    Is {
        /// What was expected.
        expected: &'static str,
        /// What it says.
        own: Escaped,
    },
    /// It is given as another document than it says itself.
    #[error("the document is ambiguous: it is given as `{given}`, and its `mediaType` is `{own}`")]
    Types {
        /// The Content-Type, or the descriptor's media type.
        given: Escaped,
        /// What it says.
        own: Escaped,
    },
    /// It is an image to one program and an index to another.
    #[error("the document is ambiguous: it is an {what} with `{member}`")]
    Member {
        /// What it is by its media type.
        what: &'static str,
        /// The member of another kind of document.
        member: &'static str,
    },
}
