//! Reasons why a registry is not open.

use crate::access::AccessError;
use crate::distribution;
use crate::error::{Explain, Kind};
use crate::image::RegistryUri;
use crate::registry::{RegistryError, hint_to_register};
use crate::store::RegistryRecord;
use crate::text::{Escaped, Printable};

/// A registry that can't be found or opened, or does not answer as asked.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum SessionError {
    /// No registry is meant.
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
    /// The flavor refused or failed, for a registry that is not registered.
    #[error(transparent)]
    #[explain(transparent)]
    Unregistered(Box<Unregistered>),
}

/// A failure of the flavor of a registry that is not registered.
#[derive(Debug, thiserror::Error, Printable)]
#[error("{reason}")]
pub(crate) struct Unregistered {
    /// Why.
    reason: AccessError,
    /// The flavor.
    flavor: Escaped,
    /// The registry's URI.
    uri: RegistryUri,
}

impl SessionError {
    /// An error of a registry's flavor, which a registration may mend where there is none.
    pub(super) fn of(registry: &RegistryRecord, registered: bool, reason: AccessError) -> Self {
        if registered {
            return reason.into();
        }
        let (flavor, uri) = (registry.flavor.clone().into(), registry.uri.clone());
        Self::Unregistered(Box::new(Unregistered { reason, flavor, uri }))
    }
}

impl Explain for Unregistered {
    fn kind(&self) -> Kind {
        self.reason.kind()
    }

    fn hint(&self) -> Option<Escaped> {
        Some(hint_to_register(&self.flavor, &self.uri).into())
    }
}
