//! Why a registry can't be accessed.

use super::refusal::Refusal;
use crate::catalog::CatalogError;
use crate::connector::ConnectorError;
use crate::error::Explain;
use crate::flavor::CallError;
use crate::server_client::ServerError;
use crate::store::StoreError;

/// A failure on the way to a registry.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum AccessError {
    /// The flavor can't be loaded.
    #[error(transparent)]
    #[explain(transparent)]
    Catalog(#[from] CatalogError),
    /// The flavor refused or failed.
    #[error(transparent)]
    #[explain(transparent)]
    Flavor(#[from] CallError),
    /// The registry's connector can't be used.
    #[error(transparent)]
    #[explain(transparent)]
    Connector(#[from] ConnectorError),
    /// The registry did not accept the credentials, or there were none.
    #[error(transparent)]
    #[explain(transparent)]
    Refused(Box<Refusal>),
    /// The server gives no login.
    #[error(transparent)]
    #[explain(transparent)]
    Server(#[from] ServerError),
    /// The server's answer is for something else than what was asked.
    #[error("the server's answer does not fit the registry")]
    #[explain(kind = General, hint = "its version and this one's may differ: `crhost --version`")]
    OtherServer,
    /// The store can't be read or written.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
}
