//! The ids of uploads.

use std::str::FromStr;

use super::api_error::{ApiError, Code};

/// The id of an upload, which is also its file's name: letters and digits only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct UploadId(String);

impl UploadId {
    /// Random characters in an id: enough to never be drawn twice. An id is no secret.
    pub(super) const LENGTH: usize = 32;

    /// The id as text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UploadId {
    type Err = ApiError;

    fn from_str(text: &str) -> Result<Self, ApiError> {
        let valid = text.len() == Self::LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if valid { Ok(Self(text.to_owned())) } else { Err(unknown_upload()) }
    }
}

/// The specification's error for an upload that does not exist.
pub(super) fn unknown_upload() -> ApiError {
    ApiError::new(Code::BlobUploadUnknown, "there is no such upload; it may have ended or been given up")
}
