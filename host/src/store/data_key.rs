//! A new wrapping key for the data key of a shared database.

use std::path::PathBuf;

use super::audit::AuditRecord;
use super::database::Store;
use super::error::StoreError;
use super::wrapping_key::WrappingKey;

impl Store {
    /// Wraps the data key by the key of another file, which is the one to name from then on. Nothing is sealed again,
    /// and who has the old file opens no secret any more.
    ///
    /// # Errors
    /// When the store is not a shared one, or a key can't be used.
    pub(crate) fn rewrap_key(&self, file: PathBuf) -> Result<(), StoreError> {
        let Some(old) = &self.wrapping_key else { return Err(StoreError::NotShared) };
        let new = WrappingKey::load(file)?;
        self.change(AuditRecord::change("key.rewrap", "data key"), |transaction| {
            let key = old.data_key_or_new(transaction)?;
            new.put(transaction, &key)
        })
    }
}
