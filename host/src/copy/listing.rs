//! What belongs to an image, as a registry lists it.

use crate::distribution::{self, RepositoryClient};
use crate::image::{Digest, Tag};
use crate::remote::RemoteError;
use crate::retrying::all_pages;
use crate::supply_chain;

/// The manifests that name an image as their subject, by the referrers API, or where there is none, by the referrers
/// tag ("Listing Referrers", OCI distribution specification).
///
/// # Errors
/// Any refusal but that there is no such API.
pub(super) async fn referrers_of(
    repository: &RepositoryClient,
    subject: &Digest,
) -> Result<Vec<Digest>, distribution::Error> {
    let found = supply_chain::referrers(repository, subject).await?;
    Ok(found.all.into_iter().map(|referrer| referrer.digest).collect())
}

/// The tags under which cosign keeps what belongs to an image, without the list of all tags.
pub(super) fn cosign_tags(subject: &Digest) -> impl Iterator<Item = Tag> {
    [".sig", ".att", ".sbom"].into_iter().map(|end| Tag::of_digest(subject, end))
}

/// All tags of a repository.
///
/// # Errors
/// Any refusal, also of a later page: a part of the list is no list.
pub(crate) async fn all_tags(repository: &RepositoryClient) -> Result<Vec<Tag>, RemoteError> {
    Ok(all_pages(&repository.tags()).await?)
}
