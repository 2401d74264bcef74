//! Reasons why an image can't be looked at.

use crate::cleanup::CleanupError;
use crate::distribution;
use crate::error::Explain;
use crate::image::{Digest, ManifestError, Platform};
use crate::patterns::PatternError;
use crate::registry::{RegistryError, RemoteNameError};
use crate::session::SessionError;
use crate::source::SourceError;
use crate::text::{Escaped, quoted};

use super::kind::Kind;

/// An image or a list that can't be shown.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum InspectError {
    /// The registry can't be found or opened, or refuses.
    #[error(transparent)]
    #[explain(transparent)]
    Session(#[from] Box<SessionError>),
    /// What is on this machine can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Source(#[from] Box<SourceError>),
    /// A text that names nothing.
    #[error(transparent)]
    #[explain(transparent)]
    Name(#[from] RemoteNameError),
    /// A text that is no pattern for names.
    #[error(transparent)]
    #[explain(kind = Usage, hint = "`*` and `?` stand for any characters, `{{a,b}}` for one of several texts")]
    Pattern(#[from] PatternError),
    /// There is no such image.
    #[error("the registry has no `{image}`")]
    #[explain(kind = NotFound, hint = "`crhost tags {repository}` lists what is there")]
    NoImage {
        /// Its name.
        image: Escaped,
        /// Its repository's name.
        repository: Escaped,
    },
    /// There is no such repository.
    #[error("the registry has no repository `{repository}`")]
    #[explain(kind = NotFound, hint = "`crhost repos {host}/` lists those that it shows")]
    NoRepository {
        /// Its name.
        repository: Escaped,
        /// The registry's host.
        host: Escaped,
    },
    /// An index that names a manifest which is not there.
    #[error("`{image}` names the manifest `{digest}`, and the registry has none of that digest")]
    #[explain(kind = NotFound, hint = "it was deleted, or never pushed: push the image again")]
    NoChild {
        /// The index.
        image: Escaped,
        /// The missing manifest.
        digest: Digest,
    },
    /// An index without an image for the platform that was asked for.
    #[error("`{image}` has no image for `{wanted}`")]
    #[explain(kind = NotFound, hint = has(known))]
    NoPlatform {
        /// The index.
        image: Escaped,
        /// The platform that was asked for.
        wanted: Box<Platform>,
        /// The platforms that it has.
        known: Vec<Platform>,
    },
    /// An index of which one image must be chosen.
    #[error("`{image}` has {}", if known.is_empty() { "no image" } else { "several images, and none for this machine" })]
    #[explain(kind = Usage, hint = choice(known))]
    WhichPlatform {
        /// The index.
        image: Escaped,
        /// The platforms that it has.
        known: Vec<Platform>,
    },
    /// An image for another platform than the one that was asked for.
    #[error("`{image}` is an image for `{found}`, not for `{wanted}`")]
    #[explain(kind = NotFound, hint = "without `--platform`, it is taken whatever its platform is")]
    OtherPlatform {
        /// The image.
        image: Escaped,
        /// Its platform.
        found: Box<Platform>,
        /// The platform that was asked for.
        wanted: Box<Platform>,
    },
    /// An image on this machine that has no manifest yet.
    #[error("`{image}` has no manifest: its layers are not compressed, and a push makes one")]
    #[explain(hint = "`crhost config` and `crhost ls-files` show what it has; look at the registry's after a push")]
    NoManifest {
        /// The image.
        image: Escaped,
    },
    /// Something that is no image.
    #[error("`{image}` is {}, and has no {what}", kind.noun())]
    #[explain(hint = "`crhost manifest` prints what it is made of")]
    NotAnImage {
        /// Its name.
        image: Escaped,
        /// What it is.
        kind: Kind,
        /// What was asked for.
        what: &'static str,
    },
    /// A manifest of a form that registries gave up, without sizes and with its configuration in itself.
    #[error("`{image}` is an image in Docker's schema 1, which crhost doesn't read")]
    #[explain(hint = "pull and push it again with Docker, which writes schema 2; `crhost manifest` prints it as it is")]
    Schema1 {
        /// Its name.
        image: Escaped,
    },
    /// A document that can't be parsed.
    #[error("`{image}`: {reason}")]
    #[explain(hint = "`crhost manifest` prints what the registry has")]
    Malformed {
        /// Where it is from.
        image: Escaped,
        /// What is wrong.
        reason: Box<ManifestError>,
    },
    /// Indexes in indexes without an end.
    #[error("`{image}` has indexes in indexes, more than {depth} deep or more than {most}")]
    TooDeep {
        /// The outermost one.
        image: Escaped,
        /// The deepest that is followed.
        depth: usize,
        /// The most that are read.
        most: usize,
    },
    /// A layer that can't be read.
    #[error("layer {number} of `{image}` can't be read: {reason}")]
    #[explain(hint = "`crhost manifest` shows what the layer is")]
    Layer {
        /// The image.
        image: Escaped,
        /// The number of the layer, from 1.
        number: usize,
        /// Why.
        reason: Escaped,
    },
    /// A layer's bytes are not those that its digest names.
    #[error("layer {number} of `{image}` has the digest `{found}`, expected `{expected}`")]
    #[explain(kind = Verification, hint = "what is stored there, or something on the way, is damaged or forged")]
    LayerDigest {
        /// The image.
        image: Escaped,
        /// The number of the layer, from 1.
        number: usize,
        /// The digest of what came.
        found: Box<Digest>,
        /// The digest that was expected.
        expected: Box<Digest>,
    },
    /// A layer that the image does not have.
    #[error("`{image}` has no layer `{wanted}`")]
    #[explain(kind = NotFound, hint = "it has {count}: give a number from 1, the lowest, or the beginning of a digest")]
    NoLayer {
        /// The image.
        image: Escaped,
        /// The layer that was asked for.
        wanted: Escaped,
        /// How many it has.
        count: usize,
    },
    /// More files than can be held in memory.
    #[error("`{image}` has too many files")]
    #[explain(hint = "look at one directory of it, or with `--layer` at one layer")]
    TooManyFiles {
        /// The image.
        image: Escaped,
    },
    /// A file that the image does not have.
    #[error("`{image}` has no `{path}`")]
    #[explain(kind = NotFound, hint = "`crhost ls-files` without a path lists all files")]
    NoFile {
        /// The image.
        image: Escaped,
        /// The path that was asked for.
        path: Escaped,
    },
    /// A list that neither the registry nor its flavor gives.
    #[error(transparent)]
    #[explain(transparent)]
    List(#[from] Box<CleanupError>),
    /// A thread that read a layer ended.
    #[error("a thread that read a layer ended: {0}")]
    Thread(Escaped),
}

impl InspectError {
    /// The error for a document that can't be read, or is several things at once.
    pub(super) fn malformed(image: Escaped, reason: ManifestError) -> Self {
        Self::Malformed { image, reason: Box::new(reason) }
    }
}

impl From<SessionError> for InspectError {
    fn from(error: SessionError) -> Self {
        Self::Session(Box::new(error))
    }
}

impl From<SourceError> for InspectError {
    fn from(error: SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}

impl From<distribution::Error> for InspectError {
    fn from(error: distribution::Error) -> Self {
        SessionError::from(error).into()
    }
}

impl From<RegistryError> for InspectError {
    fn from(error: RegistryError) -> Self {
        SessionError::from(error).into()
    }
}

/// The platforms that an index has, as a hint.
fn has(known: &[Platform]) -> String {
    if known.is_empty() { "`crhost inspect` lists what it has".to_owned() } else { format!("it has {}", quoted(known)) }
}

/// The platforms that can be chosen, as a hint.
fn choice(known: &[Platform]) -> String {
    match known.is_empty() {
        true => "`crhost inspect` lists what it has, and a digest names it".to_owned(),
        false => format!("choose one with `--platform`: {}", quoted(known)),
    }
}
