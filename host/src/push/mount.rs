//! Blobs that a registry takes over from another of its repositories, where an earlier push left them.

use std::cell::RefCell;
use std::collections::HashSet;

use super::error::PushError;
use crate::distribution::{Mount, RepositoryClient};
use crate::error::{Explain as _, Kind};
use crate::image::{Digest, Repository};
use crate::store::Store;

/// What mounts of one push need.
pub(super) struct Mounts<'a> {
    repository: &'a RepositoryClient,
    store: &'a Store,
    allowed: bool,
    /// Repositories that the credentials do not open.
    closed: RefCell<HashSet<Repository>>,
}

impl<'a> Mounts<'a> {
    /// Mounts into a repository, if that is `allowed`.
    pub(super) fn into(repository: &'a RepositoryClient, store: &'a Store, allowed: bool) -> Self {
        Self { repository, store, allowed, closed: RefCell::default() }
    }

    /// Has the registry take a blob over, and gives the repository that it came from. Where that fails for whatever reason,
    /// the blob can still be uploaded.
    pub(super) async fn mount(&self, digest: &Digest) -> Result<Option<Repository>, PushError> {
        let Some(from) = self.candidate(digest)? else { return Ok(None) };
        match self.repository.mount_blob(digest, &from).await {
            Ok(Mount::Mounted) => return Ok(Some(from)),
            Ok(Mount::Upload(upload)) => upload.cancel().await,
            Err(error) => {
                tracing::debug!("blob `{digest}` is not taken over from `{from}`: {error}");
                if error.kind() == Kind::Auth {
                    self.closed.borrow_mut().insert(from.clone());
                }
                if error.retry().is_possible() {
                    return Ok(None);
                }
            }
        }
        self.store.remove_blob_location(self.repository.host(), &from, digest)?;
        Ok(None)
    }

    /// Of the repositories that have a blob, the one with most path components in common: it is most likely to be the same
    /// people's.
    fn candidate(&self, digest: &Digest) -> Result<Option<Repository>, PushError> {
        if !self.allowed {
            return Ok(None);
        }
        let own = self.repository.repository();
        let closed = self.closed.borrow();
        let mut places = self.store.blob_locations(self.repository.host(), digest)?;
        places.retain(|place| place != own && !closed.contains(place));
        // The latest comes first, and of equals the last would be taken.
        Ok(places.into_iter().rev().max_by_key(|place| in_common(place, own)))
    }
}

/// How many path components two repositories begin with alike.
fn in_common(one: &Repository, other: &Repository) -> usize {
    one.as_str().split('/').zip(other.as_str().split('/')).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_near_that_begin_alike() {
        let in_common = |one: &str, other: &str| in_common(&one.parse().unwrap(), &other.parse().unwrap());
        assert_eq!(in_common("team/ml/train", "team/ml/serve"), 2);
        assert_eq!(in_common("team/train", "team/ml/train"), 1);
        assert_eq!(in_common("teams/train", "team/train"), 0);
    }
}
