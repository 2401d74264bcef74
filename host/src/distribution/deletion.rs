//! Deletions ("Content Management", OCI distribution specification).

use http::{Method, StatusCode};

use super::error::Error;
use super::manifest::ManifestName;
use super::repository::RepositoryClient;

/// Answers of registries that have deleted something: 202 by the specification.
const DELETED: [StatusCode; 3] = [StatusCode::ACCEPTED, StatusCode::OK, StatusCode::NO_CONTENT];

impl RepositoryClient {
    /// Deletes a manifest, with all of its tags, by its digest; or a tag alone, where the registry does that.
    ///
    /// # Errors
    /// [`Error::is_not_found`] where there is none, [`Error::is_unsupported`] where the registry deletes nothing
    /// in this way, and any refusal.
    pub(crate) async fn delete_manifest(&self, manifest: impl Into<ManifestName<'_>>) -> Result<(), Error> {
        let manifest = manifest.into();
        let place = self.place(&format!("manifests/{}", manifest.as_str())).await?;
        let name = format!("the deletion of manifest `{}` of `{}`", manifest.as_str(), self.repository());
        self.send(self.request(Method::DELETE, place, name).succeeding_with(&DELETED)).await.map(drop)
    }
}
