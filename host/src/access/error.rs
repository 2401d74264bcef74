//! Why a registry can't be entered.

use crate::catalog::CatalogError;
use crate::connector::ConnectorError;
use crate::docker;
use crate::error::{Explain, Kind};
use crate::flavor::CallError;
use crate::store::StoreError;

/// A failure on the way into a registry.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccessError {
    /// The flavor is not to be had.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The flavor refused or failed.
    #[error(transparent)]
    Flavor(#[from] CallError),
    /// The registry's connector can't be used.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// Docker's configuration gave no credentials.
    #[error(transparent)]
    DockerCredential(#[from] docker::CredentialError),
    /// What crhost keeps.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccessError {
    fn inner(&self) -> &dyn Explain {
        match self {
            Self::Catalog(error) => error,
            Self::Flavor(error) => error,
            Self::Connector(error) => error,
            Self::DockerCredential(error) => error,
            Self::Store(error) => error,
        }
    }
}

impl Explain for AccessError {
    fn kind(&self) -> Kind {
        self.inner().kind()
    }

    fn hint(&self) -> Option<String> {
        self.inner().hint()
    }
}
