//! Reasons why an image can't be read.

use std::io;
use std::path::Path;

use super::known::{names_there, platforms_there, several};
use super::named::NamesError;
use super::remote_failure::RemoteFailure;
use super::storage::error::StorageError;
use crate::docker::{EngineError, LocateError};
use crate::error::Explain;
use crate::image::{Digest, ManifestError, Platform};
use crate::json::Malformed;
use crate::text::{Escaped, Foreign, Printable};

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
    /// The storage of Podman and buildah can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Storage(#[from] StorageError),
    /// Another machine failed.
    #[error(transparent)]
    #[explain(transparent)]
    Remote(#[from] Box<RemoteFailure>),
    /// No daemon answers, and Podman's own storage has the image.
    #[error("{reason}")]
    #[explain(kind = Network, hint = format!("Podman's own storage has it: push `containers-storage:{name}`"))]
    InStorage {
        /// The places where no daemon is.
        reason: Box<EngineError>,
        /// The image's name.
        name: Escaped,
    },
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
    /// A daemon's export ended early; with the daemon's own words, if it had any.
    #[error("the Docker daemon ended its export before the image was whole: {0}")]
    #[explain(hint = "push again; if that fails too, the daemon's log tells more")]
    Ended(Escaped),
    /// A daemon can't export an image without layers.
    #[error("the Docker daemon can't export an image without layers: {0}")]
    #[explain(hint = "build it into a file, `docker buildx build --output type=oci,dest=FILE .`, and push \
                      `oci-archive:FILE`")]
    WithoutLayers(Escaped),
    /// A pipe can't be kept, so that it can be read more than once.
    #[error("the image can't be kept in `{directory}`, so that it can be read: {reason}")]
    #[explain(hint = "give a file instead of a pipe, or name a directory with room for it in `TMPDIR`")]
    Keep {
        /// The directory of temporary files.
        directory: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// The file is no archive of an image.
    #[error("`{path}` is no archive of an image: {reason}")]
    #[explain(kind = Usage, hint = "make one with `docker save --output FILE NAME`; a directory is `oci:DIRECTORY`")]
    NoArchive {
        /// The file, or the daemon's export.
        path: Escaped,
        /// The missing or wrong part.
        reason: Escaped,
    },
    /// The file is compressed in a way that crhost does not read.
    #[error("`{path}` is compressed in another way than with gzip, zstd, xz or bzip2")]
    #[explain(kind = Usage, hint = format!("unpack it before the push, with `{program}`"))]
    Compression {
        /// The file.
        path: Escaped,
        /// The program that unpacks it.
        program: &'static str,
    },
    /// An archive lacks a part, or its parts don't belong together.
    #[error("`{path}` is damaged: {reason}")]
    #[explain(kind = Verification, hint = "make or fetch the image again")]
    Damaged {
        /// The file.
        path: Escaped,
        /// The missing or wrong part.
        reason: Escaped,
    },
    /// An archive ends before its end.
    #[error("`{0}` is cut off")]
    #[explain(kind = Verification, hint = "make or fetch the image again")]
    CutOff(Escaped),
    /// An archive has a file with holes.
    #[error("`{0}` has a sparse file, which no program writes that saves images")]
    #[explain(kind = Usage, hint = "make the archive again without `tar --sparse`")]
    Sparse(Escaped),
    /// An archive breaks a limit.
    #[error("`{path}` is larger than any archive of an image: {reason}")]
    #[explain(hint = "make one with `docker save --output FILE NAME`")]
    Excess {
        /// The file.
        path: Escaped,
        /// The limit.
        reason: Escaped,
    },
    /// A name of the daemon's images is that of a file here.
    #[error("`{path}` is here on this machine, and was taken for the name of an image in the Docker daemon")]
    #[explain(kind = Usage, hint = format!("push the {what} here as `{kind}:{path}`"))]
    Here {
        /// The file or directory.
        path: Escaped,
        /// Which of them.
        what: &'static str,
        /// Its transport.
        kind: &'static str,
    },
    /// An index of layers, as BuildKit writes it for `--cache-to type=local`.
    #[error("`{0}` holds a build cache, and no image")]
    #[explain(kind = Usage, hint = "to copy the cache, push it with `--all-platforms`")]
    Cache(Escaped),
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
    #[explain(kind = NotFound, hint = names_there(wanted, known))]
    NoImage {
        /// The file or directory.
        path: Escaped,
        /// The requested name.
        wanted: Escaped,
        /// The names that are there.
        known: Vec<Escaped>,
    },
    /// There are several images, and no name was given.
    #[error("`{path}` has {images} images, and none was chosen")]
    #[explain(kind = Usage, hint = format!("choose one behind another `:`; it has {}", several(known)))]
    Several {
        /// The file or directory.
        path: Escaped,
        /// How many.
        images: usize,
        /// Their names, or what chooses those without one.
        known: Vec<Escaped>,
    },
    /// No image is for the requested platform.
    #[error("`{image}` is not for the platform {wanted}, which {origin}")]
    #[explain(kind = NotFound, hint = platforms_there(known))]
    Platform {
        /// The image.
        image: Escaped,
        /// The requested platform.
        wanted: Box<Platform>,
        /// Who wants it.
        origin: PlatformOrigin,
        /// The platforms that are there.
        known: Vec<Platform>,
    },
    /// All platforms were requested from a source that has only one.
    #[error("`{0}` has one platform: all platforms can be pushed from an OCI layout")]
    #[explain(kind = Usage, hint = "leave `--all-platforms` out, or give an `oci:DIRECTORY`")]
    OnePlatform(Escaped),
    /// The images of a source can't be listed by their names.
    #[error(transparent)]
    #[explain(transparent)]
    Names(#[from] NamesError),
    /// Bytes have another digest than they should.
    #[error("a layer's bytes are not those of its digest: expected {expected}, found {actual}")]
    #[explain(kind = Verification, hint = "the image is damaged, or was changed while it was read; make or fetch it again")]
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
    /// The layers of an index were to be split.
    #[error("the layers of an index for several platforms are not split")]
    #[explain(kind = Usage, hint = "push one image of it with `--platform`, or leave `--split-layers` out")]
    SplitIndex,
    /// The configuration of an image whose layers were split.
    #[error("the image's configuration can't be read: {0}")]
    #[explain(kind = Verification, hint = "make or fetch the image again")]
    Configuration(Malformed),
    /// A reading thread panicked.
    #[error("reading stopped: {0}")]
    Thread(Escaped),
}

/// Where a wanted platform comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum PlatformOrigin {
    /// The user.
    #[error("`--platform` names")]
    Argument,
    /// No one, so that it is this machine's.
    #[error("is this machine's")]
    Machine,
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
        match error.downcast::<EngineError>().map(Self::Docker).or_else(io::Error::downcast::<Self>) {
            Ok(error) => error,
            Err(error) => Self::Read(error.into()),
        }
    }
}
