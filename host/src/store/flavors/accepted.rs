//! The operations that the user accepted of a flavor, as a whole.

use super::record::FlavorRecord;
use crate::store::audit::{AuditAction, AuditRecord};
use crate::store::database::Store;
use crate::store::error::StoreError;

impl Store {
    /// Makes the accepted operations of a registered flavor those of this record, and no others.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn set_accepted_operations(&self, flavor: &FlavorRecord) -> Result<(), StoreError> {
        // Never fails: a list of strings makes JSON.
        let accepted = serde_json::to_string(&flavor.accepted_operations).unwrap_or_default();
        let record =
            AuditRecord::change(AuditAction::FlavorAccept, &flavor.name).by_flavor(&flavor.name, Some(&flavor.digest));
        let record = record.with_parts(&flavor.accepted_operations);
        self.change(record, |transaction| {
            let sql = "UPDATE flavors SET accepted_operations = ?2 WHERE name = ?1";
            transaction.execute(sql, (&flavor.name, accepted))?;
            Ok(())
        })
    }
}
