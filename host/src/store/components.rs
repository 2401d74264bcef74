//! The bytes of registered components, by their digests: files of one machine, or rows of a database that many share.

use std::fs;

use super::component_place::Components;
use super::database::Store;
use super::error::StoreError;
use super::flavors::is_component_used;
use super::sql::Transaction;
use crate::files::atomic;
use crate::image::Digest;

impl Store {
    /// The component of a digest, verified; `whose` names its flavor or policy.
    ///
    /// # Errors
    /// When it is missing or was changed.
    pub(super) fn read_component(&self, digest: &Digest, whose: impl Fn() -> String) -> Result<Vec<u8>, StoreError> {
        let bytes = match &self.components {
            Components::Files(directory) => {
                let path = Components::file(directory, digest);
                fs::read(&path).map_err(|reason| StoreError::File { path: path.into(), reason: reason.into() })?
            }
            Components::Rows => {
                let sql = "SELECT bytes FROM components WHERE digest = ?1";
                let row: Option<Vec<u8>> = self.read(|view| view.first(sql, [digest.as_str()]))?;
                row.ok_or_else(|| StoreError::Damaged(format!("the component of {} is missing", whose()).into()))?
            }
        };
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(StoreError::Damaged(format!("the component of {} has changed since it was registered", whose()).into()))
        }
    }

    /// Keeps a component. To be called in the transaction that writes its row.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn write_component(
        &self,
        transaction: &Transaction<'_>,
        digest: &Digest,
        component: &[u8],
    ) -> Result<(), StoreError> {
        match &self.components {
            Components::Files(directory) => {
                let path = Components::file(directory, digest);
                atomic::replace(&path, component)
                    .map_err(|reason| StoreError::File { path: path.into(), reason: reason.into() })
            }
            Components::Rows => {
                let sql = "INSERT INTO components (digest, bytes) VALUES (?1, ?2)
                           ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes";
                transaction.execute(sql, (digest.as_str(), component)).map(drop)
            }
        }
    }

    /// Removes a component when no flavor or policy has it any more. A kill before this leaves an unused one.
    ///
    /// # Errors
    /// When it can't be removed.
    pub(super) fn remove_unused_component(&self, digest: &Digest) -> Result<(), StoreError> {
        // A file that is gone does not come back with a transaction that is taken back.
        if self.together.postpone(digest) {
            return Ok(());
        }
        self.remember(|transaction| {
            if is_component_used(transaction, digest)? {
                return Ok(());
            }
            match &self.components {
                Components::Files(directory) => {
                    let path = Components::file(directory, digest);
                    match fs::remove_file(&path) {
                        // Of two that are removed, both may have had the same bytes.
                        Err(reason) if reason.kind() != std::io::ErrorKind::NotFound => {
                            Err(StoreError::File { path: path.into(), reason: reason.into() })
                        }
                        _ => Ok(()),
                    }
                }
                Components::Rows => {
                    transaction.execute("DELETE FROM components WHERE digest = ?1", [digest.as_str()]).map(drop)
                }
            }
        })
    }
}
