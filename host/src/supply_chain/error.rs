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
    /// There is no such file.
    #[error("there is no file `{0}`")]
    #[explain(kind = NotFound, hint = "check the path")]
    NoFile(Escaped),
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
    #[error("it can't be told from its content what `{file}` is")]
    #[explain(kind = Usage, hint = type_hint(option))]
    UnknownType {
        /// The file.
        file: Escaped,
        /// The option that says what it is; none where the command has none.
        option: Option<&'static str>,
    },
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

/// How the user says what a file is.
fn type_hint(option: &Option<&'static str>) -> String {
    match option {
        Some(option) => format!("say it: `{option} spdx-json`, `{option} cyclonedx-json`, or any media type"),
        None => "`crhost attach` with `--type` says it, after the push".to_owned(),
    }
}
