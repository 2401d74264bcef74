//! Errors of starting the development registry.

use std::io;
use std::net::SocketAddr;

use crate::error::Explain;
use crate::files::trust::{Distrust, FileDistrust};
use crate::text::{Escaped, Foreign};

/// A failure to open or to run the registry. A failure of a single request is the answer to that request.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum Error {
    /// Another program listens on this address.
    #[error("{0} is in use by another program")]
    #[explain(kind = Conflict, hint = format!("choose another port with `--listen {}`", next_port(*_0)))]
    PortInUse(SocketAddr),
    /// The address can't be listened on for another reason: not this machine's, or reserved for administrators.
    #[error("cannot listen on {address}: {source}")]
    #[explain(kind = Usage, hint = "choose one of this machine's addresses and a port from 1024 up with `--listen`")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's error.
        source: Foreign<io::Error>,
    },
    /// The data directory, or a file in it, can't be created, read or written.
    #[error("cannot use the data directory {path}: {source}")]
    #[explain(hint = "choose a directory that you may write to")]
    Data {
        /// The directory or file at fault.
        path: Escaped,
        /// The system's error.
        source: Foreign<io::Error>,
    },
    /// The data directory, or one in it, is not the user's alone.
    #[error(transparent)]
    #[explain(transparent)]
    Distrust(Distrust),
    /// A file in the data directory is not the user's alone.
    #[error("{path} can't be trusted: {reason}")]
    #[explain(hint = "if all that is in it is yours: `chmod go-w {path}`; otherwise move it away")]
    Untrusted {
        /// The file.
        path: Escaped,
        /// The reason against it.
        reason: FileDistrust,
    },
    /// Another registry runs on the same directory; each keeps the manifests in memory and would overwrite the other's.
    #[error("the data directory {0} is in use by another registry")]
    #[explain(kind = Conflict, hint = "stop the other registry, or choose another directory")]
    DataInUse(Escaped),
    /// The file of manifests and tags is damaged; the registry would start empty and overwrite it.
    #[error("{path} is damaged: {source}")]
    #[explain(kind = Verification, hint = "move the file away to begin without manifests and tags; the blobs stay")]
    Damaged {
        /// The file of manifests and tags.
        path: Escaped,
        /// The parser's error.
        source: Foreign<serde_json::Error>,
    },
    /// The listening socket failed while the registry ran.
    #[error("the registry stopped: {0}")]
    Stopped(#[source] Foreign<io::Error>),
}

impl From<Distrust> for Error {
    fn from(reason: Distrust) -> Self {
        match reason {
            Distrust::Io(path, source) => Self::Data { path, source },
            reason => Self::Distrust(reason),
        }
    }
}

/// The same address with the next port.
fn next_port(address: SocketAddr) -> SocketAddr {
    let port = address.port().checked_add(1).unwrap_or(5000);
    SocketAddr::new(address.ip(), port)
}
