//! Whether the audit is as it was written.

use super::audit::{AuditFault, AuditHead, AuditRecord, hash};
use super::database::Store;
use super::error::StoreError;

/// Sequence, time, action, registry, record, hash before, hash.
type Columns = (i64, i64, String, Option<String>, String, String, String);

/// Rows that are read at once.
const PAGE: usize = 1_000;

impl Store {
    /// Walks the whole chain, and returns its last row. With a row that was kept elsewhere, that has to be in it.
    ///
    /// # Errors
    /// The first row that is not as it was written.
    pub(crate) fn check_audit(&self, kept: Option<&AuditHead>) -> Result<AuditHead, AuditFault> {
        let sql = format!(
            "SELECT sequence, time, action, registry, record, previous, hash FROM audit WHERE sequence > ?1
             ORDER BY sequence LIMIT {PAGE}"
        );
        let mut head = AuditHead::start();
        loop {
            let rows: Vec<Columns> =
                self.read(|view| view.all(&sql, [head.sequence])).map_err(|error| match error {
                    // A column was emptied.
                    StoreError::Damaged(_) => AuditFault::Columns(head.sequence + 1),
                    error => error.into(),
                })?;
            let is_last = rows.len() < PAGE;
            for row in rows {
                head = check(&head, row)?;
                if let Some(kept) = kept.filter(|kept| kept.sequence == head.sequence && kept.hash != head.hash) {
                    return Err(AuditFault::Rewritten { kept: kept.clone() });
                }
            }
            if is_last {
                break;
            }
        }
        match kept {
            Some(kept) if kept.sequence > head.sequence => {
                Err(AuditFault::CutOff { last: head.sequence, kept: kept.clone() })
            }
            Some(kept) if kept.sequence == 0 && *kept != AuditHead::start() => {
                Err(AuditFault::Rewritten { kept: kept.clone() })
            }
            _ => Ok(head),
        }
    }
}

/// Whether a row follows the one before it, and is what its hash says.
fn check(before: &AuditHead, row: Columns) -> Result<AuditHead, AuditFault> {
    let (sequence, time, action, registry, record, previous, found) = row;
    if sequence != before.sequence + 1 {
        return Err(AuditFault::Missing(before.sequence + 1));
    }
    if hash(sequence, &previous, &record) != found {
        return Err(AuditFault::Changed(sequence));
    }
    if previous != before.hash {
        return Err(AuditFault::Unlinked(sequence));
    }
    let entry: AuditRecord = serde_json::from_str(&record).map_err(|_| AuditFault::Columns(sequence))?;
    let is_found_by = (entry.time.0, entry.action.as_str(), entry.registry.as_deref());
    if is_found_by != (time, action.as_str(), registry.as_deref()) {
        return Err(AuditFault::Columns(sequence));
    }
    Ok(AuditHead { sequence, hash: found })
}
