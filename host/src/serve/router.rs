//! Routes each request to its endpoint.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, Response, StatusCode, Uri};
use axum::response::IntoResponse as _;
use axum::routing::get;
use ferro_blob_store::FsBlobStore;
use ferro_oci_server::handlers::{base, catalog, manifest, referrers, tags};
use ferro_oci_server::{AppState, InMemoryRegistryMeta, OciError, OciErrorCode};
use tokio::task::spawn_blocking;

use super::blobs::Blobs;
use super::data_directory::DataDirectory;
use super::error::Error;
use super::quota::Quota;
use super::response::{internal, unsupported};
use super::route::Route;
use super::sessions::Sessions;
use super::uploads::UploadRequest;
use super::{downloads, uploads};

/// The largest manifest accepted: the specification asks every registry to accept 4 MiB ("Pushing manifests"), and few
/// accept more.
const MAX_MANIFEST: usize = 4 * 1024 * 1024;

/// The state that all requests share.
#[derive(Clone)]
pub(super) struct Registry {
    manifests: Arc<AppState>,
    blobs: Blobs,
    sessions: Arc<Sessions>,
    quota: Arc<Quota>,
    metadata: PathBuf,
}

impl Registry {
    /// Reads the data directory, which may come to hold `max_size` bytes.
    pub(super) fn open(data: &DataDirectory, max_size: u64) -> Result<Self, Error> {
        let failed =
            |error: String| Error::Data { path: data.blobs().into(), source: std::io::Error::other(error).into() };
        let blob_store = FsBlobStore::new(data.blobs()).map_err(|error| failed(error.to_string()))?;
        let metadata = InMemoryRegistryMeta::with_persistence(data.path());
        let unmeasured = |source: std::io::Error| Error::Data { path: data.path().into(), source: source.into() };
        let quota = Arc::new(Quota::of(data, max_size).map_err(unmeasured)?);
        let blobs = Blobs::new(data.blobs(), Arc::clone(&quota));
        Ok(Self {
            manifests: AppState::new(Arc::new(blob_store), Arc::new(metadata)),
            sessions: Arc::new(Sessions::new(data.uploads(), blobs.clone(), Arc::clone(&quota))),
            blobs,
            quota,
            metadata: data.metadata(),
        })
    }

    /// The endpoints outside of repositories: the version check and the catalog.
    pub(super) fn registry_routes(&self) -> Router {
        Router::new()
            .route("/v2", get(base::version_check))
            .route("/v2/", get(base::version_check))
            .route("/v2/_catalog", get(catalog::list_catalog))
            .with_state(Arc::clone(&self.manifests))
    }

    /// Answers a request about one repository.
    pub(super) async fn answer(self, request: Request) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.route(request).await.unwrap_or_else(OciError::into_response);
        tracing::info!("{method} {path}: {}", response.status().as_u16());
        response
    }

    async fn route(self, request: Request) -> Result<Response<Body>, OciError> {
        let route = Route::parse(request.uri().path())?;
        let (head, body) = request.into_parts();
        let query = query(&head.uri);
        let upload = |repository| UploadRequest {
            method: head.method.clone(),
            repository,
            query: query.clone(),
            headers: head.headers.clone(),
        };
        let library = &self.manifests;
        match route {
            Route::Blob(digest) => downloads::answer(&self.blobs, &head.method, &digest, &head.headers).await,
            // Uploads run as tasks of their own: a dropped connection drops this future, but received bytes must still
            // reach the file before another request continues the upload.
            Route::Uploads(name) => {
                self.quota.expect_room(&head.headers)?;
                let task = uploads::begin(self.sessions, self.blobs, upload(name), body);
                tokio::spawn(task).await.map_err(internal)?
            }
            Route::Upload(name, id) => {
                self.quota.expect_room(&head.headers)?;
                let task = uploads::proceed(self.sessions, id, upload(name), body);
                tokio::spawn(task).await.map_err(internal)?
            }
            Route::Manifest(name, reference) => match head.method {
                Method::GET => Ok(manifest::get_manifest(library, name.as_str(), &reference, &head.headers).await),
                Method::HEAD => Ok(manifest::head_manifest(library, name.as_str(), &reference).await),
                Method::DELETE => Ok(manifest::delete_manifest(library, name.as_str(), &reference).await),
                Method::PUT => {
                    let body = to_bytes(body, MAX_MANIFEST).await.map_err(|error| {
                        OciError::new(OciErrorCode::ManifestInvalid, format!("manifests of up to 4 MiB: {error}"))
                            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
                    })?;
                    self.quota.expect_room_for_manifest(&self.metadata, body.len())?;
                    Ok(manifest::put_manifest(library, name.as_str(), &reference, &head.headers, body).await)
                }
                ref method => Err(unsupported(method)),
            },
            Route::Tags(name) if head.method == Method::GET => {
                Ok(tags::list_tags(library, name.as_str(), &query).await)
            }
            Route::Referrers(name, digest) if head.method == Method::GET => {
                Ok(referrers::get_referrers(library, name.as_str(), &digest, &query).await)
            }
            Route::Tags(_) | Route::Referrers(..) => Err(unsupported(&head.method)),
        }
    }

    /// Deletes abandoned uploads.
    pub(super) async fn sweep(&self) {
        let sessions = Arc::clone(&self.sessions);
        let swept = spawn_blocking(move || sessions.sweep()).await;
        if let Err(error) = swept.map_err(std::io::Error::from).flatten() {
            tracing::warn!(%error, "uploads that were given up could not be deleted");
        }
    }
}

fn query(uri: &Uri) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}
