//! Reasons why an image can't be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::docker::{EngineError, LocateError};
use crate::error::Explain;
use crate::image::{Digest, ManifestError, Platform};

/// A failure to read an image.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum SourceError {
    /// The Docker daemon's address is not known.
    #[error(transparent)]
    #[explain(transparent)]
    Locate(#[from] LocateError),
    /// The Docker daemon failed.
    #[error(transparent)]
    #[explain(transparent)]
    Docker(#[from] EngineError),
    /// A file or directory does not exist.
    #[error("`{}` can't be read: {reason}", .path.display())]
    #[explain(kind = NotFound, hint = "check the path, and that you may read what is there")]
    NotFound {
        /// Its path.
        path: PathBuf,
        /// The operating system's reason.
        reason: io::Error,
    },
    /// A file or directory can't be opened.
    #[error("`{}` can't be read: {reason}", .path.display())]
    #[explain(hint = "check the path, and that you may read what is there")]
    Open {
        /// Its path.
        path: PathBuf,
        /// The operating system's reason.
        reason: io::Error,
    },
    /// Reading failed in the middle.
    #[error("the image can't be read to its end: {0}")]
    #[explain(hint = "make or fetch the image again")]
    Read(io::Error),
    /// The file is not in the form of `docker save`.
    #[error("`{}` is no docker archive: {reason}", .path.display())]
    #[explain(hint = "make one with `docker save --output FILE NAME`")]
    NoArchive {
        /// The file, or the daemon's export.
        path: PathBuf,
        /// The missing or wrong part.
        reason: String,
    },
    /// The directory is not an OCI image layout.
    #[error("`{}` is no OCI layout: {reason}", .path.display())]
    #[explain(hint = "give the directory that holds `oci-layout` and `index.json`, as `oci:DIRECTORY[:REFERENCE]`")]
    NoLayout {
        /// The directory.
        path: PathBuf,
        /// The missing or wrong part.
        reason: String,
    },
    /// A file of a layout is a symbolic link. Whoever made the layout chose where it leads: to a secret of this
    /// machine, whose bytes would be sent before their digest shows that they are no layer.
    #[error("`{path}` in the OCI layout `{}` is a symbolic link, or behind one, and is not followed", .layout.display())]
    #[explain(hint = "if you trust what the links lead to, push a copy without them: `cp -rL DIRECTORY COPY`")]
    Link {
        /// The layout's directory.
        layout: PathBuf,
        /// The file's path below it.
        path: String,
    },
    /// A manifest, index or configuration can't be parsed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// No image has the requested name.
    #[error("`{}` has no image `{wanted}`", .path.display())]
    #[explain(kind = NotFound, hint = names_there(known))]
    NoImage {
        /// The file or directory.
        path: PathBuf,
        /// The requested name.
        wanted: String,
        /// The names that are there.
        known: Vec<String>,
    },
    /// There are several images, and no name was given.
    #[error("`{}` has {} images, and none was named", .path.display(), .known.len())]
    #[explain(kind = Usage, hint = format!("name one behind another `:`; it has {}", quoted(known)))]
    Several {
        /// The file or directory.
        path: PathBuf,
        /// The names that are there.
        known: Vec<String>,
    },
    /// No image is for the requested platform.
    #[error("`{image}` is not for the platform {wanted}")]
    #[explain(kind = NotFound, hint = platforms_there(known))]
    Platform {
        /// The image.
        image: String,
        /// The requested platform.
        wanted: Platform,
        /// The platforms that are there.
        known: Vec<String>,
    },
    /// All platforms were requested from a source that has only one.
    #[error("`{0}` has one platform: all platforms can be pushed from an OCI layout")]
    #[explain(kind = Usage, hint = "leave `--all-platforms` out, or give an `oci:DIRECTORY`")]
    OnePlatform(String),
    /// Bytes have another digest than they should.
    #[error("a layer's bytes are not those of its digest: expected {expected}, found {actual}")]
    #[explain(kind = Verification, hint = "the image is damaged; make or fetch it again")]
    Digest {
        /// The digest in the image's manifest or configuration.
        expected: Digest,
        /// The digest of the bytes.
        actual: Digest,
    },
    /// A blob has another size than its descriptor says.
    #[error("blob {digest} has {actual} bytes, expected {expected}")]
    #[explain(kind = Verification, hint = "the image is damaged; make or fetch it again")]
    Size {
        /// The blob.
        digest: Digest,
        /// The descriptor's size in bytes.
        expected: u64,
        /// The file's size in bytes.
        actual: u64,
    },
    /// A blob is missing.
    #[error("blob {digest} is missing in `{}`", .path.display())]
    #[explain(kind = Verification, hint = "the image is damaged; make or fetch it again")]
    MissingBlob {
        /// The blob.
        digest: Digest,
        /// The file or directory, or the daemon's export.
        path: PathBuf,
    },
    /// A reading thread panicked.
    #[error("reading stopped: {0}")]
    Thread(String),
}

impl SourceError {
    /// The error for a file or directory that can't be opened.
    pub(super) fn open(path: &Path, reason: io::Error) -> Self {
        let path = path.to_owned();
        match reason.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path, reason },
            _ => Self::Open { path, reason },
        }
    }
}

impl From<io::Error> for SourceError {
    /// The daemon's own error, if reading failed because of it.
    fn from(error: io::Error) -> Self {
        match error.downcast::<EngineError>() {
            Ok(error) => Self::Docker(error),
            Err(error) => Self::Read(error),
        }
    }
}

/// Names in a file that are shown: as many as fit on a screen, of the thousands that a file may have.
const MAX_SHOWN: usize = 20;

fn quoted(names: &[String]) -> String {
    let shown = crate::text::quoted(names.iter().take(MAX_SHOWN).map(|name| crate::text::printable(name, 200)));
    match names.len().saturating_sub(MAX_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn names_there(known: &[String]) -> String {
    match known.is_empty() {
        true => "its images have no names; leave the name out".to_owned(),
        false => format!("it has {}", quoted(known)),
    }
}

fn platforms_there(known: &[String]) -> Option<String> {
    (!known.is_empty()).then(|| format!("it is for {}; choose with `--platform`", quoted(known)))
}
