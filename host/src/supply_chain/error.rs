//! Reasons why nothing is attached, signed or verified.

use std::io;

use crate::distribution;
use crate::error::Explain;
use crate::image::{Digest, ManifestError};
use crate::signature::SignatureError;
use crate::text::{Escaped, Foreign};

/// A failure of the supply chain's commands.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum SupplyChainError {
    /// A request to the registry failed.
    #[error(transparent)]
    #[explain(transparent)]
    Distribution(#[from] distribution::Error),
    /// A signature can't be made.
    #[error(transparent)]
    #[explain(transparent)]
    Signature(#[from] SignatureError),
    /// The registry has no such image.
    #[error("the registry has no image `{0}`")]
    #[explain(kind = NotFound, hint = "check the name and the tag; `crhost tags REPOSITORY` lists what is there")]
    NoImage(Escaped),
    /// The manifest can't be understood.
    #[error("`{image}`: {reason}")]
    #[explain(kind = Verification)]
    Manifest {
        /// The image.
        image: Escaped,
        /// Why.
        reason: ManifestError,
    },
    /// The file can't be read.
    #[error("`{file}` can't be read: {reason}")]
    #[explain(kind = Usage, hint = "name a file that exists and that you may read")]
    File {
        /// The file.
        file: Escaped,
        /// Why.
        reason: Foreign<io::Error>,
    },
    /// There is nothing in the file.
    #[error("`{0}` is empty")]
    #[explain(kind = Usage, hint = "the program that was to write it may have failed")]
    EmptyFile(Escaped),
    /// What the file is can't be told from its content.
    #[error("it can't be told from its content what `{0}` is")]
    #[explain(kind = Usage, hint = "say it: `--type spdx-json`, `--type cyclonedx-json`, or any media type")]
    UnknownType(Escaped),
    /// The registry takes the artifact in neither form.
    #[error("the registry takes no artifacts: {0}")]
    #[explain(kind = General, hint = "it may allow only images; whoever runs it can tell more")]
    NoArtifacts(Escaped),
    /// The tag of signatures has something else.
    #[error("tag `{tag}` of `{repository}` has something else than signatures")]
    #[explain(kind = Conflict, hint = "cosign's signatures of an image are under that tag; move what is there")]
    NoSignatures {
        /// The repository.
        repository: Escaped,
        /// The tag.
        tag: Escaped,
    },
    /// There is no signature of the image.
    #[error("`{image}` ({digest}) is not signed")]
    #[explain(kind = Verification, hint = "`crhost sign` or `cosign sign --key` signs it")]
    NotSigned {
        /// The image's name.
        image: Escaped,
        /// The digest of its manifest.
        digest: Digest,
    },
    /// No signature of the image is valid.
    #[error("no signature of `{image}` ({digest}) is valid for this key: {reasons}")]
    #[explain(kind = Verification, hint = "the image may be signed with another key, or not be the one that was signed")]
    NoneValid {
        /// The image's name.
        image: Escaped,
        /// The digest of its manifest.
        digest: Digest,
        /// Why each of them is not, cut after a few.
        reasons: Escaped,
    },
    /// More images than are signed in one run.
    #[error("`{image}` names more than {most} images")]
    #[explain(kind = Usage, hint = "sign the index alone, without `--recursive`")]
    TooMany {
        /// The index.
        image: Escaped,
        /// The most.
        most: usize,
    },
}
