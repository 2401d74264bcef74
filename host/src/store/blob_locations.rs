//! Repositories of blobs, as earlier pushes saw them: a registry can mount a blob from another repository. A row is a
//! guess, which the registry confirms or denies.

use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use crate::image::{Digest, Host, Repository};

/// Most rows: the layers of some thousand images. The oldest rows are removed first.
const MAX_ROWS: u32 = 20_000;

impl Store {
    /// The repositories of a host that had a blob, the latest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn blob_locations(&self, host: &Host, digest: &Digest) -> Result<Vec<Repository>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT repository FROM blob_places WHERE host = ?1 AND digest = ?2 ORDER BY seen_at DESC";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([&host.to_string(), digest.as_str()], |row| row.get::<_, String>(0))?;
            let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
            // A damaged row counts as absent.
            Ok(rows.iter().filter_map(|repository| repository.parse().ok()).collect())
        })
    }

    /// Stores that a repository has blobs, and removes the oldest rows.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn add_blob_locations<'a>(
        &self,
        host: &Host,
        repository: &Repository,
        digests: impl IntoIterator<Item = &'a Digest>,
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            let sql = "INSERT OR REPLACE INTO blob_places (host, digest, repository, seen_at) VALUES (?1, ?2, ?3, ?4)";
            let mut statement = transaction.prepare(sql)?;
            for digest in digests {
                statement.execute((host.to_string(), digest.as_str(), repository.as_str(), now()))?;
            }
            let sql = "DELETE FROM blob_places WHERE seen_at <
                       (SELECT seen_at FROM blob_places ORDER BY seen_at DESC LIMIT 1 OFFSET ?1)";
            transaction.execute(sql, [MAX_ROWS])?;
            Ok(())
        })
    }

    /// Removes a repository of a blob, which its registry denied.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn remove_blob_location(
        &self,
        host: &Host,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            let sql = "DELETE FROM blob_places WHERE host = ?1 AND digest = ?2 AND repository = ?3";
            transaction.execute(sql, [&host.to_string(), digest.as_str(), repository.as_str()])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::*;

    #[test]
    fn locations_of_blobs_are_known_until_they_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let (host, other): (Host, Host) = ("a.example".parse().unwrap(), "b.example".parse().unwrap());
        let (one, two): (Repository, Repository) = ("team/one".parse().unwrap(), "team/two".parse().unwrap());
        let digest = Digest::of(b"layer");
        store.add_blob_locations(&host, &one, [&digest, &Digest::of(b"another")]).unwrap();
        store.add_blob_locations(&host, &two, [&digest]).unwrap();
        let mut known = store.blob_locations(&host, &digest).unwrap();
        known.sort();
        assert_eq!(known, [one.clone(), two.clone()]);
        assert!(store.blob_locations(&other, &digest).unwrap().is_empty());
        store.remove_blob_location(&host, &one, &digest).unwrap();
        assert_eq!(store.blob_locations(&host, &digest).unwrap(), [two]);
        assert_eq!(store.blob_locations(&host, &Digest::of(b"another")).unwrap(), [one]);
    }
}
