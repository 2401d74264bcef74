//! Why there is no new project.

use std::io;

use crate::error::Explain;
use crate::flavor::{FlavorName, KebabNameError};
use crate::text::{Escaped, Foreign};

/// Why a project was not written.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum ScaffoldError {
    /// The text is no name of a flavor.
    #[error("{error}")]
    #[explain(hint = better.as_ref().map_or_else(|| "write e.g. `my-registry`".to_owned(), |better| format!("write `{better}`")))]
    Name {
        /// The fault.
        error: KebabNameError,
        /// The name that was probably meant.
        better: Option<Escaped>,
    },
    /// A built-in flavor has the name.
    #[error("`{0}` is the name of a built-in flavor")]
    #[explain(kind = Conflict, hint = "choose another name, such as `{0}-mirror`; `crhost flavor list` shows those that are taken")]
    BuiltIn(FlavorName),
    /// A language has the name, or the SDK.
    #[error("`{0}` can't be the name of a flavor's project: it has a meaning in Rust, or is the SDK's name")]
    #[explain(hint = "choose another name, such as `{0}-registry`")]
    Reserved(FlavorName),
    /// It begins with a digit.
    #[error("`{0}` begins with a digit, expected a letter: no package may be named so")]
    #[explain(hint = "write e.g. `registry-{0}`")]
    Digit(FlavorName),
    /// Something is where the project should be.
    #[error("`{0}` exists already")]
    #[explain(kind = Conflict, hint = "choose another name, or another place with `--directory`; nothing there was changed")]
    Exists(Escaped),
    /// There is no directory to make the project's in.
    #[error("there is no directory `{0}` to make the project in")]
    #[explain(kind = NotFound, hint = "create it first, or choose another place with `--directory`")]
    NoParent(Escaped),
    /// The operating system refuses to write it.
    #[error("`{path}` can't be written: {reason}")]
    #[explain(kind = General, hint = "choose a place that you may write to with `--directory`; what was begun is removed")]
    Write {
        /// The file or directory.
        path: Escaped,
        /// The reason.
        reason: Foreign<io::Error>,
    },
}
