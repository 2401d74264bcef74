//! Reasons why a push fails.

use std::sync::Arc;
use std::time::Duration;

use super::all_images_error::AllImagesError;
use super::by_daemon::error::ByDaemonError;
use super::scan::error::ScanError;
use super::too_large::TooLarge;
use crate::access::AccessError;
use crate::distribution;
use crate::error::Explain;
use crate::image::Digest;
use crate::policy::PolicyError;
use crate::registry::RegistryError;
use crate::session::{SessionError, Unregistered};
use crate::source::SourceError;
use crate::stopped::Stopped;
use crate::store::StoreError;
use crate::supply_chain::SupplyChainError;
use crate::text::Escaped;

/// A push that failed. The tags before the one that an error names may have moved; no tag names an incomplete image.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum PushError {
    /// The image can't be read. Pushes to several registries have one reading.
    #[error(transparent)]
    #[explain(transparent)]
    Source(Arc<SourceError>),
    /// No registry is meant, or the image does not belong there.
    #[error(transparent)]
    #[explain(transparent)]
    Registry(#[from] RegistryError),
    /// The flavor refused, or there are no credentials.
    #[error(transparent)]
    #[explain(transparent)]
    Access(#[from] AccessError),
    /// A request to the registry failed.
    #[error(transparent)]
    #[explain(transparent)]
    Distribution(#[from] distribution::Error),
    /// The images of a source are not pushed together.
    #[error(transparent)]
    #[explain(transparent)]
    AllImages(#[from] AllImagesError),
    /// A policy is against it.
    #[error(transparent)]
    #[explain(transparent)]
    Policy(#[from] PolicyError),
    /// The Docker daemon did not push.
    #[error(transparent)]
    #[explain(transparent)]
    ByDaemon(#[from] ByDaemonError),
    /// The image could not be signed, or what belongs to it not attached, or the signature that is wanted is missing.
    #[error(transparent)]
    #[explain(transparent)]
    SupplyChain(#[from] Box<SupplyChainError>),
    /// The scanner did not let the image pass.
    #[error(transparent)]
    #[explain(transparent)]
    Scan(#[from] ScanError),
    /// The store can't be read or written.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
    /// The source did not give a layer.
    #[error("the image's layer {0} was not among those that its source gave")]
    #[explain(kind = Verification, hint = "the image may have been replaced while it was read; push again")]
    MissingLayer(Digest),
    /// The source did not give the configuration.
    #[error("the image's source gave no configuration")]
    #[explain(kind = Verification, hint = "the image may have been replaced while it was read; push again")]
    MissingConfig,
    /// A layer can't be compressed, e.g. because there is no memory for the encoder.
    #[error("a layer can't be compressed: {0}")]
    #[explain(hint = "with less memory per layer it may work: use `--jobs 1`, or another `--compression`")]
    Encoder(Escaped),
    /// The registry answered an upload with success before it had all bytes.
    #[error("the registry took an upload for complete before all of its bytes were sent")]
    #[explain(hint = "something between here and the registry may have answered in its place; push again")]
    EarlyAnswer,
    /// The registry fell behind the others of the push, and the layer can't be read again for it.
    #[error("the registry takes bytes more slowly than the others of this push")]
    #[explain(kind = Network, hint = "push to it by itself")]
    Behind,
    /// Two of several registries are the same place.
    #[error("`{one}` and `{other}` are the same repository `{image}`")]
    #[explain(kind = Usage, hint = "name it once: by the name that has the credentials you mean")]
    SameRepository {
        /// The image's name there.
        image: Escaped,
        /// The first of them.
        one: Escaped,
        /// The other one.
        other: Escaped,
    },
    /// Of several registries that get all or none, another one failed.
    #[error("no tag was moved, because another registry failed")]
    HeldBack,
    /// The registry was not asked.
    #[error("it could not be reached for an image before, and is not tried for each of the others")]
    #[explain(kind = Network, hint = "the same command, later, goes on with what is missing")]
    LeftOut,
    /// The registry has another manifest under the tag than the one that was pushed.
    #[error("the registry answers {actual} for `{image}`, expected {expected}")]
    #[explain(kind = Verification, hint = "someone else may have pushed the same tag; push again")]
    OtherDigest {
        /// The image's name and tag.
        image: Escaped,
        /// The digest of the manifest that was pushed.
        expected: Digest,
        /// The registry's answer.
        actual: Escaped,
    },
    /// The registry takes no layer that is stored elsewhere.
    #[error("the registry takes no image whose layer {layer} is stored elsewhere, and was not sent: {reason}")]
    #[explain(
        hint = "docker-registry takes it if `validation.manifests.urls.allow` of its configuration has the layer's URL"
    )]
    Elsewhere {
        /// The layer.
        layer: Digest,
        /// The registry's answer.
        reason: Box<distribution::Error>,
    },
    /// The flavor refused or failed, for a registry that is not registered.
    #[error(transparent)]
    #[explain(transparent)]
    Unregistered(Box<Unregistered>),
    /// The image that would be pushed is not the one whose digest the user named.
    #[error("`{image}` would have the digest {actual}, and {expected} was named; no tag was moved")]
    #[explain(
        kind = Verification,
        hint = "the source does not have that image byte for byte; without the digest, the target gets what it has"
    )]
    NotTheNamed {
        /// The image's name.
        image: Escaped,
        /// The digest that the user named.
        expected: Digest,
        /// The digest that the pushed image would have.
        actual: Digest,
    },
    /// The push took longer than `--timeout` allows.
    #[error("the push has not ended within {} seconds", .0.as_secs())]
    #[explain(
        kind = Network,
        hint = "the same command goes on with what the registry has by now; a longer `--timeout` gives it more time"
    )]
    TooLate(Duration),
    /// Interrupted by the user.
    #[error("interrupted")]
    #[explain(kind = Interrupted)]
    Interrupted,
    /// The registry does not take layers that are compressed with zstd.
    #[error("layers can't be compressed with `zstd`: the flavor `{flavor}` says that this registry does not take them")]
    #[explain(kind = Usage, hint = "use `--compression gzip`, which every registry takes")]
    NoZstd {
        /// The registry's flavor.
        flavor: Escaped,
    },
    /// A layer is larger than the registry takes.
    #[error(transparent)]
    #[explain(transparent)]
    TooLarge(Box<TooLarge>),
    /// A task panicked.
    #[error("the push stopped: {0}")]
    Task(Escaped),
}

impl From<SourceError> for PushError {
    fn from(error: SourceError) -> Self {
        Self::Source(Arc::new(error))
    }
}

impl From<SessionError> for PushError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Registry(error) => error.into(),
            SessionError::Access(error) => error.into(),
            SessionError::Distribution(error) => error.into(),
            SessionError::Unregistered(error) => Self::Unregistered(error),
        }
    }
}

impl From<Stopped> for PushError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Interrupted => Self::Interrupted,
            Stopped::TooLate(timeout) => Self::TooLate(timeout),
        }
    }
}
