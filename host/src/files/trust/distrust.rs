//! The reasons against a directory.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::Explain;

/// Why a directory can't be trusted.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum Distrust {
    /// A symbolic link or a file where the directory should be.
    #[error("`{0}` is no directory of its own")]
    #[explain(hint = remove(_0))]
    NotDirectory(PathBuf),
    /// An entry that crhost does not make: a symbolic link, a device, too many files.
    #[error("`{0}` is not from crhost")]
    #[explain(hint = remove(_0))]
    Foreign(PathBuf),
    /// The directory, or an entry in it, has another owner.
    #[error("`{0}` belongs to another user")]
    #[explain(hint = remove(_0))]
    Owner(PathBuf),
    /// Its mode lets others change it, so that its content may be theirs.
    #[error("others can write to `{0}`")]
    #[explain(hint = remove(_0))]
    Writable(PathBuf),
    /// Its mode lets others open it.
    #[error("others can open `{0}`")]
    #[explain(hint = remove(_0))]
    Accessible(PathBuf),
    /// Others can put another directory in the place of this one's entries.
    #[error("others can replace what is in `{0}`")]
    #[explain(hint = "CRHOST_HOME moves what crhost keeps into a directory that is yours alone")]
    Replaceable(PathBuf),
    /// The operating system's reason.
    #[error("`{0}` can't be examined: {1}")]
    #[explain(hint = "CRHOST_HOME moves what crhost keeps into a directory that is yours alone")]
    Io(PathBuf, io::Error),
}

fn remove(path: &Path) -> String {
    format!("remove `{}`; crhost makes it anew, for you alone", path.display())
}
