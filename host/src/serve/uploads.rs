//! The endpoints of uploads: start, mount, write, resume, finish (distribution specification, "Pushing blobs").

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};

use super::any_digest::AnyDigest;
use super::api_error::{ApiError, Code};
use super::blobs::Blobs;
use super::query::Query;
use super::range::Chunk;
use super::response::{DIGEST, build, unsupported};
use super::sessions::{Sessions, Upload};
use super::upload_id::UploadId;
use crate::image::{Digest, Repository};

/// The head of a request about uploads.
pub(super) struct UploadRequest {
    /// The method.
    pub(super) method: Method,
    /// The repository.
    pub(super) repository: Repository,
    /// The parameters of the query.
    pub(super) query: Query,
    /// The headers.
    pub(super) headers: HeaderMap,
}

/// Starts an upload (202), or finishes it at once (201): with `digest`, the body is the blob; with `mount`, the blob is
/// already stored. All repositories share all blobs, so `from` is ignored.
pub(super) async fn begin(
    sessions: Arc<Sessions>,
    blobs: Blobs,
    request: UploadRequest,
    body: Body,
) -> Result<Response<Body>, ApiError> {
    if request.method != Method::POST {
        return Err(unsupported(&request.method));
    }
    if let Some(text) = request.query.first("digest") {
        let digest = digest(text)?;
        let upload = sessions.open(&sessions.start().await?).await?;
        let upload = sessions.receive(upload, body).await?;
        sessions.finish(upload, &digest).await?;
        return created(&request.repository, &digest);
    }
    if let Some(text) = request.query.first("mount") {
        let digest = digest(text)?;
        if blobs.contains(&digest).await? {
            return created(&request.repository, &digest);
        }
    }
    if let Some(algorithm) = request.query.first("digest-algorithm").filter(|name| *name != "sha256") {
        let shown = crate::text::printable(algorithm, 100);
        let message = format!("this registry has digests of `sha256` alone, not of `{shown}`");
        return Err(ApiError::new(Code::DigestInvalid, message));
    }
    let id = sessions.start().await?;
    state(StatusCode::ACCEPTED, &request.repository, &id, 0)
}

/// Continues an upload: a chunk or a whole body (PATCH), the end (PUT), its state (GET), or its cancellation (DELETE).
pub(super) async fn proceed(
    sessions: Arc<Sessions>,
    id: UploadId,
    request: UploadRequest,
    body: Body,
) -> Result<Response<Body>, ApiError> {
    let repository = &request.repository;
    match request.method {
        Method::PATCH | Method::PUT => {
            let expected = if request.method == Method::PUT { Some(expected(&request.query)?) } else { None };
            let upload = sessions.open(&id).await?;
            if !follows(&upload, &request.headers)? {
                let received = upload.received();
                sessions.pause(upload);
                return state(StatusCode::RANGE_NOT_SATISFIABLE, repository, &id, received);
            }
            let upload = sessions.receive(upload, body).await?;
            if let Some(digest) = expected {
                sessions.finish(upload, &digest).await?;
                return created(repository, &digest);
            }
            let received = upload.received();
            sessions.pause(upload);
            state(StatusCode::ACCEPTED, repository, &id, received)
        }
        Method::GET => {
            let upload = sessions.open(&id).await?;
            let received = upload.received();
            sessions.pause(upload);
            state(StatusCode::NO_CONTENT, repository, &id, received)
        }
        Method::DELETE => {
            sessions.cancel(sessions.open(&id).await?).await?;
            build(Response::builder().status(StatusCode::NO_CONTENT), Body::empty())
        }
        ref method => Err(unsupported(method)),
    }
}

fn expected(query: &Query) -> Result<Digest, ApiError> {
    let missing = || ApiError::new(Code::DigestInvalid, "the end of an upload needs `?digest=`");
    digest(query.first("digest").ok_or_else(missing)?)
}

/// Whether a chunk begins where the upload ends. A chunk without `Content-Range` always does.
fn follows(upload: &Upload, headers: &HeaderMap) -> Result<bool, ApiError> {
    let Some(value) = headers.get(header::CONTENT_RANGE) else { return Ok(true) };
    let chunk: Chunk =
        value.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
            ApiError::new(Code::BlobUploadInvalid, "Content-Range is not of the form `<first>-<last>`")
        })?;
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length != chunk.length) {
        return Err(ApiError::new(Code::SizeInvalid, "Content-Range and Content-Length do not agree"));
    }
    Ok(chunk.first == upload.received())
}

/// The state of an upload. No bytes are written as `0-0`, like one byte, since a range can't be empty; the distribution
/// project's registry does the same, and clients know it.
fn state(
    status: StatusCode,
    repository: &Repository,
    id: &UploadId,
    received: u64,
) -> Result<Response<Body>, ApiError> {
    let response = Response::builder()
        .status(status)
        .header(header::LOCATION, format!("/v2/{repository}/blobs/uploads/{}", id.as_str()))
        .header(header::RANGE, format!("0-{}", received.saturating_sub(1)))
        .header("Docker-Upload-UUID", id.as_str());
    build(response, Body::empty())
}

fn created(repository: &Repository, digest: &Digest) -> Result<Response<Body>, ApiError> {
    let response = Response::builder()
        .status(StatusCode::CREATED)
        .header(header::LOCATION, format!("/v2/{repository}/blobs/{digest}"))
        .header(DIGEST, digest.as_str());
    build(response, Body::empty())
}

/// The digest of content that is to be stored.
fn digest(text: &str) -> Result<Digest, ApiError> {
    text.parse::<AnyDigest>()?.stored()
}
