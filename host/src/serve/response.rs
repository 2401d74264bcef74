//! Parts of answers that several endpoints share.

use std::fmt::Display;

use axum::body::Body;
use axum::http::response::Builder;
use axum::http::{Method, Response, StatusCode};
use ferro_oci_server::{OciError, OciErrorCode};

use crate::image::Digest;

/// The header that repeats a digest; older than the specification, and optional in it ("Pulling manifests").
pub(super) const DIGEST: &str = "Docker-Content-Digest";

/// A response whose parts are all known to be valid.
pub(super) fn build(response: Builder, body: Body) -> Result<Response<Body>, OciError> {
    response.body(body).map_err(internal)
}

/// An internal failure. The specification has no code for it; `ferro-oci-server` uses this one as well.
pub(super) fn internal(error: impl Display) -> OciError {
    tracing::error!(%error, "a request failed");
    OciError::new(OciErrorCode::Unsupported, error.to_string()).with_status(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A method that the endpoint does not have.
pub(super) fn unsupported(method: &Method) -> OciError {
    OciError::new(OciErrorCode::Unsupported, format!("{method} is not for this path"))
}

/// Content with another digest than the one it was announced with.
pub(super) fn mismatch(expected: &Digest, computed: &Digest) -> OciError {
    OciError::new(OciErrorCode::DigestInvalid, format!("the content is {computed}, not {expected}"))
}
