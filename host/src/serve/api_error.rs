//! Errors of requests, in the specification's envelope (distribution specification, "Error Codes").

use std::fmt::Display;
use std::io;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::network::io_words;

/// The codes of errors; those of the specification, and two for failures of the registry itself, for which it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// There is no such blob.
    BlobUnknown,
    /// A part of an upload is not what it says, or came at the wrong time.
    BlobUploadInvalid,
    /// There is no such upload.
    BlobUploadUnknown,
    /// A request that is refused.
    Denied,
    /// A digest that is malformed, of an algorithm that the registry does not have, or of other content.
    DigestInvalid,
    /// A manifest names a blob that is absent.
    ManifestBlobUnknown,
    /// A manifest that can't be taken.
    ManifestInvalid,
    /// There is no such manifest.
    ManifestUnknown,
    /// A malformed name of a repository.
    NameInvalid,
    /// There is no such repository.
    NameUnknown,
    /// A length that is not the content's.
    SizeInvalid,
    /// A method that a path does not have.
    Unsupported,
    /// The disk is full.
    InsufficientStorage,
    /// The registry failed. The distribution project's registry has this code for it, and clients know that it passes.
    Unknown,
}

impl Code {
    /// The code as text, and the status that it has unless an error has its own.
    fn parts(self) -> (&'static str, StatusCode) {
        match self {
            Self::BlobUnknown => ("BLOB_UNKNOWN", StatusCode::NOT_FOUND),
            Self::BlobUploadInvalid => ("BLOB_UPLOAD_INVALID", StatusCode::BAD_REQUEST),
            Self::BlobUploadUnknown => ("BLOB_UPLOAD_UNKNOWN", StatusCode::NOT_FOUND),
            Self::Denied => ("DENIED", StatusCode::FORBIDDEN),
            Self::DigestInvalid => ("DIGEST_INVALID", StatusCode::BAD_REQUEST),
            Self::ManifestBlobUnknown => ("MANIFEST_BLOB_UNKNOWN", StatusCode::NOT_FOUND),
            Self::ManifestInvalid => ("MANIFEST_INVALID", StatusCode::BAD_REQUEST),
            Self::ManifestUnknown => ("MANIFEST_UNKNOWN", StatusCode::NOT_FOUND),
            Self::NameInvalid => ("NAME_INVALID", StatusCode::BAD_REQUEST),
            Self::NameUnknown => ("NAME_UNKNOWN", StatusCode::NOT_FOUND),
            Self::SizeInvalid => ("SIZE_INVALID", StatusCode::BAD_REQUEST),
            Self::Unsupported => ("UNSUPPORTED", StatusCode::METHOD_NOT_ALLOWED),
            Self::InsufficientStorage => ("INSUFFICIENT_STORAGE", StatusCode::INSUFFICIENT_STORAGE),
            Self::Unknown => ("UNKNOWN", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// The failure of a request, which is its answer.
#[derive(Debug)]
pub(super) struct ApiError {
    code: Code,
    status: StatusCode,
    message: String,
    is_own_failure: bool,
}

impl ApiError {
    /// An error with the code's usual status.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, status: code.parts().1, message: message.into(), is_own_failure: false }
    }

    /// The same with another status.
    #[must_use]
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// A failure of the registry itself: of the data directory's disk, 507 where there is no room, and 500 otherwise.
    pub(super) fn disk(error: &io::Error) -> Self {
        // crhost's own limit of the data directory is no error of the system, so that this quota is the disk's.
        let (code, words) = match error.kind() {
            io::ErrorKind::StorageFull => {
                let words = "the disk is full; make room there, or start the registry with another `--data`";
                (Code::InsufficientStorage, words.to_owned())
            }
            io::ErrorKind::QuotaExceeded => {
                let words = "its user's quota is used up; make room there, or start the registry with another `--data`";
                (Code::InsufficientStorage, words.to_owned())
            }
            io::ErrorKind::ReadOnlyFilesystem => (Code::Unknown, "the disk is read-only".to_owned()),
            _ => (Code::Unknown, io_words(error)),
        };
        let message = format!("the registry can't use its data directory: {words}");
        Self { is_own_failure: true, ..Self::new(code, message) }
    }

    /// A failure of the registry itself that has nothing to do with its disk.
    pub(super) fn internal(error: impl Display) -> Self {
        Self { is_own_failure: true, ..Self::new(Code::Unknown, error.to_string()) }
    }

    /// The error in words.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The answer.
    pub(super) fn into_response(self) -> Response<Body> {
        let document = json!({ "errors": [{ "code": self.code.parts().0, "message": self.message }] });
        json_response(self.status, &document)
    }

    /// Whether the registry is at fault, and not the request: its user has to know.
    pub(super) fn is_own_failure(&self) -> bool {
        self.is_own_failure
    }
}

impl From<io::Error> for ApiError {
    fn from(error: io::Error) -> Self {
        Self::disk(&error)
    }
}

/// An answer of a JSON document.
pub(super) fn json_response(status: StatusCode, document: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
