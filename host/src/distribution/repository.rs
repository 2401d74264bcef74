//! One repository of one registry, opened with one credential.

use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;
use std::time::Instant;

use http::Method;
use reqwest::Response;

use super::auth::renewal::Renewer;
use super::error::Error;
use super::exchange::{Exchange, Sent};
use super::location::Destination;
use super::open_uploads::OpenUploads;
use super::request::Request;
use crate::credential::Credential;
use crate::image::{Host, Repository};

/// A repository as the distribution API shows it. Clones share the credential and its tokens, and all of them may send
/// requests at the same time.
#[derive(Clone)]
pub(crate) struct RepositoryClient {
    shared: Arc<Shared>,
}

struct Shared {
    exchange: Exchange,
    repository: Repository,
    uploads: Mutex<OpenUploads>,
    referrers: tokio::sync::Mutex<()>,
}

impl RepositoryClient {
    pub(super) fn new(exchange: Exchange, repository: Repository) -> Self {
        let (uploads, referrers) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { shared: Arc::new(Shared { exchange, repository, uploads, referrers }) }
    }

    /// The registry's host.
    #[must_use]
    pub(crate) fn host(&self) -> &Host {
        &self.exchange().host
    }

    /// The repository below the host.
    #[must_use]
    pub(crate) fn repository(&self) -> &Repository {
        &self.shared.repository
    }

    /// Has the credential renewed from `renew_at` on, and once for a request when the registry refuses it; in all
    /// clones and in uploads that have begun.
    pub(crate) async fn renew_with(&self, renew_at: Option<Instant>, renewer: Renewer) {
        self.exchange().authorization().await.renew_with(renew_at, renewer);
    }

    /// The credential that is in use now.
    pub(crate) async fn credential(&self) -> Credential {
        self.exchange().authorization().await.credential().clone()
    }

    /// Has the credential renewed now, for another client of the registry that was refused; `false` where there is no
    /// newer one.
    pub(crate) async fn renew(&self) -> bool {
        self.exchange().authorization().await.renew().await
    }

    pub(super) fn exchange(&self) -> &Exchange {
        &self.shared.exchange
    }

    /// The uploads that are open; never held over a request.
    pub(super) fn open_uploads(&self) -> MutexGuard<'_, OpenUploads> {
        self.shared.uploads.lock()
    }

    /// The turn to change lists of referrers; held over requests.
    pub(super) fn referrers_turn(&self) -> &tokio::sync::Mutex<()> {
        &self.shared.referrers
    }

    /// `/v2/<repository>/<path>` at the registry.
    ///
    /// # Errors
    /// When the registry can't be found.
    pub(super) async fn place(&self, path: &str) -> Result<Destination, Error> {
        Ok(self.exchange().endpoint().await?.in_repository(self.repository(), path))
    }

    /// A request without content, which errors call `name`.
    pub(super) fn request(&self, method: Method, destination: Destination, name: String) -> Request {
        Request::new(method, destination, name, self.scopes())
    }

    /// Sends a request and gives back the answer if that is a success.
    ///
    /// # Errors
    /// Any refusal.
    pub(super) async fn send(&self, request: Request) -> Result<Response, Error> {
        self.exchange().send(request).await
    }

    /// Sends a request whose content can be sent only once, and whose redirect is for the caller.
    ///
    /// # Errors
    /// Any refusal.
    pub(super) async fn send_once(&self, request: Request) -> Result<Sent, Error> {
        self.exchange().send_once(request).await
    }

    /// The error of a host that answers as no registry does.
    pub(super) fn no_registry(&self, found: &str) -> Error {
        Error::NotARegistry { host: self.host().clone(), found: found.into() }
    }

    /// What a token for this repository must allow.
    pub(super) fn scopes(&self) -> Vec<String> {
        self.exchange().subject.scopes()
    }
}
