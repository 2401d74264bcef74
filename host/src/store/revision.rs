//! The number of changes so far: who keeps what was made of the store's content asks for it, and makes it anew when it
//! has changed.

use super::error::StoreError;
use super::sql::Transaction;

/// Counts a change.
pub(super) fn bump(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let sql = "INSERT INTO revision (only_row, number) VALUES (1, 1)
               ON CONFLICT (only_row) DO UPDATE SET number = revision.number + 1";
    transaction.execute(sql, ()).map(drop)
}
