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

/// Mounts the blobs that `first` has, or of which the store knows another repository, as `account` saw it, and gives
/// the repositories that they came from. A mount that fails is no failure of the push, since the blob can still be
/// uploaded.
pub(super) async fn mount(
    repository: &RepositoryClient,
    first: Option<&Repository>,
    store: &Store,
    account: &Account,
    blobs: &HashMap<LayerKey, Descriptor>,
) -> Result<Vec<(LayerKey, Repository)>, PushError> {
    let mounts = Mounts { repository, first, store, account, closed: Mutex::default() };
    let mounts = &mounts;
    let requests = blobs.iter().map(|(key, blob)| async move {
        let from = mounts.mount(blob).await?;
        Ok::<_, PushError>(from.map(|from| (key.clone(), from)))
    });
    Ok(concurrently(requests).await?.into_iter().flatten().collect())
}

/// What became of one try to mount a blob.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tried {
    /// The repository has it, and the registry has confirmed that.
    Mounted,
    /// Not mounted from there.
    Not,
    /// The credentials don't open the other repository.
    Closed,
    /// The registry can't say now.
    Unknown,
}

/// Mounts one blob from another repository, if there is one and it has the blob, and gives whether that is done.
pub(super) async fn mount_one(
    repository: &RepositoryClient,
    from: Option<&Repository>,
    blob: &Descriptor,
) -> Result<bool, PushError> {
    match from {
        Some(from) => Ok(try_mount(repository, from, blob).await? == Tried::Mounted),
        None => Ok(false),
    }
}

async fn try_mount(repository: &RepositoryClient, from: &Repository, blob: &Descriptor) -> Result<Tried, PushError> {
    let digest = &blob.digest;
    match repository.mount_blob(digest, from).await {
        Ok(Mount::Mounted) => match ask(|| repository.confirm_blob(digest, blob.size)).await {
            Ok(Some(())) => return Ok(Tried::Mounted),
            Ok(None) => tracing::debug!("whether blob `{digest}` was mounted from `{from}` is not known"),
            // A registry that answers so to whatever it does not mount would end with a tag without this blob.
            Err(error) => tracing::warn!("blob `{digest}` was not mounted from `{from}`: {error}"),
        },
        Ok(Mount::Upload(upload)) => upload.cancel().await,
        Err(error) => {
            tracing::info!("blob `{digest}` is not mounted from `{from}`: {error}");
            if error.kind() == Kind::Auth {
                return Ok(Tried::Closed);
            }
            if error.retry().is_possible() {
                return Ok(Tried::Unknown);
            }
        }
    }
    Ok(Tried::Not)
}

struct Mounts<'a> {
    repository: &'a RepositoryClient,
    /// The repository that is tried before those that the store knows.
    first: Option<&'a Repository>,
    store: &'a Store,
    account: &'a Account,
    /// Repositories that the credentials do not open.
    closed: Mutex<HashSet<Repository>>,
}

impl Mounts<'_> {
    async fn mount(&self, blob: &Descriptor) -> Result<Option<Repository>, PushError> {
        if let Some(first) = self.first.filter(|first| self.is_open(first)) {
            match try_mount(self.repository, first, blob).await? {
                Tried::Mounted => return Ok(Some(first.clone())),
                Tried::Closed => drop(self.closed().insert(first.clone())),
                Tried::Not | Tried::Unknown => {}
            }
        }
        let digest = &blob.digest;
        let Some(from) = self.candidate(digest) else { return Ok(None) };
        match try_mount(self.repository, &from, blob).await? {
            Tried::Mounted => return Ok(Some(from)),
            Tried::Unknown => return Ok(None),
            Tried::Closed => drop(self.closed().insert(from.clone())),
            Tried::Not => {}
        }
        let _ = self.store.as_cache(self.store.remove_blob_location(self.account, &from, digest));
        Ok(None)
    }

    /// Whether a repository is another one, which the credentials may open.
    fn is_open(&self, repository: &Repository) -> bool {
        repository != self.repository.repository() && !self.closed().contains(repository)
    }

    /// Of the repositories that have a blob, the one with most path components in common: it most likely belongs to the
    /// same team, whose credentials open it.
    fn candidate(&self, digest: &Digest) -> Option<Repository> {
        let own = self.repository.repository();
        let mut candidates = self.store.as_cache(self.store.blob_locations(self.account, digest)).unwrap_or_default();
        let closed = self.closed();
        candidates.retain(|from| from != own && Some(from) != self.first && !closed.contains(from));
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
