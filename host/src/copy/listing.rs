//! What belongs to an image, as a registry lists it.

use crate::distribution::{self, RepositoryClient, referrers, referrers_tag};
use crate::image::{Digest, Tag};
use crate::remote::RemoteError;
use crate::retrying::retry;

/// The manifests that name an image as their subject.
#[derive(Default)]
pub(super) struct Listing {
    /// Their digests.
    pub(super) digests: Vec<Digest>,
}

/// Asks a registry for the referrers of an image, at most `most` of them ("Listing Referrers", OCI distribution
/// specification): of its API, or where it has none, under the referrers tag.
///
/// # Errors
/// Any refusal but that there is no such API.
pub(super) async fn referrers_of(
    repository: &RepositoryClient,
    subject: &Digest,
    most: usize,
) -> Result<Listing, distribution::Error> {
    let pages = repository.referrers(subject);
    let mut digests = Vec::new();
    loop {
        match retry(|| pages.next()).await {
            Ok(Some(page)) => digests.extend(page.into_iter().map(|referrer| referrer.digest)),
            Ok(None) => return Ok(Listing { digests }),
            Err(error) if digests.is_empty() && (error.is_not_found() || error.is_unsupported()) => break,
            Err(error) => return Err(error),
        }
        if digests.len() > most {
            return Ok(Listing { digests });
        }
    }
    Ok(Listing { digests: under_tag(repository, subject).await? })
}

async fn under_tag(repository: &RepositoryClient, subject: &Digest) -> Result<Vec<Digest>, distribution::Error> {
    let Some(tag) = referrers_tag(subject) else { return Ok(Vec::new()) };
    let Some(found) = retry(|| repository.manifest(&tag)).await? else { return Ok(Vec::new()) };
    // Some registries take the tag for the digest, and answer with the image itself.
    if found.digest == *subject {
        return Ok(Vec::new());
    }
    match referrers(&found.bytes) {
        Ok(listed) => Ok(listed.into_iter().map(|referrer| referrer.digest).collect()),
        Err(error) => {
            tracing::debug!("`{tag}` is no list of referrers: {error}");
            Ok(Vec::new())
        }
    }
}

/// The tags under which cosign keeps what belongs to an image, without the list of all tags.
pub(super) fn cosign_tags(subject: &Digest) -> impl Iterator<Item = Tag> {
    let start = subject.as_str().replace(':', "-");
    ["sig", "att", "sbom"].into_iter().filter_map(move |end| format!("{start}.{end}").parse().ok())
}

/// All tags of a repository.
///
/// # Errors
/// Any refusal, also of a later page: a part of the list is no list.
pub(crate) async fn all_tags(repository: &RepositoryClient) -> Result<Vec<Tag>, RemoteError> {
    let pages = repository.tags();
    let mut tags = Vec::new();
    while let Some(page) = retry(|| pages.next()).await? {
        tags.extend(page);
    }
    Ok(tags)
}
