//! The reasons against a directory.

use std::io;

use crate::error::Explain;
use crate::text::{Escaped, Foreign};

/// Why a directory can't be trusted.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum Distrust {
    /// A symbolic link or a file where the directory should be.
    #[error("`{0}` is no directory of its own")]
    #[explain(hint = remove(_0))]
    NotDirectory(Escaped),
    /// An entry that crhost does not make: a symbolic link, a device, too many files.
    #[error("`{0}` is not from crhost")]
    #[explain(hint = remove(_0))]
    Foreign(Escaped),
    /// The directory, or an entry in it, has another owner.
    #[error("`{0}` belongs to another user")]
    #[explain(hint = remove(_0))]
    Owner(Escaped),
    /// Its mode lets others change it, so that its content may be theirs.
    #[error("others can write to `{0}`")]
    #[explain(hint = remove(_0))]
    Writable(Escaped),
    /// Its mode lets others open it.
    #[error("others can open `{0}`")]
    #[explain(hint = remove(_0))]
    Accessible(Escaped),
    /// Others can put another directory in the place of this one's entries.
    #[error("others can replace what is in `{0}`")]
    #[explain(hint = "CRHOST_HOME moves what crhost keeps into a directory that is yours alone")]
    Replaceable(Escaped),
    /// The operating system's reason.
    #[error("`{0}` can't be examined: {1}")]
    #[explain(hint = "CRHOST_HOME moves what crhost keeps into a directory that is yours alone")]
    Io(Escaped, Foreign<io::Error>),
}

fn remove(path: &Escaped) -> String {
    format!("remove `{path}`; crhost makes it anew, for you alone")
}
