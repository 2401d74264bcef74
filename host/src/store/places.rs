//! Which repositories have which blobs, as far as earlier pushes told: a registry can take a blob over from there. What is
//! kept here is a guess that the registry confirms or denies.

use super::{Store, StoreError, now};
use crate::image::{Digest, Host, Repository};

/// Places kept in all: the layers of some thousand images. Whoever pushed longest ago is forgotten first.
const KEPT: u32 = 20_000;

impl Store {
    /// The repositories of a host that had a blob, the latest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn places(&self, host: &Host, digest: &Digest) -> Result<Vec<Repository>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT repository FROM blob_places WHERE host = ?1 AND digest = ?2 ORDER BY seen_at DESC";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([&host.to_string(), digest.as_str()], |row| row.get::<_, String>(0))?;
            let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
            // What is damaged here is as good as not known.
            Ok(rows.iter().filter_map(|repository| repository.parse().ok()).collect())
        })
    }

    /// Keeps that a repository has blobs, and forgets the oldest places.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn learn_places<'a>(
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
            transaction.execute(sql, [KEPT])?;
            Ok(())
        })
    }

    /// Forgets that a repository has a blob: its registry says no.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn forget_place(&self, host: &Host, repository: &Repository, digest: &Digest) -> Result<(), StoreError> {
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
    fn places_of_blobs_are_known_until_they_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        let (host, other): (Host, Host) = ("a.example".parse().unwrap(), "b.example".parse().unwrap());
        let (one, two): (Repository, Repository) = ("team/one".parse().unwrap(), "team/two".parse().unwrap());
        let digest = Digest::of(b"layer");
        store.learn_places(&host, &one, [&digest, &Digest::of(b"another")]).unwrap();
        store.learn_places(&host, &two, [&digest]).unwrap();
        let mut known = store.places(&host, &digest).unwrap();
        known.sort();
        assert_eq!(known, [one.clone(), two.clone()]);
        assert!(store.places(&other, &digest).unwrap().is_empty());
        store.forget_place(&host, &one, &digest).unwrap();
        assert_eq!(store.places(&host, &digest).unwrap(), [two]);
        assert_eq!(store.places(&host, &Digest::of(b"another")).unwrap(), [one]);
    }
}
