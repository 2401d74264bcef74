//! The operations that the user accepted of a flavor, as a whole.

use super::record::FlavorRecord;
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
        self.change(|transaction| {
            let sql = "UPDATE flavors SET accepted_operations = ?2 WHERE name = ?1";
            transaction.execute(sql, (&flavor.name, accepted))?;
            Ok(())
        })
    }
}
