//! Another key in the place of the old one.
//!
//! A new key is made beside the old one; one transaction seals everything again and stores the new key's location; then
//! the old key is removed. After a kill in between, either key is in use with everything sealed with it, and the other
//! one, which opens nothing, may be left behind.

use super::audit::{AuditAction, AuditRecord};
use super::database::Store;
use super::error::StoreError;
use super::key::{self, Key};
use super::key_location::{FIRST, KeyLocation, KeyStorage};
#[cfg(feature = "keyring")]
use super::keyring;
#[cfg(not(feature = "keyring"))]
use super::no_keyring as keyring;
use super::sql::Transaction;
use super::{client_edits, connectors, random, references};

impl Store {
    /// Seals everything with a new key in `storage`, and returns the number of connectors. That of a shared database
    /// stays in the database, wrapped.
    ///
    /// # Errors
    /// When a connector does not open, or the new key can't be stored; the old key stays in use then.
    pub(crate) fn rotate_key(&self, storage: KeyStorage) -> Result<usize, StoreError> {
        if let Some(shared) = &self.data_key {
            self.unlock()?;
            let ready = shared.wrapping.ready()?;
            return self.change(rotation(), |transaction| {
                let (old, new) = (shared.find(transaction)?, Key::random()?);
                let count = match &old {
                    Some(old) => connectors::seal_again(transaction, old, &new)?,
                    None => 0,
                };
                client_edits::seal_again(transaction, old.as_ref(), &new)?;
                forget_caches(transaction)?;
                self.replace_data_key(transaction, shared, (&ready, &new))?;
                Ok(count)
            });
        }
        // A failure matters only if a connector is sealed, and comes up again below.
        drop(self.unlock());
        let mut old_location = None;
        let count = self.change(rotation(), |transaction| {
            let old = KeyLocation::current(transaction)?;
            let has_connectors = references::has_connectors(transaction)?;
            let old_key = match self.key_at(&old) {
                Err(_) if !has_connectors => None,
                key => key?,
            };
            let new = KeyLocation { storage, name: new_name()? };
            let new_key = self.new_key(&new)?;
            let sealed = match &old_key {
                Some(old_key) => connectors::seal_again(transaction, old_key, &new_key),
                None if !has_connectors => Ok(0),
                None => Err(self.missing_key(&old)),
            };
            let sealed = sealed.and_then(|count| {
                client_edits::seal_again(transaction, old_key.as_ref(), &new_key)?;
                Ok(count)
            });
            let count = sealed.inspect_err(|_| self.remove_key(&new))?;
            old_location = Some(old);
            forget_caches(transaction)?;
            let sql = "INSERT INTO key (only_row, place, name) VALUES (1, ?1, ?2)
                       ON CONFLICT (only_row) DO UPDATE SET place = excluded.place, name = excluded.name";
            transaction.execute(sql, (storage.as_str(), &new.name))?;
            Ok(count)
        })?;
        if let Some(old) = old_location {
            self.remove_key(&old);
        }
        Ok(count)
    }

    fn new_key(&self, location: &KeyLocation) -> Result<Key, StoreError> {
        match location.storage {
            KeyStorage::File => key::create(&self.key_file(&location.name)),
            KeyStorage::Keyring => {
                let key = Key::random()?;
                keyring::save(&location.name, &key)?;
                // Read back before the old key is removed.
                match keyring::load(&location.name)? {
                    Some(stored) if stored.bytes() == key.bytes() => Ok(key),
                    _ => Err(StoreError::Keyring("it did not keep the key".into())),
                }
            }
        }
    }
}

/// What is recorded of it.
fn rotation() -> AuditRecord {
    AuditRecord::change(AuditAction::KeyRotate, "key")
}

/// Removes what is sealed and can be had again.
fn forget_caches(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    // Flavors give them again.
    transaction.execute("DELETE FROM credentials", ())?;
    // The next push reads them again.
    transaction.execute("DELETE FROM configs", ())?;
    Ok(())
}

fn new_name() -> Result<String, StoreError> {
    Ok(format!("{FIRST}-{:016x}", u64::from_le_bytes(*random::bytes()?)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use secrecy::ExposeSecret as _;

    use super::super::put::IfTaken;
    use super::super::{CachedCredential, ConnectorRecord, Home, StoredField, StoredKind, StoredValue};
    use super::*;

    fn connector(name: &str) -> ConnectorRecord {
        let value = StoredValue::Given("hunter2".into());
        let field = StoredField { name: "password".into(), kind: StoredKind::Secret, public_members: vec![], value };
        ConnectorRecord {
            name: name.parse().unwrap(),
            connector_type: "vault".into(),
            method: "password".into(),
            fields: vec![field],
            uses: String::new(),
        }
    }

    fn password(store: &Store, name: &str) -> String {
        match &store.connector(&name.parse().unwrap()).ok().unwrap().fields[0].value {
            StoredValue::Given(value) => value.expose_secret().to_owned(),
            StoredValue::Implicit(_) => panic!("it was given"),
        }
    }

    #[test]
    fn everything_opens_with_the_new_key_and_the_old_one_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        store.put_connector(&connector("a"), IfTaken::Refuse).unwrap();
        store.put_connector(&connector("b"), IfTaken::Refuse).unwrap();
        let credential =
            CachedCredential { username: "u".into(), password: "p".into(), expires_at: u64::MAX, given_at: None };
        store.cache_credential(b"cache key", &credential).unwrap();
        let (_, old) = store.key_location().unwrap();
        let bytes = fs::read(&old).unwrap();
        assert_eq!(store.rotate_key(KeyStorage::File).unwrap(), 2);
        let (storage, new) = store.key_location().unwrap();
        assert_eq!(storage, KeyStorage::File);
        assert_ne!(old, new);
        assert!(fs::metadata(old).is_err());
        assert_ne!(fs::read(new).unwrap(), bytes);
        for name in ["a", "b"] {
            assert_eq!(password(&store, name), "hunter2");
        }
        assert!(store.cached_credential(b"cache key", 0).unwrap().is_none());
        store.put_connector(&connector("c"), IfTaken::Refuse).unwrap();
        assert_eq!(password(&store, "c"), "hunter2");
    }

    #[test]
    fn a_rotation_that_fails_leaves_the_old_key() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        store.put_connector(&connector("a"), IfTaken::Refuse).unwrap();
        store.put_connector(&connector("b"), IfTaken::Refuse).unwrap();
        let sql = "UPDATE connectors SET fields = x'00' WHERE name = 'b'";
        store.change(rotation(), |transaction| transaction.execute(sql, ())).unwrap();
        let before = store.key_location().unwrap();
        assert!(matches!(store.rotate_key(KeyStorage::File), Err(StoreError::Damaged(_))));
        assert_eq!(store.key_location().unwrap(), before);
        assert_eq!(password(&store, "a"), "hunter2");
        let keys = fs::read_dir(PathBuf::from(before.1).parent().unwrap()).unwrap();
        let keys = keys.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with(FIRST));
        assert_eq!(keys.count(), 1, "a key was left behind");
    }

    fn readers_find_a_whole_store_while_keys_change(home: &Home) {
        Store::open(home).unwrap().put_connector(&connector("a"), IfTaken::Refuse).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let store = Store::open(home).unwrap();
                for _ in 0..20 {
                    store.rotate_key(KeyStorage::File).unwrap();
                }
            });
            let store = Store::open(home).unwrap();
            for _ in 0..200 {
                assert_eq!(password(&store, "a"), "hunter2");
            }
        });
    }

    crate::store::homes::in_both_homes! {
        readers_find_a_whole_store_while_keys_change,
    }
}
