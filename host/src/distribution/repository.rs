//! One repository of one registry, opened with one credential.

use std::sync::{Arc, Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError};
use std::time::Instant;

use http::{HeaderMap, Method};
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use url::Url;

use super::auth::{Auth, Registry};
use super::body::Payload;
use super::client::Client;
use super::error::Error;
use super::probe::{self, Endpoint};
use super::renewal::Renewer;
use super::send::Request;
use super::upload::OpenUploads;
use crate::credential::Credential;
use crate::image::{Host, Repository};

/// A repository as the distribution API shows it. Clones share the credential and its tokens, and all of them may send
/// requests at the same time.
#[derive(Clone)]
pub(crate) struct RepositoryClient {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    http: reqwest::Client,
    host: Host,
    repository: Repository,
    endpoint: Arc<OnceCell<Endpoint>>,
    auth: Mutex<Auth>,
    uploads: StdMutex<OpenUploads>,
}

impl RepositoryClient {
    pub(super) fn new(
        client: Client,
        http: reqwest::Client,
        host: Host,
        repository: Repository,
        credential: Credential,
    ) -> Self {
        let endpoint = client.endpoint(&host);
        let auth = Mutex::new(Auth::new(credential));
        let uploads = StdMutex::default();
        Self { shared: Arc::new(Shared { client, http, host, repository, endpoint, auth, uploads }) }
    }

    /// The registry's host.
    #[must_use]
    pub(crate) fn host(&self) -> &Host {
        &self.shared.host
    }

    /// The repository below the host.
    #[must_use]
    pub(crate) fn repository(&self) -> &Repository {
        &self.shared.repository
    }

    /// Finds the registry and opens it: asks for a token to pull and push, or shows name and password, before anything
    /// else is sent. Calling it is never needed, as every request does the same; it tells early and clearly what is wrong.
    ///
    /// Where the registry hands out tokens, whether one allows to push is known only at the first
    /// [`start_upload`](Self::start_upload): many token servers give out tokens that allow less than was asked for.
    ///
    /// # Errors
    /// [`Error::Unreachable`] and its relatives where nothing answers, [`Error::NotARegistry`] where something else does,
    /// [`Error::NoCredentials`] and [`Error::WrongCredentials`] where it doesn't open.
    pub(crate) async fn authenticate(&self) -> Result<(), Error> {
        let endpoint = self.endpoint().await?;
        let header = self.auth().await.current_header(&self.registry(endpoint), &self.scopes()).await?;
        // A token server has looked at the credentials already; with Basic nobody has.
        if header.is_some_and(|header| header.as_bytes().starts_with(b"Basic ")) {
            let what = "the question whether these credentials open it".to_owned();
            self.send(self.request(Method::GET, endpoint.base.clone(), what)).await?;
        }
        Ok(())
    }

    /// Has the credential renewed from `renew_at` on, and once for a request when the registry refuses it; in all clones and
    /// in uploads that have begun.
    pub(crate) async fn renew_with(&self, renew_at: Option<Instant>, renewer: Renewer) {
        self.auth().await.renew_with(renew_at, renewer);
    }

    pub(super) fn client(&self) -> &Client {
        &self.shared.client
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.shared.http
    }

    /// The registry's place, looked for if that is still to be done.
    pub(super) async fn endpoint(&self) -> Result<&Endpoint, Error> {
        let Shared { client, http, host, endpoint, .. } = &*self.shared;
        endpoint.get_or_try_init(|| probe::probe(client.transport(), http, host)).await
    }

    /// The credential and its tokens. Who holds this while it asks for a token makes the others wait for that one token.
    pub(super) async fn auth(&self) -> MutexGuard<'_, Auth> {
        self.shared.auth.lock().await
    }

    /// The uploads that are open; never held over a request.
    pub(super) fn open_uploads(&self) -> StdMutexGuard<'_, OpenUploads> {
        self.shared.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn registry<'a>(&'a self, endpoint: &'a Endpoint) -> Registry<'a> {
        let Shared { client, host, repository, .. } = &*self.shared;
        Registry { transport: client.transport(), host, repository, endpoint }
    }

    /// `/v2/<repository>/<path>` at the registry.
    pub(super) async fn url(&self, path: &str) -> Result<Url, Error> {
        // Neither repositories nor digests nor tags hold characters that mean something in a URL.
        let mut url = self.endpoint().await?.base.clone();
        url.set_path(&format!("/v2/{}/{path}", self.repository()));
        Ok(url)
    }

    /// A request without content.
    pub(super) fn request(&self, method: Method, url: Url, what: String) -> Request {
        Request { method, url, headers: HeaderMap::new(), payload: Payload::none(), what, scopes: self.scopes() }
    }

    /// What a token for this repository must allow.
    pub(super) fn scopes(&self) -> Vec<String> {
        vec![format!("repository:{}:pull,push", self.repository())]
    }
}
