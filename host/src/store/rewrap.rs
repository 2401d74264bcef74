//! Another wrapping key for the data key of a shared database, in the place of the old one or beside it.

use std::path::PathBuf;

use super::audit::{AuditAction, AuditRecord};
use super::data_key;
use super::database::Store;
use super::error::StoreError;
use super::key::Key;
use super::sql::Transaction;
use super::wrapping_key::{self, ReadyKey, WrappingKey};

/// What becomes of the wrapping key that was named so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OldWrapping {
    /// It opens the data key as well, until it is removed.
    Kept,
    /// It opens nothing any more.
    Removed,
}

/// A key that wraps the data key.
pub(crate) struct Wrapping {
    /// Its name.
    pub(crate) name: String,
    /// Where it is kept: `file`, or a service's own name for it.
    pub(crate) kept_by: String,
    /// Unix time in seconds since which it does.
    pub(crate) since: i64,
    /// Whether it is the one that this process names.
    pub(crate) is_own: bool,
}

impl Store {
    /// Wraps the data key by the key of another file. Nothing is sealed again. With the old one removed, it opens the
    /// database no more for a process that starts; those that run have the data key in memory.
    ///
    /// # Errors
    /// When the store is not a shared one, or a key can't be used.
    pub(crate) fn rewrap_key(&self, file: PathBuf, old: OldWrapping) -> Result<(), StoreError> {
        let Some(own) = &self.data_key else { return Err(StoreError::NotShared) };
        let new = WrappingKey::load(file, &own.services).map_err(|error| match error {
            // It is not the one that the other servers use.
            StoreError::WrappingKeyFile { path, problem, .. } => {
                let hint = "expected 32 random bytes for you alone: `head -c 32 /dev/urandom > FILE && chmod 600 FILE`";
                StoreError::WrappingKeyFile { path, problem, hint }
            }
            error => error,
        })?;
        let new = new.ready()?;
        self.unlock()?;
        self.change_told(AuditRecord::change(AuditAction::KeyRewrap, "data key"), |transaction, record| {
            let key = own.find_or_make(transaction)?;
            let taken = |row: &data_key::Wrapped| row.wrapping == new.name && row.kept_by != new.kept_by;
            if let Some(other) = data_key::all(transaction)?.into_iter().find(taken) {
                return Err(StoreError::WrappingTaken {
                    name: new.name.as_str().into(),
                    kept_by: other.kept_by.into(),
                });
            }
            // What a file wraps is the same each time; a service may wrap with a newer version of its key.
            let is_done = new.kept_by == wrapping_key::FILE && data_key::is_wrapped_by(transaction, &new.name)?;
            if !is_done {
                data_key::put(transaction, &new, &key)?;
                record.changed.push(format!("+ {} ({})", new.name, new.kept_by).into());
            }
            match old {
                OldWrapping::Removed if own.wrapping.name() != new.name => {
                    record.changed.push(format!("- {}", own.wrapping.name()).into());
                    data_key::remove(transaction, &own.wrapping.name())
                }
                OldWrapping::Removed | OldWrapping::Kept => Ok(()),
            }
        })
    }

    /// Has a wrapping key open the data key no more. The own one, which has to be another, opens it before.
    ///
    /// # Errors
    /// When the store is not a shared one, no key has this name, or it is the own one, or that can't be used.
    pub(crate) fn remove_wrapping(&self, name: &str) -> Result<(), StoreError> {
        let Some(own) = &self.data_key else { return Err(StoreError::NotShared) };
        self.unlock()?;
        self.change(AuditRecord::change(AuditAction::KeyRemove, name), |transaction| {
            let rows = data_key::all(transaction)?;
            if !rows.iter().any(|row| row.wrapping == name) {
                let known = rows.iter().map(|row| row.wrapping.as_str().into()).collect();
                return Err(StoreError::NoWrapping { name: name.into(), known });
            }
            if own.own(&rows)?.wrapping == name {
                return Err(StoreError::WrappingInUse(name.into()));
            }
            own.find(transaction)?;
            data_key::remove(transaction, name)
        })
    }

    /// The keys that wrap the data key, the oldest first; empty for a store that is this machine's alone.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn wrappings(&self) -> Result<Vec<Wrapping>, StoreError> {
        let Some(own) = &self.data_key else { return Ok(Vec::new()) };
        let own = own.wrapping.name();
        let wrapping = |row: data_key::Wrapped| Wrapping {
            is_own: row.wrapping == own,
            name: row.wrapping,
            kept_by: row.kept_by,
            since: row.wrapped_at,
        };
        Ok(self.read(data_key::all)?.into_iter().map(wrapping).collect())
    }

    /// Puts a data key in the place of the old one, which only the own key may wrap: no other one is here to wrap it.
    pub(super) fn replace_data_key(
        &self,
        transaction: &Transaction<'_>,
        own: &data_key::DataKey,
        (ready, new): (&ReadyKey, &Key),
    ) -> Result<(), StoreError> {
        let rows = data_key::all(transaction)?;
        if !rows.is_empty() {
            let name = &own.own(&rows)?.wrapping;
            let others = rows.iter().filter(|row| row.wrapping != *name).map(|row| row.wrapping.as_str().into());
            let others: Vec<_> = others.collect();
            if !others.is_empty() {
                return Err(StoreError::WrappedByOthers(others));
            }
        }
        data_key::put(transaction, ready, new)
    }
}
