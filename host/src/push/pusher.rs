//! Everything that pushes use.

use std::sync::Arc;

use super::progress::Progress;
use crate::access::AccessContext;
use crate::catalog::Catalog;
use crate::distribution::Client;
use crate::docker::{self, Candidates, Chosen, Engine};
use crate::environment::Environment;
use crate::source::SourceError;
use crate::store::Store;

/// Everything that pushes use.
pub(crate) struct Pusher<'a> {
    /// Registries, connectors, and the caches of earlier pushes.
    pub(crate) store: &'a Store,
    /// Flavors.
    pub(crate) catalog: Catalog<'a>,
    /// The distribution client.
    pub(crate) client: Client,
    /// The process's environment, as Docker's tools read it.
    pub(crate) environment: &'a Environment,
    /// Docker's configuration.
    pub(crate) docker: docker::Configuration,
    /// The Docker daemon, where the user names one.
    pub(crate) daemon: Chosen,
    /// Receives the events.
    pub(crate) progress: Arc<dyn Progress>,
}

impl Pusher<'_> {
    /// What access to registries needs.
    pub(super) fn access(&self) -> AccessContext<'_> {
        let Self { store, catalog, docker, environment, .. } = self;
        AccessContext { store, catalog, docker, environment }
    }

    /// The Docker daemon.
    pub(super) async fn engine(&self) -> Result<Engine, SourceError> {
        let candidates = Candidates::find(self.environment, &self.docker, &self.daemon)?;
        Ok(Engine::connect(&candidates).await?)
    }
}
