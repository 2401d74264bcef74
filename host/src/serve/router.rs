//! Routes each request to its endpoint.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::json;
use tokio::task::spawn_blocking;

use super::api_error::{ApiError, Code, json_response};
use super::blobs::Blobs;
use super::data_directory::DataDirectory;
use super::error::Error;
use super::manifests::{self, ManifestRequest, Metadata, listings};
use super::query::Query;
use super::quota::Quota;
use super::response::unsupported;
use super::route::Route;
use super::sessions::Sessions;
use super::uploads::UploadRequest;
use super::{downloads, uploads};

/// The largest manifest accepted: the specification asks every registry to accept 4 MB ("Pushing Manifests"), and few
/// accept more.
const MAX_MANIFEST: usize = 4 * 1024 * 1024;

/// The header by which older clients know a registry.
const VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

/// The state that all requests share.
#[derive(Clone)]
pub(super) struct Registry {
    metadata: Arc<Metadata>,
    metadata_file: std::path::PathBuf,
    blobs: Blobs,
    sessions: Arc<Sessions>,
    quota: Arc<Quota>,
}

impl Registry {
    /// Reads the data directory, which may come to hold `max_size` bytes.
    pub(super) fn open(data: &DataDirectory, max_size: u64) -> Result<Self, Error> {
        let unmeasured = |source: std::io::Error| Error::Data { path: data.path().into(), source: source.into() };
        let quota = Arc::new(Quota::of(data, max_size).map_err(unmeasured)?);
        let blobs = Blobs::new(data.blobs(), Arc::clone(&quota));
        Ok(Self {
            metadata: Arc::new(Metadata::open(&data.metadata())?),
            metadata_file: data.metadata(),
            sessions: Arc::new(Sessions::new(data.uploads(), blobs.clone(), Arc::clone(&quota))),
            blobs,
            quota,
        })
    }

    /// Answers a request.
    pub(super) async fn answer(self, request: Request) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = match self.route(request).await {
            Ok(response) => response,
            Err(error) => {
                if error.is_own_failure() {
                    tracing::warn!("{method} {path} failed: {}", error.message());
                }
                error.into_response()
            }
        };
        tracing::info!("{method} {path}: {}", response.status().as_u16());
        response
    }

    async fn route(self, request: Request) -> Result<Response<Body>, ApiError> {
        let route = Route::parse(request.uri().path())?;
        let (head, body) = request.into_parts();
        let query = Query::of(&head.uri);
        let upload = |repository| UploadRequest {
            method: head.method.clone(),
            repository,
            query: query.clone(),
            headers: head.headers.clone(),
        };
        let is_read = matches!(head.method, Method::GET | Method::HEAD);
        match route {
            Route::Base if is_read => {
                let mut response = json_response(StatusCode::OK, &json!({}));
                response.headers_mut().insert(VERSION, HeaderValue::from_static("registry/2.0"));
                Ok(response)
            }
            Route::Catalog if is_read => Ok(listings::catalog(&self.metadata.contents(), &query)),
            Route::Tags(name) if is_read => listings::tags(&self.metadata.contents(), &name, &query),
            Route::Referrers(name, subject) if is_read => {
                let listed = move || listings::referrers(&self.metadata.contents(), &name, &subject, &query);
                // All manifests of the repository are read for it.
                spawn_blocking(listed).await.map_err(ApiError::internal)
            }
            Route::Base | Route::Catalog | Route::Tags(_) | Route::Referrers(..) => Err(unsupported(&head.method)),
            Route::Blob(digest) => downloads::answer(&self.blobs, &head.method, &digest, &head.headers).await,
            // Uploads run as tasks of their own: a dropped connection drops this future, but received bytes must still
            // reach the file before another request continues the upload.
            Route::Uploads(name) => {
                self.quota.expect_room(&head.headers)?;
                let task = uploads::begin(self.sessions, self.blobs, upload(name), body);
                tokio::spawn(task).await.map_err(ApiError::internal)?
            }
            Route::Upload(name, id) => {
                self.quota.expect_room(&head.headers)?;
                let task = uploads::proceed(self.sessions, id, upload(name), body);
                tokio::spawn(task).await.map_err(ApiError::internal)?
            }
            Route::Manifest(repository, reference) => {
                let body = if head.method == Method::PUT { self.manifest(body).await? } else { Bytes::new() };
                let (method, headers) = (head.method, head.headers);
                let request = ManifestRequest { method, repository, reference, query, headers };
                manifests::answer(self.metadata, self.blobs, request, body).await
            }
        }
    }

    /// The content of a manifest for which there is room.
    async fn manifest(&self, body: Body) -> Result<Bytes, ApiError> {
        let body = to_bytes(body, MAX_MANIFEST).await.map_err(|error| {
            ApiError::new(Code::ManifestInvalid, format!("manifests of up to 4 MiB: {error}"))
                .with_status(StatusCode::PAYLOAD_TOO_LARGE)
        })?;
        self.quota.expect_room_for_manifest(&self.metadata_file, body.len())?;
        Ok(body)
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
