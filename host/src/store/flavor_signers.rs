//! The keys that have to have signed flavors and policies which come from a registry or a repository of it.

use super::audit::{AuditAction, AuditRecord};
use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use crate::image::Digest;

/// A key that signs what comes from a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FlavorSigner {
    /// The place, as the user wrote it: a host, or a host and a path.
    pub(crate) place: String,
    /// The digest of the key.
    pub(crate) key_id: Digest,
    /// The public key, in PEM.
    pub(crate) key: String,
}

impl Store {
    /// Adds a key for a place; one that is there already stays.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn add_flavor_signer(&self, signer: &FlavorSigner) -> Result<(), StoreError> {
        let record = AuditRecord::change(AuditAction::SignerAdd, &signer.place).with_parts([signer.key_id.as_str()]);
        self.change(record, |transaction| {
            let sql = "INSERT INTO flavor_signers (place, key_id, key, added_at) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (place, key_id) DO NOTHING";
            transaction.execute(sql, (&signer.place, signer.key_id.as_str(), &signer.key, now()))?;
            Ok(())
        })
    }

    /// All keys, by place.
    ///
    /// # Errors
    /// When the store can't be read: what can't be read is no reason to trust less.
    pub(crate) fn flavor_signers(&self) -> Result<Vec<FlavorSigner>, StoreError> {
        self.read(|connection| {
            let rows = connection.all("SELECT place, key_id, key FROM flavor_signers ORDER BY place, key_id", ())?;
            let signer = |(place, key_id, key): (String, String, String)| match key_id.parse() {
                Ok(key_id) => Ok(FlavorSigner { place, key_id, key }),
                Err(_) => {
                    Err(StoreError::Damaged(format!("a key for flavors from `{place}` has a wrong digest").into()))
                }
            };
            rows.into_iter().map(signer).collect()
        })
    }

    /// Removes a key of a place, or all of them.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn remove_flavor_signers(&self, place: &str, key_id: Option<&Digest>) -> Result<(), StoreError> {
        let record = AuditRecord::change(AuditAction::SignerRemove, place).with_parts(key_id.map(Digest::as_str));
        self.change(record, |transaction| {
            let removed = match key_id {
                Some(key_id) => {
                    let sql = "DELETE FROM flavor_signers WHERE place = ?1 AND key_id = ?2";
                    transaction.execute(sql, (place, key_id.as_str()))?
                }
                None => transaction.execute("DELETE FROM flavor_signers WHERE place = ?1", [place])?,
            };
            if removed == 0 { Err(StoreError::NoSigner(place.into())) } else { Ok(()) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Home;

    fn keys_of_a_place_are_added_once_and_removed_one_by_one_or_all(home: &Home) {
        let store = Store::open(home).unwrap();
        let signer = |place: &str, key: &str| FlavorSigner {
            place: place.to_owned(),
            key_id: Digest::of(key.as_bytes()),
            key: key.to_owned(),
        };
        for one in [signer("ghcr.io/acme", "a"), signer("ghcr.io/acme", "b"), signer("ghcr.io/acme", "a")] {
            store.add_flavor_signer(&one).unwrap();
        }
        assert_eq!(store.flavor_signers().unwrap().len(), 2);
        store.remove_flavor_signers("ghcr.io/acme", Some(&Digest::of(b"a"))).unwrap();
        assert_eq!(store.flavor_signers().unwrap(), [signer("ghcr.io/acme", "b")]);
        assert!(store.remove_flavor_signers("ghcr.io", None).is_err());
        store.remove_flavor_signers("ghcr.io/acme", None).unwrap();
        assert_eq!(store.flavor_signers().unwrap(), []);
    }

    crate::store::homes::in_both_homes! {
        keys_of_a_place_are_added_once_and_removed_one_by_one_or_all,
    }
}
