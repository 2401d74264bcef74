//! The endpoints of manifests (distribution specification, "Pulling manifests", "Pushing Manifests", "Deleting tags",
//! "Deleting Manifests"), and the lists that come from them.

mod document;
mod hexadecimal;
pub(super) mod listings;
mod metadata;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::response::Builder;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use tokio::task::spawn_blocking;

use document::Document;
use metadata::Manifest;
pub(super) use metadata::Metadata;

use super::any_digest::AnyDigest;
use super::api_error::{ApiError, Code};
use super::blobs::Blobs;
use super::query::Query;
use super::response::{DIGEST, build, unsupported};
use crate::image::{Digest, ReferenceError, Repository, Tag};

/// The header that says that a manifest is listed with the one that it belongs to.
const SUBJECT: &str = "oci-subject";
/// The header that names the tags which a manifest got besides.
const TAG: &str = "oci-tag";

/// The head of a request about one manifest.
pub(super) struct ManifestRequest {
    /// The method.
    pub(super) method: Method,
    /// The repository.
    pub(super) repository: Repository,
    /// The tag or digest, as it stands in the path.
    pub(super) reference: String,
    /// The parameters of the query.
    pub(super) query: Query,
    /// The headers.
    pub(super) headers: HeaderMap,
}

/// The last part of a manifest's path.
#[derive(Debug, Clone)]
enum Reference {
    Tag(Tag),
    Digest(AnyDigest),
}

impl Reference {
    fn parse(text: &str) -> Result<Self, ApiError> {
        // A tag has no colon.
        if text.contains(':') {
            return text.parse().map(Self::Digest);
        }
        tag(text).map(Self::Tag)
    }
}

fn tag(text: &str) -> Result<Tag, ApiError> {
    text.parse().map_err(|error: ReferenceError| ApiError::new(Code::ManifestInvalid, error.to_string()))
}

/// Answers a request about one manifest; `body` is its content, which a request to push has.
pub(super) async fn answer(
    metadata: Arc<Metadata>,
    blobs: Blobs,
    request: ManifestRequest,
    body: Bytes,
) -> Result<Response<Body>, ApiError> {
    match request.method {
        Method::GET | Method::HEAD => pull(&metadata, &request),
        Method::PUT => push(metadata, &blobs, &request, body).await,
        Method::DELETE => delete(metadata, &request).await,
        ref method => Err(unsupported(method)),
    }
}

/// A malformed reference is that of no manifest, and no error of its own.
fn pull(metadata: &Metadata, request: &ManifestRequest) -> Result<Response<Body>, ApiError> {
    let contents = metadata.contents();
    let repository = &request.repository;
    let digest = match Reference::parse(&request.reference) {
        Ok(Reference::Tag(tag)) => contents.tagged(repository, &tag).cloned(),
        Ok(Reference::Digest(AnyDigest::Sha256(digest))) => Some(digest),
        Ok(Reference::Digest(AnyDigest::Other(_))) | Err(_) => None,
    };
    let found = digest.and_then(|digest| {
        let manifest = contents.manifests(repository)?.get(&digest)?.clone();
        Some((digest, manifest))
    });
    let (digest, Manifest { media_type, body }) = found.ok_or_else(|| unknown(request))?;
    let response = Response::builder()
        .header(header::CONTENT_TYPE, media_type)
        .header(header::CONTENT_LENGTH, body.len())
        .header(header::ETAG, format!("\"{digest}\""))
        .header(DIGEST, digest.as_str());
    build(response, if request.method == Method::HEAD { Body::empty() } else { Body::from(body) })
}

async fn push(
    metadata: Arc<Metadata>,
    blobs: &Blobs,
    request: &ManifestRequest,
    body: Bytes,
) -> Result<Response<Body>, ApiError> {
    let reference = Reference::parse(&request.reference)?;
    let digest = Digest::of(&body);
    let mut tags = Vec::new();
    match reference {
        Reference::Tag(tag) => tags.push(tag),
        Reference::Digest(named) => {
            let named = named.stored()?;
            if named != digest {
                let message = format!("the manifest is {digest}, not {named}");
                return Err(ApiError::new(Code::DigestInvalid, message));
            }
            for text in request.query.all("tag") {
                tags.push(tag(text)?);
            }
        }
    }
    let content_type = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Document { media_type, required, subject } = Document::parse(content_type, &body)?;
    for blob in required {
        if !blobs.contains(&blob).await? {
            let message = format!("the manifest names the blob {blob}, which is not here; push it first");
            return Err(ApiError::new(Code::ManifestBlobUnknown, message));
        }
    }
    let repository = request.repository.clone();
    let response = created(&repository, &digest, &tags, subject, &request.reference);
    let change =
        move || metadata.change(|contents| contents.put(&repository, &digest, Manifest { media_type, body }, &tags));
    spawn_blocking(change).await.map_err(ApiError::internal)??;
    build(response, Body::empty())
}

/// The answer to a manifest that was taken. The tag that stands in the path is not repeated as a header.
fn created(
    repository: &Repository,
    digest: &Digest,
    tags: &[Tag],
    subject: Option<String>,
    reference: &str,
) -> Builder {
    let mut response = Response::builder()
        .status(StatusCode::CREATED)
        .header(header::LOCATION, format!("/v2/{repository}/manifests/{digest}"))
        .header(DIGEST, digest.as_str());
    if let Some(subject) = subject {
        response = response.header(SUBJECT, subject);
    }
    for tag in tags.iter().filter(|tag| tag.as_str() != reference) {
        response = response.header(TAG, tag.as_str());
    }
    response
}

async fn delete(metadata: Arc<Metadata>, request: &ManifestRequest) -> Result<Response<Body>, ApiError> {
    let reference = Reference::parse(&request.reference)?;
    let contents = metadata.contents();
    let repository = request.repository.clone();
    let is_there = match &reference {
        Reference::Tag(tag) => contents.tagged(&repository, tag).is_some(),
        Reference::Digest(AnyDigest::Sha256(digest)) => {
            contents.manifests(&repository).is_some_and(|manifests| manifests.contains_key(digest))
        }
        Reference::Digest(AnyDigest::Other(_)) => false,
    };
    if !is_there {
        return Err(unknown(request));
    }
    let change = move || {
        metadata.change(|contents| match &reference {
            Reference::Tag(tag) => contents.untag(&repository, tag),
            Reference::Digest(AnyDigest::Sha256(digest)) => contents.remove(&repository, digest),
            Reference::Digest(AnyDigest::Other(_)) => {}
        })
    };
    spawn_blocking(change).await.map_err(ApiError::internal)??;
    build(Response::builder().status(StatusCode::ACCEPTED), Body::empty())
}

fn unknown(request: &ManifestRequest) -> ApiError {
    let ManifestRequest { repository, reference, .. } = request;
    let shown = crate::text::printable(reference, 200);
    ApiError::new(Code::ManifestUnknown, format!("there is no manifest `{shown}` in `{repository}`"))
}
