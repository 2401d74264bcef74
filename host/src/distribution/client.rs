//! The client of the whole process.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::error::Error;
use super::probe::Endpoint;
use super::repository::RepositoryClient;
use super::tls;
use super::transport::Transport;
use crate::credential::Credential;
use crate::image::{Host, Repository};

/// What holds for all registries that a [`Client`] talks to.
#[derive(Debug, Clone)]
pub(crate) struct ClientOptions {
    /// Whether registries that don't speak https may be spoken to in plain http. Registries on this machine always may.
    /// A certificate that doesn't verify is refused in any case: who can name the host in `--insecure` can also file its
    /// certificate, and a check that is skipped protects nobody.
    pub(crate) insecure: bool,
    /// The `User-Agent` header.
    pub(crate) user_agent: String,
    /// Folders with a folder per registry host that holds certificates.
    pub(crate) certificate_directories: Vec<PathBuf>,
    /// How long a server may take no byte of a request, or give no answer to it, before the request is given up. After a
    /// blob's last byte it is five times as long, as registries on object stores copy the blob before they answer. There is
    /// no limit for a whole upload.
    pub(crate) patience: Duration,
}

/// How much longer than [`ClientOptions::patience`] a registry may think about a blob it has received: with the default,
/// five minutes, in which an object store copies some 50 GiB.
pub(super) const COMMIT: u32 = 5;

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            insecure: false,
            user_agent: concat!("crhost/", env!("CARGO_PKG_VERSION")).to_owned(),
            certificate_directories: tls::standard_directories(),
            // The time after which common load balancers give up on a silent registry themselves.
            patience: Duration::from_secs(60),
        }
    }
}

/// Connections to registries. One per process: clones share everything.
#[derive(Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    transport: Transport,
    endpoints: Mutex<HashMap<Host, Arc<OnceCell<Endpoint>>>>,
}

impl Client {
    /// A client without connections. It makes *ring* the cryptography of rustls in this process.
    ///
    /// # Errors
    /// When the TLS library can't be set up.
    pub(crate) fn new(options: ClientOptions) -> Result<Self, Error> {
        let transport = Transport::new(options)?;
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
        let http = self.transport().to_host(host)?;
        Ok(RepositoryClient::new(self.clone(), http, host.clone(), repository.clone(), credential))
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.shared.transport
    }

    /// Where the place is kept that was found for a host, so that it is looked for once in the life of the process.
    pub(super) fn endpoint(&self, host: &Host) -> Arc<OnceCell<Endpoint>> {
        let mut endpoints = self.shared.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(endpoints.entry(host.clone()).or_default())
    }
}
