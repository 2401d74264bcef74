//! From the contract's types to the host's own: the answers of a guest. They are hostile input; each is parsed again
//! and bounded.

use std::time::Duration;

use super::bindings::crhost::flavor::types;
use super::bindings::exports::crhost::flavor::flavor as wit;
use super::bounds::{optional, texts};
use crate::flavor::abi::answer::Outcome;
use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{AcceptedUri, Deletion, Failure, FailureKind, Prepared, Referrers, UploadProfile};
use crate::image::RegistryUri;

/// An answer whose value `lift` converts and checks.
pub(super) fn outcome<T, U>(
    answer: Result<T, types::Failure>,
    lift: impl FnOnce(T) -> Result<U, OutputError>,
) -> Outcome<U> {
    match answer {
        Ok(value) => lift(value).into(),
        Err(failure) => Outcome::Refused(self::failure(failure)),
    }
}

/// A failure that a flavor reports.
pub(super) fn failure(failure: types::Failure) -> Failure {
    let kind = match failure.kind {
        types::FailureKind::InvalidInput => FailureKind::InvalidInput,
        types::FailureKind::Unauthenticated => FailureKind::Unauthenticated,
        types::FailureKind::Denied => FailureKind::Denied,
        types::FailureKind::NotFound => FailureKind::NotFound,
        types::FailureKind::Conflict => FailureKind::Conflict,
        types::FailureKind::RateLimited => FailureKind::RateLimited,
        types::FailureKind::Unavailable => FailureKind::Unavailable,
        types::FailureKind::Unsupported => FailureKind::Unsupported,
        types::FailureKind::Other => FailureKind::Other,
    };
    let message = optional(Some(&failure.message)).unwrap_or_else(|| "it refuses, and does not say why".into());
    Failure {
        kind,
        message,
        hint: optional(failure.hint.as_deref()),
        retry_after: failure.retry_after.map(|seconds| Duration::from_secs(seconds.into())),
    }
}

/// The answer of `validate-uri`.
///
/// # Errors
/// When it breaks the contract, as of all functions here.
pub(super) fn accepted_uri(accepted: wit::AcceptedUri) -> Result<AcceptedUri, OutputError> {
    let length = accepted.uri.len();
    if length > limits::URI_BYTES {
        return Err(OutputError::too_long("URI", length, limits::URI_BYTES));
    }
    let uri = uri(&accepted.uri)?;
    Ok(AcceptedUri { uri, warnings: texts("warnings", accepted.warnings)? })
}

/// The answer of `list-resources`.
pub(super) fn resources(uris: Vec<String>) -> Result<Vec<RegistryUri>, OutputError> {
    if uris.len() > limits::RESOURCES {
        return Err(OutputError::too_many("resources", uris.len(), limits::RESOURCES));
    }
    uris.iter().map(|uri| self::uri(uri)).collect()
}

/// A canonical URI.
fn uri(text: &str) -> Result<RegistryUri, OutputError> {
    let rule = "expected `HOST[:PORT][/PATH]` in lower case, without a scheme and a slash at its end";
    text.parse().map_err(|_| OutputError::expected("URI", text, rule))
}

/// The answer of `prepare-image-push`.
pub(super) fn prepared(prepared: wit::Prepared) -> Result<Prepared, OutputError> {
    Ok(Prepared { profile: profile(prepared.profile)?, notes: texts("notes", prepared.notes)? })
}

fn profile(profile: wit::UploadProfile) -> Result<UploadProfile, OutputError> {
    let chunk = match profile.upload {
        wit::Upload::Monolithic => None,
        wit::Upload::Chunked(size) if (limits::CHUNK_BYTES).contains(&size) => Some(size),
        wit::Upload::Chunked(size) => {
            let (least, most) = (limits::CHUNK_BYTES.start(), limits::CHUNK_BYTES.end());
            let rule = format!("expected {least} to {most} bytes ({} KiB to {} MiB)", least >> 10, most >> 20);
            return Err(OutputError::expected("size of upload chunks", &size.to_string(), rule));
        }
    };
    let limit = |what: &'static str, limit: Option<u64>, least: u64| match limit {
        Some(size) if size < least => {
            Err(OutputError::expected(what, &size.to_string(), format!("expected at least {least} bytes")))
        }
        limit => Ok(limit),
    };
    Ok(UploadProfile {
        chunk,
        mount: profile.mount,
        zstd: profile.zstd,
        largest_request: limit("size of the largest request", profile.largest_request, *limits::CHUNK_BYTES.start())?,
        largest_layer: limit("size of the largest layer", profile.largest_layer, 1)?,
        range: profile.range,
        referrers: match profile.referrers {
            wit::Referrers::Unknown => Referrers::Unknown,
            wit::Referrers::Api => Referrers::Api,
            wit::Referrers::Tag => Referrers::Tag,
        },
        deletion: match profile.deletion {
            wit::Deletion::Unknown => Deletion::Unknown,
            wit::Deletion::Unsupported => Deletion::Unsupported,
            wit::Deletion::ByDigest => Deletion::ByDigest,
            wit::Deletion::ByTag => Deletion::ByTag,
        },
    })
}
