//! The client of the whole process.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Mutex as AsyncMutex, OnceCell};

use super::auth::authorization::Authorization;
use super::endpoint::Endpoint;
use super::error::Error;
use super::exchange::Exchange;
use super::options::{ClientOptions, PlainHttp};
use super::registry::RegistryClient;
use super::repository::RepositoryClient;
use super::subject::{Actions, Subject};
use super::wire::transport::Transport;
use crate::credential::Credential;
use crate::image::{Host, Repository};

/// Connections to registries. One per process: clones share everything.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
}

/// Endpoints by host and permission.
type Endpoints = HashMap<(Host, PlainHttp), Arc<OnceCell<Endpoint>>>;

struct Shared {
    transport: Arc<Transport>,
    endpoints: Mutex<Endpoints>,
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

    /// One repository of one registry, opened with one credential for some actions, over plain HTTP only as
    /// `plain_http` allows. Nothing is sent yet.
    ///
    /// # Errors
    /// When certificates that are filed for the host can't be used.
    pub(crate) fn repository(
        &self,
        host: &Host,
        repository: &Repository,
        plain_http: PlainHttp,
        credential: Credential,
        actions: Actions,
    ) -> Result<RepositoryClient, Error> {
        let subject = Subject::Repository(repository.clone(), actions);
        Ok(RepositoryClient::new(self.exchange(host, subject, plain_http, credential)?, repository.clone()))
    }

    /// A whole registry, to list its repositories. Nothing is sent yet.
    ///
    /// # Errors
    /// As for [`repository`](Self::repository).
    pub(crate) fn registry(
        &self,
        host: &Host,
        plain_http: PlainHttp,
        credential: Credential,
    ) -> Result<RegistryClient, Error> {
        Ok(RegistryClient::new(self.exchange(host, Subject::Catalog, plain_http, credential)?))
    }

    fn exchange(
        &self,
        host: &Host,
        subject: Subject,
        plain_http: PlainHttp,
        credential: Credential,
    ) -> Result<Exchange, Error> {
        let transport = Arc::clone(&self.shared.transport);
        Ok(Exchange {
            http: transport.to_host(host)?,
            transport,
            host: host.clone(),
            subject,
            plain_http,
            endpoint: self.endpoint(host, plain_http),
            authorization: AsyncMutex::new(Authorization::new(credential)),
        })
    }

    /// The cached endpoint of a host, probed once per process and permission.
    fn endpoint(&self, host: &Host, plain_http: PlainHttp) -> Arc<OnceCell<Endpoint>> {
        let mut endpoints = self.shared.endpoints.lock();
        Arc::clone(endpoints.entry((host.clone(), plain_http)).or_default())
    }
}
