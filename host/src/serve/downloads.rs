//! The endpoints of stored blobs (distribution specification, "Pulling blobs", "Deleting blobs").

use std::io::SeekFrom;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::any_digest::AnyDigest;
use super::api_error::{ApiError, Code};
use super::blobs::Blobs;
use super::range::RequestedRange;
use super::response::{DIGEST, build, unsupported};
use crate::image::Digest;

/// The part of a file that one download has in memory: large enough that the hop to a blocking thread costs little.
const READ: usize = 256 * 1024;

/// Answers a request about one blob.
///
/// A download is read from the file as the client receives it, whole or one range of bytes. Several ranges in one
/// request are answered with the whole blob, as RFC 9110 allows.
pub(super) async fn answer(
    blobs: &Blobs,
    method: &Method,
    digest: &AnyDigest,
    headers: &HeaderMap,
) -> Result<Response<Body>, ApiError> {
    if !matches!(*method, Method::GET | Method::HEAD | Method::DELETE) {
        return Err(unsupported(method));
    }
    let AnyDigest::Sha256(digest) = digest else {
        return Err(ApiError::new(Code::BlobUnknown, format!("there is no blob {digest}")));
    };
    match *method {
        Method::DELETE if blobs.remove(digest).await? => {
            build(Response::builder().status(StatusCode::ACCEPTED), Body::empty())
        }
        Method::DELETE => Err(unknown(digest)),
        _ => read(blobs, digest, headers, *method == Method::GET).await,
    }
}

async fn read(
    blobs: &Blobs,
    digest: &Digest,
    headers: &HeaderMap,
    with_body: bool,
) -> Result<Response<Body>, ApiError> {
    let (mut file, size) = blobs.open(digest).await?.ok_or_else(|| unknown(digest))?;
    let response = Response::builder()
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::ETAG, format!("\"{digest}\""))
        .header(DIGEST, digest.as_str());
    // A range is defined for GET only.
    let range = headers.get(header::RANGE).filter(|_| with_body).and_then(|value| value.to_str().ok());
    let (response, length) = match RequestedRange::of(range, size) {
        RequestedRange::Whole => (response.status(StatusCode::OK), size),
        RequestedRange::Part(first, last) => {
            file.seek(SeekFrom::Start(first)).await?;
            let range = format!("bytes {first}-{last}/{size}");
            let response = response.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, range);
            (response, last - first + 1)
        }
        RequestedRange::Unsatisfiable => {
            let response = response.status(StatusCode::RANGE_NOT_SATISFIABLE);
            return build(response.header(header::CONTENT_RANGE, format!("bytes */{size}")), Body::empty());
        }
    };
    let body =
        if with_body { Body::from_stream(ReaderStream::with_capacity(file.take(length), READ)) } else { Body::empty() };
    build(response.header(header::CONTENT_LENGTH, length), body)
}

fn unknown(digest: &Digest) -> ApiError {
    ApiError::new(Code::BlobUnknown, format!("there is no blob {digest}"))
}
