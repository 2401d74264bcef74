//! The chain: hashes, and new rows at its end.

use super::head::AuditHead;
use super::record::AuditRecord;
use crate::image::Digest;
use crate::store::error::StoreError;
use crate::store::sql::{ToValue as _, Transaction, Value};

/// Rows of one statement. Each number is a statement of its own, which the database prepares once.
const AT_ONCE: [usize; 3] = [32, 8, 1];

/// Columns of a row.
const COLUMNS: usize = 7;

/// The hash of a row (version 1): SHA-256 of four lines, in lower-case hexadecimal digits.
pub(in crate::store) fn hash(sequence: i64, previous: &str, record: &str) -> String {
    Digest::of(format!("crhost audit 1\n{sequence}\n{previous}\n{record}\n").as_bytes()).hex().to_owned()
}

/// The last row.
fn head(transaction: &Transaction<'_>) -> Result<AuditHead, StoreError> {
    let row: Option<(i64, String)> =
        transaction.first("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1", ())?;
    Ok(row.map_or_else(AuditHead::start, |(sequence, hash)| AuditHead { sequence, hash }))
}

/// Adds rows. To be called while no other transaction does: the chain is locked.
pub(in crate::store) fn append(
    transaction: &Transaction<'_>,
    records: &[AuditRecord],
) -> Result<AuditHead, StoreError> {
    let mut head = head(transaction)?;
    let rows = records.iter().map(|record| row(&mut head, record));
    let rows = rows.collect::<Result<Vec<[Value; COLUMNS]>, _>>()?;
    let mut rest = rows.as_slice();
    while let Some((these, others)) = AT_ONCE.iter().find_map(|count| rest.split_at_checked(*count)) {
        if these.is_empty() {
            break;
        }
        transaction.execute(&insert(these.len()), these.concat())?;
        rest = others;
    }
    Ok(head)
}

/// The columns of the next row, which is the head then.
fn row(head: &mut AuditHead, record: &AuditRecord) -> Result<[Value; COLUMNS], StoreError> {
    // Texts and numbers, which JSON can always represent.
    let text = serde_json::to_string(record).unwrap_or_default();
    let sequence = head.sequence.checked_add(1).ok_or(StoreError::AuditEnds(head.sequence))?;
    let previous = head.hash.as_str();
    let hash = hash(sequence, previous, &text);
    let registry = record.registry.as_ref().map(|name| name.as_str().to_owned());
    let columns = [
        sequence.to_value(),
        record.time.0.to_value(),
        record.action.as_str().to_value(),
        registry.to_value(),
        text.to_value(),
        previous.to_value(),
        hash.to_value(),
    ];
    *head = AuditHead { sequence, hash };
    Ok(columns)
}

fn insert(rows: usize) -> String {
    let row = |at: usize| {
        let values: Vec<String> = (1..=COLUMNS).map(|column| format!("?{}", at * COLUMNS + column)).collect();
        format!("({})", values.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO audit (sequence, time, action, registry, record, previous, hash) VALUES {}", rows.join(", "))
}
