//! Why the development registry does not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::error::{Explain, Kind};

/// A failure to open the registry; once it runs, failures are answers to the one request that met them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Another program listens on this address.
    #[error("{0} is in use by another program")]
    PortInUse(SocketAddr),
    /// The address cannot be listened on for another reason: not this machine's, or reserved for administrators.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system answered.
        source: io::Error,
    },
    /// The data folder, or something in it, cannot be created, read or written.
    #[error("cannot use the data folder {}: {source}", path.display())]
    Data {
        /// The folder or file at fault.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Another registry runs on the same folder; each keeps the manifests in memory and would write over the other's.
    #[error("the data folder {} is in use by another registry", .0.display())]
    DataInUse(PathBuf),
    /// The file of manifests and tags is damaged; going on would begin with none and write over what can be saved.
    #[error("{} is damaged: {source}", path.display())]
    Damaged {
        /// The file of manifests and tags.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// The listening socket failed while the registry ran.
    #[error("the registry stopped: {0}")]
    Stopped(#[source] io::Error),
}

impl Explain for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::PortInUse(_) | Self::DataInUse(_) => Kind::Conflict,
            Self::Listen { .. } => Kind::Usage,
            Self::Data { .. } | Self::Stopped(_) => Kind::General,
            Self::Damaged { .. } => Kind::Verification,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::PortInUse(address) => {
                let port = address.port().checked_add(1).unwrap_or(5000);
                Some(format!("choose another port with `--listen {}`", SocketAddr::new(address.ip(), port)))
            }
            Self::Listen { .. } => {
                Some("choose one of this machine's addresses and a port from 1024 up with `--listen`".to_owned())
            }
            Self::Data { .. } => Some("choose a folder that you may write to".to_owned()),
            Self::DataInUse(_) => Some("stop the other registry, or choose another folder".to_owned()),
            Self::Damaged { .. } => {
                Some("move the file away to begin without manifests and tags; the blobs stay".to_owned())
            }
            Self::Stopped(_) => None,
        }
    }
}
