//! Rows of the audit: written by a server, and read.

use std::ops::ControlFlow;

use serde::Serialize;

use super::audit::{self, AuditActions, AuditHead, AuditOutcome, AuditRecord, AuditTime};
use super::database::Store;
use super::error::StoreError;
use super::sql::{Begin, ToValue as _, Transaction, Value};

/// A row.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AuditRow {
    /// Its number, from 1, without gaps.
    pub(crate) sequence: i64,
    /// What it says.
    #[serde(flatten)]
    pub(crate) entry: AuditRecord,
    /// The same as it is stored: the text that is hashed.
    pub(crate) record: String,
    /// The hash of the row before it.
    pub(crate) previous: String,
    /// Its hash.
    pub(crate) hash: String,
}

/// Which rows are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditFilter {
    /// Not before this time.
    pub(crate) since: Option<AuditTime>,
    /// Before this time.
    pub(crate) until: Option<AuditTime>,
    /// About this registry.
    pub(crate) registry: Option<String>,
    /// Of this action, or a group of them such as `registry`.
    pub(crate) action: Option<AuditActions>,
    /// With this text in what is shown of the actor.
    pub(crate) actor: Option<String>,
    /// With this outcome.
    pub(crate) outcome: Option<AuditOutcome>,
    /// Among so many of the last rows.
    pub(crate) last: Option<u32>,
}

/// Rows that are read at once.
const PAGE: usize = 1_000;

impl AuditFilter {
    /// The statement for rows after the one with the first value, and its further values.
    fn sql(&self) -> (String, Vec<Value>) {
        let mut values = Vec::new();
        let mut sql = "SELECT sequence, record, previous, hash FROM audit WHERE sequence > ?1".to_owned();
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            sql.push_str(&condition.replace('#', &format!("?{}", values.len() + 1)));
        };
        if let Some(since) = self.since {
            add(" AND time >= #", since.0.to_value());
        }
        if let Some(until) = self.until {
            add(" AND time < #", until.0.to_value());
        }
        if let Some(registry) = &self.registry {
            // One that was copied or renamed is found by its new name too.
            let sql = " AND (registry = # OR action = 'registry.copy' OR action = 'registry.rename')";
            add(sql, registry.to_value());
        }
        if let Some(action) = &self.action {
            add(" AND (action = # OR substr(action, 1, length(#) + 1) = # || '.')", action.as_str().to_value());
        }
        sql.push_str(&format!(" ORDER BY sequence LIMIT {PAGE}"));
        (sql, values)
    }

    fn has(&self, entry: &AuditRecord) -> bool {
        self.outcome.is_none_or(|outcome| entry.outcome == outcome)
            && self.registry.as_ref().is_none_or(|name| {
                let is_new = ["registry.copy", "registry.rename"].iter().any(|action| entry.action == *action);
                entry.registry.as_deref() == Some(name)
                    || (is_new && entry.changed.first().is_some_and(|to| to == name))
            })
            && self.actor.as_ref().is_none_or(|actor| entry.actor.to_string().contains(actor.as_str()))
    }
}

impl Store {
    /// Adds rows to the audit, in one transaction of its own that waits for no change of the store. Returns the last.
    ///
    /// # Errors
    /// When they can't be written; whether they were is not known where the connection broke.
    pub(crate) fn append_to_audit(&self, records: &[AuditRecord]) -> Result<AuditHead, StoreError> {
        if let Some(reason) = self.why_fixed() {
            return Err(reason);
        }
        let append = || -> Result<AuditHead, StoreError> {
            let running = self.database.begin(Begin::Append)?;
            let head = audit::append(&Transaction(running.engine()), records)?;
            running.commit()?;
            Ok(head)
        };
        append().map_err(|error| self.database.explain(error))
    }

    /// Checks that a row can follow the last one of the audit.
    ///
    /// # Errors
    /// When none can, or it can't be read.
    pub(crate) fn audit_goes_on(&self) -> Result<(), StoreError> {
        match self.read(|view| view.only("SELECT COALESCE(max(sequence), 0) FROM audit", ()))? {
            i64::MAX => Err(StoreError::AuditEnds(i64::MAX)),
            _ => Ok(()),
        }
    }

    /// Reads rows in their order, some at a time, until it is told to stop. A row that is no record is told by its
    /// number alone.
    ///
    /// # Errors
    /// When they can't be read.
    pub(crate) fn audit_rows(
        &self,
        filter: &AuditFilter,
        mut show: impl FnMut(Vec<AuditRow>) -> ControlFlow<()>,
        mut damaged: impl FnMut(i64),
    ) -> Result<(), StoreError> {
        let (sql, others) = filter.sql();
        // From the very first one, also of what crhost has not written.
        let mut after = i64::MIN;
        if let Some(last) = filter.last {
            let head: i64 = self.read(|view| view.only("SELECT COALESCE(max(sequence), 0) FROM audit", ()))?;
            after = head.saturating_sub(last.into()).max(0);
        }
        loop {
            let mut values = vec![after.to_value()];
            values.extend(others.iter().cloned());
            let rows: Vec<(i64, String, String, String)> = self.read(|view| view.all(&sql, values))?;
            let is_last = rows.len() < PAGE;
            after = rows.last().map_or(after, |row| row.0);
            let rows = rows.into_iter().filter_map(|columns| row(columns).map_err(&mut damaged).ok());
            let shown = show(rows.filter(|row| filter.has(&row.entry)).collect());
            if is_last || shown.is_break() {
                return Ok(());
            }
        }
    }
}

/// A row; its number where it is no record.
fn row((sequence, record, previous, hash): (i64, String, String, String)) -> Result<AuditRow, i64> {
    let entry = serde_json::from_str(&record).map_err(|_| sequence)?;
    Ok(AuditRow { sequence, entry, record, previous, hash })
}
