//! Why an image can't be read.

use std::io;
use std::path::PathBuf;

use crate::docker::{EngineError, LocateError};
use crate::error::{Explain, Kind};
use crate::image::{Digest, ManifestError, Platform};

/// A failure to read an image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    /// Nobody says where the Docker daemon is.
    #[error(transparent)]
    Locate(#[from] LocateError),
    /// The Docker daemon.
    #[error(transparent)]
    Docker(#[from] EngineError),
    /// A file or folder can't be opened.
    #[error("`{}` can't be read: {reason}", .path.display())]
    Open {
        /// Which one.
        path: PathBuf,
        /// The operating system's reason.
        reason: io::Error,
    },
    /// Reading failed in the middle.
    #[error("the image can't be read to its end: {0}")]
    Read(io::Error),
    /// A file that `docker save` did not write.
    #[error("`{}` is no docker archive: {reason}", .path.display())]
    NoArchive {
        /// The file, or the daemon's export.
        path: PathBuf,
        /// What is missing or odd.
        reason: String,
    },
    /// A folder that is no OCI layout.
    #[error("`{}` is no OCI layout: {reason}", .path.display())]
    NoLayout {
        /// The folder.
        path: PathBuf,
        /// What is missing or odd.
        reason: String,
    },
    /// A manifest or configuration that is none.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// No image of the name that was asked for.
    #[error("`{}` has no image `{wanted}`", .path.display())]
    NoImage {
        /// The file or folder.
        path: PathBuf,
        /// What was asked for.
        wanted: String,
        /// What is there.
        known: Vec<String>,
    },
    /// More than one image, and none was named.
    #[error("`{}` has {} images, and none was named", .path.display(), .known.len())]
    Several {
        /// The file or folder.
        path: PathBuf,
        /// What is there.
        known: Vec<String>,
    },
    /// No image for the platform.
    #[error("`{image}` is not for the platform {wanted}")]
    Platform {
        /// The image.
        image: String,
        /// What was asked for.
        wanted: Platform,
        /// What is there.
        known: Vec<String>,
    },
    /// A source that can't hold what was asked for.
    #[error("`{0}` has one platform: all platforms can be pushed from an OCI layout")]
    OnePlatform(String),
    /// Bytes that are not what their digest says.
    #[error("a layer's bytes are not those of its digest: expected {expected}, found {actual}")]
    Digest {
        /// The digest in the image's manifest or configuration.
        expected: Digest,
        /// The digest of the bytes.
        actual: Digest,
    },
    /// A blob that is not as long as its descriptor says.
    #[error("blob {digest} has {actual} bytes, expected {expected}")]
    Size {
        /// The blob.
        digest: Digest,
        /// The descriptor's size.
        expected: u64,
        /// The file's size.
        actual: u64,
    },
    /// A blob that is not there.
    #[error("blob {digest} is missing in `{}`", .path.display())]
    MissingBlob {
        /// The blob.
        digest: Digest,
        /// The file or folder.
        path: PathBuf,
    },
    /// A layer can't be read where the daemon keeps it. The next feed gives it as the daemon exports it.
    #[error(transparent)]
    LayerStore(LayerStoreError),
    /// A reading thread ended badly.
    #[error("reading stopped: {0}")]
    Thread(String),
}

/// Why a layer can't be read in a daemon's own store; the daemon may be able to.
#[derive(Debug, thiserror::Error)]
#[error("layer {diff_id} can't be read in the daemon's layer store: {reason}")]
pub(crate) struct LayerStoreError {
    /// The layer.
    pub(crate) diff_id: Digest,
    /// What is wrong.
    pub(crate) reason: io::Error,
}

impl SourceError {
    /// Whether a further feed of the same source may give what this one could not.
    #[must_use]
    pub(crate) fn has_another_way(&self) -> bool {
        matches!(self, Self::LayerStore(_))
    }
}

impl From<io::Error> for SourceError {
    /// The daemon's own error or its store's, where reading failed because of it.
    fn from(error: io::Error) -> Self {
        let error = match error.downcast::<EngineError>() {
            Ok(error) => return Self::Docker(error),
            Err(error) => error,
        };
        match error.downcast::<LayerStoreError>() {
            Ok(error) => Self::LayerStore(error),
            Err(error) => Self::Read(error),
        }
    }
}

fn list(names: &[String]) -> String {
    crate::text::quoted(names.iter().map(|name| crate::text::printable(name, 200)))
}

impl Explain for SourceError {
    fn kind(&self) -> Kind {
        match self {
            Self::Locate(error) => error.kind(),
            Self::Docker(error) => error.kind(),
            Self::Open { reason, .. } if reason.kind() == io::ErrorKind::NotFound => Kind::NotFound,
            Self::NoImage { .. } | Self::Platform { .. } => Kind::NotFound,
            Self::Several { .. } | Self::OnePlatform(_) => Kind::Usage,
            Self::Digest { .. } | Self::Size { .. } | Self::MissingBlob { .. } => Kind::Verification,
            _ => Kind::General,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Locate(error) => return error.hint(),
            Self::Docker(error) => return error.hint(),
            Self::NoArchive { .. } => "make one with `docker save --output FILE NAME`".to_owned(),
            Self::NoLayout { .. } => {
                "give the folder that holds `oci-layout` and `index.json`, as `oci:FOLDER[:REFERENCE]`".to_owned()
            }
            Self::NoImage { known, .. } if known.is_empty() => {
                "its images have no names; leave the name out".to_owned()
            }
            Self::NoImage { known, .. } => format!("it has {}", list(known)),
            Self::Several { known, .. } => format!("name one behind another `:`; it has {}", list(known)),
            Self::OnePlatform(_) => "leave `--all-platforms` out, or give an `oci:FOLDER`".to_owned(),
            Self::Platform { known, .. } if known.is_empty() => return None,
            Self::Platform { known, .. } => format!("it is for {}; choose with `--platform`", known.join(", ")),
            Self::Digest { .. } | Self::Size { .. } | Self::MissingBlob { .. } => {
                "the image is damaged; make or fetch it again".to_owned()
            }
            Self::Open { .. } => "check the path, and that you may read what is there".to_owned(),
            Self::Read(_) | Self::LayerStore(_) | Self::Thread(_) | Self::Manifest(_) => return None,
        })
    }
}
