//! How Artifact Registry takes uploads.

use crhost_flavor::{Deletion, Failure, Registry, UploadProfile};

use crate::target;

/// How a registry takes uploads: one request per blob, which is the standard, since it takes no chunks.
///
/// A tag is deleted alone, and has to be before its manifest is (fluxcd/pkg#328).
pub(crate) fn profile(registry: &Registry) -> Result<UploadProfile, Failure> {
    let deletion = if target::is_google_s(registry)? { Deletion::ByTag } else { Deletion::Unknown };
    Ok(UploadProfile { deletion, ..UploadProfile::standard() })
}
