//! Where the key is, and another key in its place.
//!
//! A new key is made beside the old one; one transaction seals everything anew and says which key holds; then the old one
//! goes. Killed in between, crhost is left with either key and everything sealed with it, and perhaps with one that opens
//! nothing.

use std::fs;
use std::path::PathBuf;

use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{Connection, OptionalExtension as _};

use super::error::StoreError;
use super::key::{self, Key};
use super::{Store, connectors, keyring};

/// A kind of place for the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyPlace {
    /// A file that only its owner may open.
    File,
    /// The operating system's keyring.
    Keyring,
}

/// Where a key is.
pub(super) struct Whereabouts {
    place: KeyPlace,
    /// The file's name in the folder of the store, or the keyring's entry.
    name: String,
}

/// The name of the first key's file.
const FIRST: &str = "key";

impl KeyPlace {
    /// The place in one word.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
        }
    }
}

impl Store {
    /// Where the key is that stored secrets are sealed with, in words: its place, and the file or the keyring's entry.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn key_place(&self) -> Result<(KeyPlace, String), StoreError> {
        let Whereabouts { place, name } = self.read(whereabouts)?;
        let at = match place {
            KeyPlace::File => self.key_file(&name).display().to_string(),
            KeyPlace::Keyring => format!("crhost/{name}"),
        };
        Ok((place, at))
    }

    /// Seals everything with a new key, which is kept at `place`. Gives the number of connectors that were sealed anew.
    ///
    /// # Errors
    /// When a connector does not open, or the new key can't be kept; the old key holds then.
    pub(crate) fn rotate_key(&self, place: KeyPlace) -> Result<usize, StoreError> {
        // Whether the key can't be had is found out where it is needed.
        drop(self.unlock());
        let mut old = None;
        let count = self.change(|transaction| {
            let was = whereabouts(transaction)?;
            // A key that can't be had matters only to what it opens.
            let key = match self.key_at(&was) {
                Err(_) if connectors::is_empty(transaction)? => None,
                key => key?,
            };
            let missing = self.missing(&was);
            old = Some(was);
            let new = Whereabouts { place, name: fresh_name()? };
            let fresh = match place {
                KeyPlace::File => key::create(&self.key_file(&new.name))?,
                KeyPlace::Keyring => {
                    let fresh = Key::random()?;
                    keyring::save(&new.name, &fresh)?;
                    // Before the old one goes, this one has to come back.
                    match keyring::load(&new.name)? {
                        Some(kept) if kept.bytes() == fresh.bytes() => fresh,
                        _ => return Err(StoreError::Keyring("it did not keep the key".to_owned())),
                    }
                }
            };
            let sealed_anew = match key {
                Some(key) => connectors::seal_anew(transaction, &key, &fresh),
                None if connectors::is_empty(transaction)? => Ok(0),
                None => Err(missing),
            };
            let count = sealed_anew.inspect_err(|_| self.remove_key(&new))?;
            // They are asked for again.
            transaction.execute("DELETE FROM credentials", [])?;
            let sql = "INSERT OR REPLACE INTO key (only_row, place, name) VALUES (1, ?1, ?2)";
            transaction.execute(sql, (new.place.as_str(), &new.name))?;
            Ok(count)
        })?;
        if let Some(old) = old {
            self.remove_key(&old);
        }
        Ok(count)
    }

    /// The key, if there is one.
    pub(super) fn key_if_any(&self, connection: &Connection) -> Result<Option<Key>, StoreError> {
        self.key_at(&whereabouts(connection)?)
    }

    /// The key, which something was sealed with.
    pub(super) fn key(&self, connection: &Connection) -> Result<Key, StoreError> {
        let at = whereabouts(connection)?;
        self.key_at(&at)?.ok_or_else(|| self.missing(&at))
    }

    /// There is no key where it has to be.
    fn missing(&self, at: &Whereabouts) -> StoreError {
        match at.place {
            KeyPlace::File => StoreError::NoKey(self.key_file(&at.name)),
            KeyPlace::Keyring => StoreError::Keyring(format!("it has no entry `crhost/{}`", at.name)),
        }
    }

    /// The key; the first one is made where nothing that lasts has been sealed yet.
    pub(super) fn key_to_seal(&self, connection: &Connection) -> Result<Key, StoreError> {
        let at = whereabouts(connection)?;
        match at.place {
            KeyPlace::File if connectors::is_empty(connection)? => key::create(&self.key_file(&at.name)),
            KeyPlace::File | KeyPlace::Keyring => self.key(connection),
        }
    }

    fn key_at(&self, at: &Whereabouts) -> Result<Option<Key>, StoreError> {
        match at.place {
            KeyPlace::File => key::load(&self.key_file(&at.name)),
            KeyPlace::Keyring => match self.from_keyring.borrow().as_ref() {
                Some((name, key)) if *name == at.name => Ok(Some(key.again())),
                _ => keyring::load(&at.name),
            },
        }
    }

    /// Gets the key from the keyring, if it is there, while nobody waits for the database: the keyring may ask the user.
    pub(super) fn unlock(&self) -> Result<(), StoreError> {
        let at = self.read(whereabouts)?;
        let is_known = self.from_keyring.borrow().as_ref().is_some_and(|(name, _)| *name == at.name);
        if at.place == KeyPlace::Keyring && !is_known {
            let found = keyring::load(&at.name)?;
            *self.from_keyring.borrow_mut() = found.map(|key| (at.name, key));
        }
        Ok(())
    }

    fn remove_key(&self, at: &Whereabouts) {
        match at.place {
            // It opens nothing any more; to keep it is untidy, and no more than that.
            KeyPlace::File => drop(fs::remove_file(self.key_file(&at.name))),
            KeyPlace::Keyring => keyring::remove(&at.name),
        }
    }

    fn key_file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn whereabouts(connection: &Connection) -> Result<Whereabouts, StoreError> {
    let row: Option<(String, String)> =
        connection.query_row("SELECT place, name FROM key", [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((place, name)) = row else { return Ok(Whereabouts { place: KeyPlace::File, name: FIRST.to_owned() }) };
    let known = [KeyPlace::File, KeyPlace::Keyring].into_iter().find(|known| known.as_str() == place);
    // A name of ours, and no path.
    match known.filter(|_| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) {
        Some(place) => Ok(Whereabouts { place, name }),
        None => Err(StoreError::Damaged("the place of the key is none".to_owned())),
    }
}

fn fresh_name() -> Result<String, StoreError> {
    let mut id = [0; 8];
    let fill = SystemRandom::new().fill(&mut id);
    fill.map_err(|_| StoreError::Damaged("there are no random numbers".to_owned()))?;
    Ok(format!("{FIRST}-{:016x}", u64::from_le_bytes(id)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::super::{ConnectorRecord, Home, KeptCredential, StoredField, StoredKind, StoredValue};
    use super::*;

    fn connector(name: &str) -> ConnectorRecord {
        let value = StoredValue::Given("hunter2".into());
        let field = StoredField { name: "password".into(), kind: StoredKind::Secret, public_members: vec![], value };
        ConnectorRecord {
            name: name.parse().unwrap(),
            connector_type: "vault".into(),
            method: "password".into(),
            fields: vec![field],
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
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        store.add_connector(&connector("a")).unwrap();
        store.add_connector(&connector("b")).unwrap();
        let kept = KeptCredential { username: "u".into(), password: "p".into(), expires_at: u64::MAX };
        store.keep_credential(b"question", &kept).unwrap();
        let (_, old) = store.key_place().unwrap();
        let bytes = fs::read(&old).unwrap();
        assert_eq!(store.rotate_key(KeyPlace::File).unwrap(), 2);
        let (place, new) = store.key_place().unwrap();
        assert_eq!(place, KeyPlace::File);
        assert_ne!(old, new);
        assert!(fs::metadata(old).is_err());
        assert_ne!(fs::read(new).unwrap(), bytes);
        for name in ["a", "b"] {
            assert_eq!(password(&store, name), "hunter2");
        }
        assert!(store.kept_credential(b"question", 0).unwrap().is_none());
        store.add_connector(&connector("c")).unwrap();
        assert_eq!(password(&store, "c"), "hunter2");
    }

    #[test]
    fn a_rotation_that_fails_leaves_the_old_key() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        store.add_connector(&connector("a")).unwrap();
        store.add_connector(&connector("b")).unwrap();
        let spoil = |connection: &rusqlite::Transaction<'_>| -> Result<(), StoreError> {
            connection.execute("UPDATE connectors SET fields = x'00' WHERE name = 'b'", [])?;
            Ok(())
        };
        store.change(spoil).unwrap();
        let before = store.key_place().unwrap();
        assert!(matches!(store.rotate_key(KeyPlace::File), Err(StoreError::Damaged(_))));
        assert_eq!(store.key_place().unwrap(), before);
        assert_eq!(password(&store, "a"), "hunter2");
        let keys = fs::read_dir(PathBuf::from(before.1).parent().unwrap()).unwrap();
        let keys = keys.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with(FIRST));
        assert_eq!(keys.count(), 1, "a key was left behind");
    }

    #[test]
    fn readers_find_a_whole_store_while_keys_change() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        Store::open(&home).unwrap().add_connector(&connector("a")).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let store = Store::open(&home).unwrap();
                for _ in 0..20 {
                    store.rotate_key(KeyPlace::File).unwrap();
                }
            });
            let store = Store::open(&home).unwrap();
            for _ in 0..200 {
                assert_eq!(password(&store, "a"), "hunter2");
            }
        });
    }
}
