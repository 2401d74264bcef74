//! Why a push did not end well.

use std::time::Duration;

use crate::access::AccessError;
use crate::distribution;
use crate::error::{Explain, Kind};
use crate::image::{Digest, ManifestError};
use crate::registry::RegistryError;
use crate::source::SourceError;
use crate::store::StoreError;

/// A push that did not end well; the registry has no half tag then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    /// The image can't be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// No registry for it.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The registry can't be entered.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The registry.
    #[error(transparent)]
    Distribution(#[from] distribution::Error),
    /// What crhost keeps.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A configuration that is none.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The source did not give a layer.
    #[error("the image's layer {0} was not among those that its source gave")]
    MissingLayer(Digest),
    /// The source did not give the configuration.
    #[error("the image's source gave no configuration")]
    MissingConfig,
    /// The registry has something else under the name now.
    #[error("the registry answers {actual} for `{image}`, expected {expected}")]
    OtherDigest {
        /// The image.
        image: String,
        /// What was pushed.
        expected: Digest,
        /// What the registry says.
        actual: String,
    },
    /// It took longer than it may.
    #[error("the push has not ended within {} seconds", .0.as_secs())]
    TooLate(Duration),
    /// The person wants it no more.
    #[error("interrupted")]
    Interrupted,
    /// The registry takes no layers that are compressed with zstd.
    #[error("layers can't be compressed with `zstd`: the flavor `{flavor}` says that this registry does not take them")]
    NoZstd {
        /// The flavor.
        flavor: String,
    },
    /// A task ended badly.
    #[error("the push stopped: {0}")]
    Task(String),
}

impl Explain for PushError {
    fn kind(&self) -> Kind {
        match self {
            Self::Source(error) => error.kind(),
            Self::Registry(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Distribution(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::MissingLayer(_) | Self::MissingConfig | Self::OtherDigest { .. } => Kind::Verification,
            Self::NoZstd { .. } => Kind::Usage,
            Self::TooLate(_) => Kind::Network,
            Self::Interrupted => Kind::Interrupted,
            Self::Manifest(_) | Self::Task(_) => Kind::General,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Registry(error) => error.hint(),
            Self::Access(error) => error.hint(),
            Self::Distribution(error) => error.hint(),
            Self::Store(error) => error.hint(),
            Self::OtherDigest { .. } => Some("someone else may have pushed the same tag; push again".to_owned()),
            Self::MissingLayer(_) | Self::MissingConfig => {
                Some("the image may have been replaced while it was read; push again".to_owned())
            }
            Self::TooLate(_) => Some(
                "the same command goes on with what the registry has by now; a longer `--timeout` gives it more time"
                    .to_owned(),
            ),
            Self::NoZstd { .. } => Some("use `--compression gzip`, which every registry takes".to_owned()),
            Self::Manifest(_) | Self::Task(_) | Self::Interrupted => None,
        }
    }
}
