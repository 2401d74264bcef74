//! The data key of a database that many machines share: what is secret in it is sealed with that key, and the key
//! itself is in the database, wrapped by another one that is not. The database alone opens nothing, and another
//! wrapping key takes the old one's place without anything being sealed again.

use std::path::PathBuf;

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::aead;
use super::error::StoreError;
use super::key::{self, Key};
use super::sql::Transaction;
use crate::text::Escaped;

/// The key that wraps the data key, from a file that only its owner may open.
pub(super) struct WrappingKey {
    key: Key,
    file: PathBuf,
}

/// The first part of the context that a data key is wrapped for.
const TABLE: &str = "data_key";

/// Domain of the name of a wrapping key: its digest is no help to find it, as it is random.
const PURPOSE: &[u8] = b"crhost wrapping key 1";

impl WrappingKey {
    /// The key in a file, which has to exist.
    pub(super) fn load(file: PathBuf) -> Result<Self, StoreError> {
        let unusable = |problem: Escaped| StoreError::WrappingKeyFile { path: file.as_path().into(), problem };
        let found = key::load_named(&file).map_err(|error| match error {
            StoreError::Damaged(problem) => unusable(problem),
            StoreError::Key { reason, .. } => unusable(reason.to_string().into()),
            error => error,
        })?;
        let key = found.ok_or_else(|| StoreError::NoWrappingKey(file.as_path().into()))?;
        Ok(Self { key, file })
    }

    /// A key that ends with this process.
    pub(super) fn of_this_process() -> Result<Self, StoreError> {
        Ok(Self { key: Key::random()?, file: PathBuf::from("memory") })
    }

    /// The file.
    pub(super) fn file(&self) -> String {
        self.file.display().to_string()
    }

    /// A short name of the key, for the context: another key is told from damage.
    fn name(&self) -> String {
        let digest = digest(&SHA256, &[PURPOSE, self.key.bytes()].concat());
        digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The data key, if there is one yet.
    pub(super) fn data_key(&self, transaction: &Transaction<'_>) -> Result<Option<Key>, StoreError> {
        let row: Option<Vec<u8>> = transaction.first("SELECT wrapped FROM data_key", ())?;
        row.map(|wrapped| self.unwrap(&wrapped)).transpose()
    }

    /// The data key; the first one is made. To be called in a transaction that writes.
    pub(super) fn data_key_or_new(&self, transaction: &Transaction<'_>) -> Result<Key, StoreError> {
        if let Some(key) = self.data_key(transaction)? {
            return Ok(key);
        }
        let key = Key::random()?;
        self.put(transaction, &key)?;
        Ok(key)
    }

    /// Keeps a data key, wrapped, in the place of the old one.
    pub(super) fn put(&self, transaction: &Transaction<'_>, data_key: &Key) -> Result<(), StoreError> {
        let name = self.name();
        let plain = Zeroizing::new(data_key.bytes().to_vec());
        let sealed = aead::seal(&self.key, &[TABLE, &name], plain, "the data key")?;
        let wrapped = [name.as_bytes(), b" ", &sealed].concat();
        let sql = "INSERT INTO data_key (only_row, wrapped) VALUES (1, ?1)
                   ON CONFLICT (only_row) DO UPDATE SET wrapped = excluded.wrapped";
        transaction.execute(sql, [wrapped]).map(drop)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Key, StoreError> {
        let (name, file) = (self.name(), || self.file.as_path().into());
        let sealed = wrapped.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b" "));
        let sealed = sealed.ok_or_else(|| StoreError::OtherWrappingKey(file()))?;
        let plain = aead::open(&self.key, &[TABLE, &name], sealed)
            .ok_or_else(|| StoreError::Damaged("the data key does not open".into()))?;
        Key::parse(&plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    #[test]
    fn a_file_that_is_no_key_is_told_without_advice_that_loses_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        crate::files::atomic::create(&file, &[7; 31]).unwrap();
        let error = WrappingKey::load(file).err().unwrap();
        assert!(error.to_string().ends_with("can't be used: the key has 31 bytes, expected 32"), "{error}");
        assert!(!error.hint().unwrap().as_str().contains("remove"), "{error}");
    }
}
