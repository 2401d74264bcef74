//! Mounts: blobs that the registry takes over from another of its repositories, where an earlier push left them
//! ("Mounting a blob from another repository", OCI distribution specification).

use parking_lot::{Mutex, MutexGuard};
use std::collections::{HashMap, HashSet};

use super::error::PushError;
use crate::distribution::{Mount, RepositoryClient};
use crate::error::{Explain as _, Kind};
use crate::image::{Descriptor, Digest, Repository};
use crate::retrying::ask;
use crate::retrying::concurrently;
use crate::source::LayerKey;
use crate::store::{Account, Store};

/// Mounts the blobs of which the store knows another repository, as `account` saw it, and gives the repositories that
/// they came from. A mount that fails is no failure of the push, since the blob can still be uploaded.
pub(super) async fn mount(
    repository: &RepositoryClient,
    store: &Store,
    account: &Account,
    blobs: &HashMap<LayerKey, Descriptor>,
) -> Result<Vec<(LayerKey, Repository)>, PushError> {
    let mounts = Mounts { repository, store, account, closed: Mutex::default() };
    let mounts = &mounts;
    let requests = blobs.iter().map(|(key, blob)| async move {
        let from = mounts.mount(blob).await?;
        Ok::<_, PushError>(from.map(|from| (key.clone(), from)))
    });
    Ok(concurrently(requests).await?.into_iter().flatten().collect())
}

struct Mounts<'a> {
    repository: &'a RepositoryClient,
    store: &'a Store,
    account: &'a Account,
    /// Repositories that the credentials do not open.
    closed: Mutex<HashSet<Repository>>,
}

impl Mounts<'_> {
    async fn mount(&self, blob: &Descriptor) -> Result<Option<Repository>, PushError> {
        let digest = &blob.digest;
        let Some(from) = self.candidate(digest) else { return Ok(None) };
        match self.repository.mount_blob(digest, &from).await {
            Ok(Mount::Mounted) => match ask(|| self.repository.confirm_blob(digest, blob.size)).await {
                Ok(Some(())) => return Ok(Some(from)),
                Ok(None) => tracing::debug!("whether blob `{digest}` was mounted from `{from}` is not known"),
                // A registry that answers so to whatever it does not mount would end with a tag without this blob.
                Err(error) => tracing::warn!("blob `{digest}` was not mounted from `{from}`: {error}"),
            },
            Ok(Mount::Upload(upload)) => upload.cancel().await,
            Err(error) => {
                tracing::info!("blob `{digest}` is not mounted from `{from}`: {error}");
                if error.kind() == Kind::Auth {
                    self.closed().insert(from.clone());
                }
                if error.retry().is_possible() {
                    return Ok(None);
                }
            }
        }
        let _ = self.store.as_cache(self.store.remove_blob_location(self.account, &from, digest));
        Ok(None)
    }

    /// Of the repositories that have a blob, the one with most path components in common: it most likely belongs to the
    /// same team, whose credentials open it.
    fn candidate(&self, digest: &Digest) -> Option<Repository> {
        let own = self.repository.repository();
        let mut candidates = self.store.as_cache(self.store.blob_locations(self.account, digest)).unwrap_or_default();
        let closed = self.closed();
        candidates.retain(|candidate| candidate != own && !closed.contains(candidate));
        // The store gives the latest first; of equals, `max_by_key` takes the last.
        candidates.into_iter().rev().max_by_key(|candidate| common_components(candidate, own))
    }

    fn closed(&self) -> MutexGuard<'_, HashSet<Repository>> {
        self.closed.lock()
    }
}

/// The number of path components at the beginning that two repositories have in common.
fn common_components(one: &Repository, other: &Repository) -> usize {
    one.as_str().split('/').zip(other.as_str().split('/')).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_near_that_begin_alike() {
        let common = |one: &str, other: &str| common_components(&one.parse().unwrap(), &other.parse().unwrap());
        assert_eq!(common("team/ml/train", "team/ml/serve"), 2);
        assert_eq!(common("team/train", "team/ml/train"), 1);
        assert_eq!(common("teams/train", "team/train"), 0);
    }
}
