//! Parts of answers that several endpoints share.

use axum::body::Body;
use axum::http::response::Builder;
use axum::http::{Method, Response};

use super::api_error::{ApiError, Code};
use crate::image::Digest;

/// The header that repeats a digest ("Pulling manifests").
pub(super) const DIGEST: &str = "Docker-Content-Digest";

/// A response whose parts are all known to be valid.
pub(super) fn build(response: Builder, body: Body) -> Result<Response<Body>, ApiError> {
    response.body(body).map_err(ApiError::internal)
}

/// A method that the endpoint does not have.
pub(super) fn unsupported(method: &Method) -> ApiError {
    ApiError::new(Code::Unsupported, format!("{method} is not for this path"))
}

/// Content with another digest than the one it was announced with.
pub(super) fn mismatch(expected: &Digest, computed: &Digest) -> ApiError {
    ApiError::new(Code::DigestInvalid, format!("the content is {computed}, not {expected}"))
}
