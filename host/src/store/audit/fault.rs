//! What is wrong with a chain.

use super::head::AuditHead;
use crate::error::Explain;
use crate::store::error::StoreError;

/// The first row with which a chain is not as it was written.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Verification, hint = "a copy of the database from before shows what was there")]
pub(crate) enum AuditFault {
    /// The rows can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
    /// There is no table.
    #[error("the store has no table `audit`")]
    #[explain(kind = NotFound, hint = "a copy of the database from before has it; crhost makes it in a new one alone")]
    NoTable,
    /// A row has a number that crhost gives to none.
    #[error("row {0} of the audit is not from crhost: its number is below 1")]
    Foreign(i64),
    /// A row is not there.
    #[error("row {0} of the audit is missing")]
    Missing(i64),
    /// A row has another content than its hash says.
    #[error("row {0} of the audit was changed: its hash is another one")]
    Changed(i64),
    /// A row has another hash before it than the row before it has.
    #[error("row {0} of the audit does not follow row {before}: one of them was written anew", before = .0 - 1)]
    Unlinked(i64),
    /// A row is found by other values than it has.
    #[error("row {0} of the audit was changed: its columns are not those of its record")]
    Columns(i64),
    /// A row has no record.
    #[error("row {0} of the audit is damaged: it is no record")]
    #[explain(kind = Verification, hint = "`crhost audit verify` shows the first row that is not as it was written")]
    NoRecord(i64),
    /// The row that was kept elsewhere has another hash.
    #[error("row {} of the audit is another one than `{kept}`: the chain was written anew", .kept.sequence)]
    Rewritten {
        /// What was kept.
        kept: AuditHead,
    },
    /// The chain ends before the row that was kept elsewhere.
    #[error("the audit ends with row {last}, before row {} that was kept: its end was cut off", .kept.sequence)]
    CutOff {
        /// The last row.
        last: i64,
        /// What was kept.
        kept: AuditHead,
    },
}
