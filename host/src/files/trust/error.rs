//! What is asked of a file, and the reasons against one or a directory.

use std::io;

use crate::error::Explain;
use crate::text::{Escaped, Foreign, Printable};

/// Why a directory is not the user's alone.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum Distrust {
    /// Something else is where a directory should be.
    #[error("`{0}` is no directory")]
    #[explain(hint = "CRHOST_HOME moves what crhost keeps into a directory that is yours alone")]
    NotDirectory(Escaped),
    /// The directory itself has another owner.
    #[error("`{path}` belongs to another user: its owner is {owner}, crhost runs as {user}")]
    #[explain(hint = other_owner(*user))]
    Owner {
        /// Its path.
        path: Escaped,
        /// The user id of its owner.
        owner: u32,
        /// The user id of this process.
        user: u32,
    },
    /// Its mode lets others change it, so that its content may be theirs.
    #[error("others can write to `{0}`")]
    #[explain(hint = "if all that is in it is yours: `chmod go-w {0}`")]
    Writable(Escaped),
    /// Another user, neither this one nor root, owns a directory or a symbolic link on the way.
    #[error("others can replace what is in `{path}`: its owner is {owner}, crhost runs as {user}")]
    #[explain(hint = other_owner_above(path, *user))]
    OwnerAbove {
        /// The directory or link.
        path: Escaped,
        /// The user id of its owner.
        owner: u32,
        /// The user id of this process.
        user: u32,
    },
    /// The mode of a directory on the way lets others put another directory in the place of its entries.
    #[error("others can replace what is in `{path}`: its mode is {mode:o}")]
    #[explain(hint = format!("keep them out: `chmod go-w {path}`; {}", elsewhere(path)))]
    Replaceable {
        /// The directory.
        path: Escaped,
        /// Its permissions.
        mode: u32,
    },
    /// The operating system's reason.
    #[error("`{0}` can't be used: {1}")]
    #[explain(hint = "CRHOST_HOME moves what crhost keeps into a directory that is yours alone")]
    Io(Escaped, Foreign<io::Error>),
}

/// Why compiled code in a directory is not used.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum CacheDistrust {
    /// The directory is not the user's alone.
    #[error(transparent)]
    #[explain(transparent)]
    Directory(#[from] Distrust),
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
}

/// Why a file is not the user's alone.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum FileDistrust {
    /// A symbolic link, a directory, a pipe or a device.
    #[error("it is no regular file")]
    NotRegular,
    /// It has another owner.
    #[error("it belongs to another user")]
    Owner,
    /// Its mode lets others change it.
    #[error("others can write to it")]
    Writable,
    /// Its mode lets others open it.
    #[error("others can open it")]
    Accessible,
    /// The operating system's reason.
    #[error("{0}")]
    Io(Foreign<io::Error>),
}

impl From<io::Error> for FileDistrust {
    fn from(error: io::Error) -> Self {
        Self::Io(error.into())
    }
}

/// What others must not be able to do with a file of the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// Change it.
    Writing,
    /// Change it or read it.
    Opening,
}

fn remove(path: &Escaped) -> String {
    format!("remove `{path}`; crhost makes it anew, for you alone")
}

/// The next step where the directory is another user's: as root, most often the home directory that `sudo` kept.
fn other_owner(user: u32) -> String {
    let elsewhere = "set CRHOST_HOME to a directory of your own";
    if user == 0 { format!("run crhost as that user, or {elsewhere}; `sudo -H` uses root's") } else { elsewhere.into() }
}

fn other_owner_above(path: &Escaped, user: u32) -> String {
    format!("{}; CRHOST_TRUST_DIRECTORY=`{path}` trusts its owner", other_owner(user))
}

fn elsewhere(path: &Escaped) -> String {
    format!(
        "or set CRHOST_HOME to a directory elsewhere; CRHOST_TRUST_DIRECTORY=`{path}` trusts all who can write there"
    )
}
