//! Whether the audit is as it was written.

use super::audit::{AuditFault, AuditHead, AuditRecord, hash};
use super::database::Store;
use super::error::StoreError;

/// Sequence, time, action, registry, record, hash before, hash.
type Columns = (i64, i64, String, Option<String>, String, String, String);

/// Rows that are read at once.
const PAGE: usize = 1_000;

/// The triggers that refuse to change and to remove rows.
const TRIGGERS: [&str; 2] = ["audit_is_not_changed", "audit_is_not_removed"];

impl Store {
    /// The triggers of the audit that are missing or switched off.
    ///
    /// # Errors
    /// When there is no table, or the database can't be read.
    pub(crate) fn missing_audit_triggers(&self) -> Result<Vec<&'static str>, AuditFault> {
        let found: Vec<(String,)> = self.read(|view| view.all(self.database.guards(), ()))?;
        let is_there = |name: &str| found.iter().any(|(found,)| found == name);
        if !is_there("audit") {
            return Err(AuditFault::NoTable);
        }
        Ok(TRIGGERS.into_iter().filter(|name| !is_there(name)).collect())
    }

    /// Walks the whole chain, and returns its last row. With a row that was kept elsewhere, that has to be in it.
    ///
    /// # Errors
    /// The first row that is not as it was written.
    pub(crate) fn check_audit(&self, kept: Option<&AuditHead>) -> Result<AuditHead, AuditFault> {
        let sql = format!(
            "SELECT sequence, time, action, registry, record, previous, hash FROM audit WHERE sequence > ?1
             ORDER BY sequence LIMIT {PAGE}"
        );
        let first: i64 = self.read(|view| view.only("SELECT COALESCE(min(sequence), 1) FROM audit", ()))?;
        if first < 1 {
            return Err(AuditFault::Foreign(first));
        }
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
    let expected = before.sequence.saturating_add(1);
    if sequence != expected {
        return Err(AuditFault::Missing(expected));
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
