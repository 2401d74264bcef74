//! Reasons why a pull fails.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::docker::{EngineError, LocateError};
use crate::error::Explain;
use crate::image::Digest;
use crate::registry::RegistryError;
use crate::remote::RemoteError;
use crate::session::SessionError;
use crate::source::SourceError;
use crate::stopped::Stopped;
use crate::text::{Escaped, Foreign};

/// A pull that failed. What was at its destination is as it was, and what came so far is taken up by the next pull.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum PullError {
    /// No registry is meant, or it can't be opened.
    #[error(transparent)]
    #[explain(transparent)]
    Session(#[from] Box<SessionError>),
    /// The registry in use can't be found.
    #[error(transparent)]
    #[explain(transparent)]
    Registry(#[from] Box<RegistryError>),
    /// The registry has no such image, or answers with something else.
    #[error(transparent)]
    #[explain(transparent)]
    Remote(#[from] Box<RemoteError>),
    /// A blob can't be read, or is not what its digest says.
    #[error(transparent)]
    #[explain(transparent)]
    Blob(#[from] Box<SourceError>),
    /// No daemon answers, or it did not take the image.
    #[error(transparent)]
    #[explain(transparent)]
    Engine(#[from] Box<EngineError>),
    /// The Docker daemon's address is not known.
    #[error(transparent)]
    #[explain(transparent)]
    Locate(#[from] Box<LocateError>),
    /// No daemon answers, and no destination was named.
    #[error("{0}")]
    #[explain(
        kind = Network,
        hint = "without a destination, an image goes into the Docker daemon; without one, name `oci:DIRECTORY`, \
                `docker-archive:FILE` or another of `crhost pull --help`"
    )]
    NoDaemon(Box<EngineError>),
    /// The destination is something else than it should be.
    #[error("`{path}` {found}")]
    #[explain(kind = Usage, hint = "name another path; nothing there was changed")]
    Taken {
        /// The destination.
        path: Escaped,
        /// What it is.
        found: Escaped,
    },
    /// Another pull writes the same file now.
    #[error("another pull is writing `{0}`")]
    #[explain(kind = Conflict, hint = "wait for it, or name another file")]
    Busy(Escaped),
    /// The destination can't be written.
    #[error("`{path}` can't be written: {reason}")]
    #[explain(hint = write_hint(reason))]
    Write {
        /// The file or directory.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// There is no room for the image.
    #[error("`{path}` has room for {free} bytes, and {needed} are to be written")]
    #[explain(hint = "make room, or name a directory on another disk")]
    NoRoom {
        /// The directory.
        path: Escaped,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed.
        needed: u64,
    },
    /// A layout's own index is no index.
    #[error("`{path}` is no index of an OCI layout: {reason}")]
    #[explain(hint = "the layout is damaged, and is left as it is; name another directory")]
    Index {
        /// The file.
        path: Escaped,
        /// Why.
        reason: Escaped,
    },
    /// A file of Docker, or its daemon, takes an image, and this is none.
    #[error("`{image}` {found}, and {destination} takes one whole image")]
    #[explain(kind = Usage, hint = "an OCI layout takes it: name `oci:DIRECTORY` or `oci-archive:FILE`")]
    NoImage {
        /// The image's name.
        image: Escaped,
        /// What it is instead.
        found: &'static str,
        /// The destination.
        destination: &'static str,
    },
    /// The daemon has another image than the one that it was given.
    #[error("the Docker daemon does not have {0} after it took the image")]
    #[explain(kind = Verification, hint = "the daemon's log may tell why; `crhost pull NAME oci:DIRECTORY` does without it")]
    NotLoaded(Digest),
    /// The daemon is too old for the image's compression.
    #[error("Docker {version} can't read layer {layer}, which is compressed with zstd")]
    #[explain(hint = "Docker reads zstd since version 23: update it, or pull into `oci:DIRECTORY`")]
    Zstd {
        /// The daemon's version.
        version: Escaped,
        /// The layer.
        layer: Digest,
    },
    /// Standard output is a terminal.
    #[error("standard output is a terminal, and would get an archive")]
    #[explain(kind = Usage, hint = "redirect it into a file or a pipe, such as `crhost pull NAME - | docker load`")]
    Terminal,
    /// The pull took longer than `--timeout` allows.
    #[error("the pull has not ended within {} seconds", .0.as_secs())]
    #[explain(
        kind = Network,
        hint = "the same command goes on with what came so far into a layout or a file; a longer `--timeout` gives it more \
                time"
    )]
    TooLate(Duration),
    /// Interrupted by the user.
    #[error("interrupted")]
    #[explain(kind = Interrupted)]
    Interrupted,
    /// A task panicked.
    #[error("the pull stopped: {0}")]
    Task(Escaped),
}

impl PullError {
    /// The error for a file or directory that can't be written.
    pub(super) fn write(path: &Path, reason: io::Error) -> Self {
        Self::Write { path: path.into(), reason: reason.into() }
    }

    /// The error for a destination that is something else.
    pub(super) fn taken(path: &Path, found: &str) -> Self {
        Self::Taken { path: path.into(), found: found.into() }
    }
}

/// Boxes the errors of others, most of which are larger than a result should be.
macro_rules! boxed {
    ($($error:ty => $variant:ident),* $(,)?) => {
        $(impl From<$error> for PullError {
            fn from(error: $error) -> Self {
                Self::$variant(Box::new(error))
            }
        })*
    };
}

boxed!(
    SessionError => Session,
    RegistryError => Registry,
    RemoteError => Remote,
    SourceError => Blob,
    EngineError => Engine,
    LocateError => Locate,
);

fn write_hint(reason: &Foreign<io::Error>) -> String {
    let hint = match reason.0.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room, and run it again",
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => "name a directory that you may write to",
        _ => "check the path, and that you may write there",
    };
    hint.to_owned()
}

impl From<Stopped> for PullError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Interrupted => Self::Interrupted,
            Stopped::TooLate(timeout) => Self::TooLate(timeout),
        }
    }
}
