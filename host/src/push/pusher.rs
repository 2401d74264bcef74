//! Everything that pushes use.

use std::sync::Arc;

use super::progress::Progress;
use crate::docker::{Candidates, Chosen, Engine};
use crate::session::Services;
use crate::source::SourceError;

/// Everything that pushes use.
pub(crate) struct Pusher<'a> {
    /// Registries, flavors, credentials, the distribution client, and the caches of earlier pushes.
    pub(crate) services: Services<'a>,
    /// The Docker daemon, where the user names one.
    pub(crate) daemon: Chosen,
    /// Receives the events.
    pub(crate) progress: Arc<dyn Progress>,
}

impl Pusher<'_> {
    /// The Docker daemon.
    pub(super) async fn engine(&self) -> Result<Engine, SourceError> {
        let Services { environment, docker, .. } = &self.services;
        let candidates = Candidates::find(environment, docker, &self.daemon)?;
        Ok(Engine::connect(&candidates).await?)
    }
}
