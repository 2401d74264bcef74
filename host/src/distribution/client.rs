//! The client of the whole process.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Mutex as AsyncMutex, OnceCell};

use super::auth::authorization::Authorization;
use super::endpoint::Endpoint;
use super::error::Error;
use super::exchange::Exchange;
use super::options::ClientOptions;
use super::repository::RepositoryClient;
use super::wire::transport::Transport;
use crate::credential::Credential;
use crate::image::{Host, Repository};

/// Connections to registries. One per process: clones share everything.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    transport: Arc<Transport>,
    endpoints: Mutex<HashMap<Host, Arc<OnceCell<Endpoint>>>>,
}

impl Client {
    /// A client without connections. The process must have a default provider of rustls by then.
    ///
    /// # Errors
    /// When the TLS library can't be set up.
    pub(crate) fn new(options: ClientOptions) -> Result<Self, Error> {
        let transport = Arc::new(Transport::new(options)?);
        Ok(Self { shared: Arc::new(Shared { transport, endpoints: Mutex::default() }) })
    }

    /// One repository of one registry, opened with one credential. Nothing is sent yet.
    ///
    /// # Errors
    /// When certificates that are filed for the host can't be used.
    pub(crate) fn repository(
        &self,
        host: &Host,
        repository: &Repository,
        credential: Credential,
    ) -> Result<RepositoryClient, Error> {
        let transport = Arc::clone(&self.shared.transport);
        Ok(RepositoryClient::new(Exchange {
            http: transport.to_host(host)?,
            transport,
            host: host.clone(),
            repository: repository.clone(),
            endpoint: self.endpoint(host),
            authorization: AsyncMutex::new(Authorization::new(credential)),
        }))
    }

    /// The cached endpoint of a host, probed once per process.
    fn endpoint(&self, host: &Host) -> Arc<OnceCell<Endpoint>> {
        let mut endpoints = self.shared.endpoints.lock();
        Arc::clone(endpoints.entry(host.clone()).or_default())
    }
}
