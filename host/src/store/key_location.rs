//! The location of the key of one machine: a file beside the database, or an entry of the operating system's keyring.
//! A database that many machines share has its own in itself (`data_key.rs`).

use std::fs;
use std::path::PathBuf;

use super::database::Store;
use super::error::StoreError;
use super::key::{self, Key};
#[cfg(feature = "keyring")]
use super::keyring;
#[cfg(not(feature = "keyring"))]
use super::no_keyring as keyring;
use super::sql::Transaction;
use super::{data_key, references};

/// A kind of storage for the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyStorage {
    /// A file that only its owner may open.
    File,
    /// The operating system's keyring.
    Keyring,
}

/// The location of a key.
pub(super) struct KeyLocation {
    pub(super) storage: KeyStorage,
    /// The file's name in the store's directory, or the name of the keyring's entry.
    pub(super) name: String,
}

/// The name of the first key's file; later ones begin with it.
pub(super) const FIRST: &str = "key";

impl KeyStorage {
    /// The storage in one word, as it is shown and stored.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Keyring => "keyring",
        }
    }
}

impl KeyLocation {
    /// The location of the key that is in use.
    pub(super) fn current(connection: &Transaction<'_>) -> Result<Self, StoreError> {
        let sql = "SELECT place, name FROM key";
        let row: Option<(String, String)> = connection.first(sql, ())?;
        let Some((storage, name)) = row else { return Ok(Self { storage: KeyStorage::File, name: FIRST.to_owned() }) };
        let known = [KeyStorage::File, KeyStorage::Keyring].into_iter().find(|known| known.as_str() == storage);
        // The name becomes part of a path, and is one that crhost chose.
        match known.filter(|_| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) {
            Some(storage) => Ok(Self { storage, name }),
            None => Err(StoreError::Damaged("the place of the key is none".into())),
        }
    }
}

impl Store {
    /// The storage of the key, and its file or the keyring's entry, for users.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn key_location(&self) -> Result<(KeyStorage, String), StoreError> {
        if let Some(shared) = &self.data_key {
            return Ok((KeyStorage::File, shared.wrapping.file().display().to_string()));
        }
        let KeyLocation { storage, name } = self.read(KeyLocation::current)?;
        let location = match storage {
            KeyStorage::File => self.key_file(&name).display().to_string(),
            KeyStorage::Keyring => format!("crhost/{name}"),
        };
        Ok((storage, location))
    }

    /// Whether a service has the key that wraps the key of a shared database.
    pub(crate) fn is_key_of_service(&self) -> bool {
        self.data_key.as_ref().is_some_and(|shared| shared.wrapping.is_of_service())
    }

    /// Whether the key exists; the first connector makes it.
    ///
    /// # Errors
    /// When it can't be used, or is missing although connectors are sealed with it.
    pub(crate) fn has_key(&self) -> Result<bool, StoreError> {
        self.unlock()?;
        self.read(|connection| match references::has_connectors(connection)? {
            true => self.key(connection).map(|_| true),
            false => Ok(self.key_if_any(connection)?.is_some()),
        })
    }

    /// The key; `None` if none exists yet.
    pub(super) fn key_if_any(&self, connection: &Transaction<'_>) -> Result<Option<Key>, StoreError> {
        if let Some(shared) = &self.data_key {
            return shared.find(connection);
        }
        self.key_at(&KeyLocation::current(connection)?)
    }

    /// The key of sealed records; that none exists is an error.
    pub(super) fn key(&self, connection: &Transaction<'_>) -> Result<Key, StoreError> {
        if let Some(shared) = &self.data_key {
            let missing = || StoreError::Damaged("the data key is missing".into());
            return shared.find(connection)?.ok_or_else(missing);
        }
        let location = KeyLocation::current(connection)?;
        self.key_at(&location)?.ok_or_else(|| self.missing_key(&location))
    }

    /// The key for a new record. The first one is made while no connector is stored.
    pub(super) fn key_to_seal(&self, connection: &Transaction<'_>) -> Result<Key, StoreError> {
        if let Some(shared) = &self.data_key {
            return shared.find_or_make(connection);
        }
        let location = KeyLocation::current(connection)?;
        if location.storage == KeyStorage::File && !references::has_connectors(connection)? {
            return key::create(&self.key_file(&location.name));
        }
        self.key_at(&location)?.ok_or_else(|| self.missing_key(&location))
    }

    /// The key at a location, if one exists there.
    pub(super) fn key_at(&self, location: &KeyLocation) -> Result<Option<Key>, StoreError> {
        match location.storage {
            KeyStorage::File => key::load(&self.key_file(&location.name)),
            KeyStorage::Keyring => match self.keyring_key.borrow().as_ref() {
                Some((name, key)) if *name == location.name => Ok(Some(key.duplicate())),
                _ => keyring::load(&location.name),
            },
        }
    }

    /// Reads the key from the keyring, if that is its storage, outside of any transaction: the keyring may ask the
    /// user, and other processes must not wait for that.
    pub(super) fn unlock(&self) -> Result<(), StoreError> {
        if let Some(shared) = &self.data_key {
            // A service takes its time, for which no other process must wait.
            if shared.has_to_ask() && !self.together.is_running() {
                shared.open(&self.read(data_key::all)?)?;
            }
            return Ok(());
        }
        let location = self.read(KeyLocation::current)?;
        let is_known = self.keyring_key.borrow().as_ref().is_some_and(|(name, _)| *name == location.name);
        if location.storage == KeyStorage::Keyring && !is_known {
            let key = keyring::load(&location.name)?;
            *self.keyring_key.borrow_mut() = key.map(|key| (location.name, key));
        }
        Ok(())
    }

    /// The error for a key that is not at its location.
    pub(super) fn missing_key(&self, location: &KeyLocation) -> StoreError {
        match location.storage {
            KeyStorage::File => StoreError::NoKey(self.key_file(&location.name).into()),
            KeyStorage::Keyring => StoreError::Keyring(format!("it has no entry `crhost/{}`", location.name).into()),
        }
    }

    /// Removes a key that nothing is sealed with any more. A failure leaves a useless key, and is not an error.
    pub(super) fn remove_key(&self, location: &KeyLocation) {
        match location.storage {
            KeyStorage::File => drop(fs::remove_file(self.key_file(&location.name))),
            KeyStorage::Keyring => keyring::remove(&location.name),
        }
    }

    /// The path of a key's file.
    pub(super) fn key_file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}
