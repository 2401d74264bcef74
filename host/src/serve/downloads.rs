//! The endpoints of stored blobs (distribution specification, "Pulling blobs", "Deleting blobs").

use std::io::SeekFrom;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use ferro_oci_server::{OciError, OciErrorCode};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::blobs::Blobs;
use super::range::RequestedRange;
use super::response::{DIGEST, build, internal, unsupported};
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
    digest: &Digest,
    headers: &HeaderMap,
) -> Result<Response<Body>, OciError> {
    match *method {
        Method::GET => read(blobs, digest, headers, true).await,
        Method::HEAD => read(blobs, digest, headers, false).await,
        Method::DELETE => {
            if blobs.remove(digest).await.map_err(internal)? {
                build(Response::builder().status(StatusCode::ACCEPTED), Body::empty())
            } else {
                Err(unknown(digest))
            }
        }
        _ => Err(unsupported(method)),
    }
}

async fn read(
    blobs: &Blobs,
    digest: &Digest,
    headers: &HeaderMap,
    with_body: bool,
) -> Result<Response<Body>, OciError> {
    let (mut file, size) = blobs.open(digest).await.map_err(internal)?.ok_or_else(|| unknown(digest))?;
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
            file.seek(SeekFrom::Start(first)).await.map_err(internal)?;
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

fn unknown(digest: &Digest) -> OciError {
    OciError::new(OciErrorCode::BlobUnknown, format!("there is no blob {digest}"))
}
