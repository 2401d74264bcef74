//! Reasons why an image of a registry can't be read.

use crate::distribution;
use crate::error::Explain;
use crate::image::{Digest, ManifestError};
use crate::source::SourceError;
use crate::text::Escaped;

/// A failure to open an image of a registry.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum RemoteError {
    /// A request failed.
    #[error(transparent)]
    #[explain(transparent)]
    Distribution(#[from] distribution::Error),
    /// The image is not for the platform, or not what its descriptors say.
    #[error(transparent)]
    #[explain(transparent)]
    Source(#[from] SourceError),
    /// A manifest, index or configuration can't be parsed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The same of a document with a name.
    #[error("`{image}`: {reason}")]
    #[explain(
        hint = "`crhost manifest` prints what the registry has; push the image again with the program that made it"
    )]
    Malformed {
        /// The image's name.
        image: Escaped,
        /// What is wrong.
        reason: ManifestError,
    },
    /// The registry has no such tag or digest.
    #[error("the registry has no image `{0}`")]
    #[explain(kind = NotFound, hint = "check the name and the tag; some registries also say so where a login is missing")]
    NoImage(Escaped),
    /// An index names something that the registry doesn't have.
    #[error("the registry lacks {digest}, which the index of `{image}` names")]
    #[explain(
        kind = NotFound,
        hint = "some copies hold a part of an index alone: choose an image that is there with `--platform`"
    )]
    Missing {
        /// The image's name.
        image: Escaped,
        /// The missing manifest.
        digest: Digest,
    },
    /// A name stands for something that is neither a manifest nor an index.
    #[error("`{image}` is a `{media_type}`, expected an image manifest or an index of the OCI or of Docker's schema 2")]
    #[explain(hint = hint_to_media_type(media_type))]
    MediaType {
        /// The image's name.
        image: Escaped,
        /// Its media type.
        media_type: Escaped,
    },
    /// An index is made so that reading it does not end.
    #[error("the index of `{image}` {excess}")]
    #[explain(kind = Verification, hint = "no program makes such an index for an honest image")]
    Excess {
        /// The image's name.
        image: Escaped,
        /// What it has too many of.
        excess: Escaped,
    },
    /// An index has several images without platforms.
    #[error("the index of `{image}` has {images} images, and names no platform of any")]
    #[explain(kind = Usage, hint = hint_to_digest(image, first))]
    Several {
        /// The image's name.
        image: Escaped,
        /// How many.
        images: usize,
        /// One of them.
        first: Digest,
    },
    /// An index has layers, and no image.
    #[error("`{0}` is a build cache, and no image")]
    #[explain(kind = Usage, hint = "to take the cache as it is, add `--all-platforms`")]
    Cache(Escaped),
}

fn hint_to_media_type(media_type: &Escaped) -> String {
    let hint = match media_type.as_str().starts_with("application/vnd.oci.") {
        true => "it is of a draft of the OCI specification; the program that made it may push it as an image manifest",
        false => "images of Docker's schema 1 have to be pushed again by a client of today",
    };
    hint.to_owned()
}

fn hint_to_digest(image: &Escaped, first: &Digest) -> String {
    let repository = image.as_str().split('@').next().unwrap_or_default();
    format!("name one by its digest, such as `{repository}@{first}`, or take all with `--all-platforms`")
}
