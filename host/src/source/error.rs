//! Reasons why an image can't be read.

use std::io;
use std::path::Path;

use crate::docker::{EngineError, LocateError};
use crate::error::Explain;
use crate::image::{Digest, ManifestError, Platform};
use crate::text::{Escaped, Foreign, quoted};

/// Longest name in a list, in characters: several of them stand on one line.
const MAX_NAME: usize = 200;

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
    #[error("`{path}` can't be read: {reason}")]
    #[explain(kind = NotFound, hint = "check the path, and that you may read what is there")]
    NotFound {
        /// Its path.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// A file or directory can't be opened.
    #[error("`{path}` can't be read: {reason}")]
    #[explain(hint = "check the path, and that you may read what is there")]
    Open {
        /// Its path.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// Reading failed in the middle.
    #[error("the image can't be read to its end: {0}")]
    #[explain(hint = "make or fetch the image again")]
    Read(Foreign<io::Error>),
    /// The file is not in the form of `docker save`.
    #[error("`{path}` is no docker archive: {reason}")]
    #[explain(hint = "make one with `docker save --output FILE NAME`")]
    NoArchive {
        /// The file, or the daemon's export.
        path: Escaped,
        /// The missing or wrong part.
        reason: Escaped,
    },
    /// The directory is not an OCI image layout.
    #[error("`{path}` is no OCI layout: {reason}")]
    #[explain(hint = "give the directory that holds `oci-layout` and `index.json`, as `oci:DIRECTORY[:REFERENCE]`")]
    NoLayout {
        /// The directory.
        path: Escaped,
        /// The missing or wrong part.
        reason: Escaped,
    },
    /// A file of a layout is a symbolic link. Whoever made the layout chose where it leads: to a secret of this
    /// machine, whose bytes would be sent before their digest shows that they are no layer.
    #[error("`{path}` in the OCI layout `{layout}` is a symbolic link, or behind one, and is not followed")]
    #[explain(hint = "if you trust what the links lead to, push a copy without them: `cp -rL DIRECTORY COPY`")]
    Link {
        /// The layout's directory.
        layout: Escaped,
        /// The file's path below it.
        path: Escaped,
    },
    /// A manifest, index or configuration can't be parsed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// No image has the requested name.
    #[error("`{path}` has no image `{wanted}`")]
    #[explain(kind = NotFound, hint = names_there(known))]
    NoImage {
        /// The file or directory.
        path: Escaped,
        /// The requested name.
        wanted: Escaped,
        /// The names that are there.
        known: Vec<Escaped>,
    },
    /// There are several images, and no name was given.
    #[error("`{path}` has {} images, and none was named", .known.len())]
    #[explain(kind = Usage, hint = format!("name one behind another `:`; it has {}", several(known)))]
    Several {
        /// The file or directory.
        path: Escaped,
        /// The names that are there.
        known: Vec<Escaped>,
    },
    /// No image is for the requested platform.
    #[error("`{image}` is not for the platform {wanted}")]
    #[explain(kind = NotFound, hint = platforms_there(known))]
    Platform {
        /// The image.
        image: Escaped,
        /// The requested platform.
        wanted: Platform,
        /// The platforms that are there.
        known: Vec<Platform>,
    },
    /// All platforms were requested from a source that has only one.
    #[error("`{0}` has one platform: all platforms can be pushed from an OCI layout")]
    #[explain(kind = Usage, hint = "leave `--all-platforms` out, or give an `oci:DIRECTORY`")]
    OnePlatform(Escaped),
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
    #[error("blob {digest} is missing in `{path}`")]
    #[explain(kind = Verification, hint = "the image is damaged; make or fetch it again")]
    MissingBlob {
        /// The blob.
        digest: Digest,
        /// The file or directory, or the daemon's export.
        path: Escaped,
    },
    /// A reading thread panicked.
    #[error("reading stopped: {0}")]
    Thread(Escaped),
}

impl SourceError {
    /// The error for a file or directory that can't be opened.
    pub(super) fn open(path: &Path, reason: io::Error) -> Self {
        let path = path.into();
        match reason.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path, reason: reason.into() },
            _ => Self::Open { path, reason: reason.into() },
        }
    }
}

impl From<io::Error> for SourceError {
    /// The daemon's own error, if reading failed because of it.
    fn from(error: io::Error) -> Self {
        match error.downcast::<EngineError>() {
            Ok(error) => Self::Docker(error),
            Err(error) => Self::Read(error.into()),
        }
    }
}

/// Names in a file that are shown: as many as fit on a screen, of the thousands that a file may have.
const MAX_SHOWN: usize = 20;

fn several<T: std::fmt::Display>(names: &[T]) -> String {
    let shown = quoted(names.iter().take(MAX_SHOWN));
    match names.len().saturating_sub(MAX_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The name of an image, as it stands in a list of them.
pub(super) fn shown_name(name: &str) -> Escaped {
    Escaped::new(name, MAX_NAME)
}

fn names_there(known: &[Escaped]) -> String {
    match known.is_empty() {
        true => "its images have no names; leave the name out".to_owned(),
        false => format!("it has {}", several(known)),
    }
}

fn platforms_there(known: &[Platform]) -> Option<String> {
    (!known.is_empty()).then(|| format!("it is for {}; choose with `--platform`", several(known)))
}
