//! Statements of which it is known whether they changed anything.

use std::cell::Cell;

use super::engine::Engine;
use super::value::Value;
use crate::store::error::StoreError;

/// The statements of a transaction.
pub(in crate::store) struct Counted<'a> {
    engine: &'a dyn Engine,
    has_changed: Cell<bool>,
}

impl<'a> Counted<'a> {
    /// Those of this transaction.
    pub(in crate::store) fn of(engine: &'a dyn Engine) -> Self {
        Self { engine, has_changed: Cell::default() }
    }

    /// Whether a row was changed so far.
    pub(in crate::store) fn has_changed(&self) -> bool {
        self.has_changed.get()
    }
}

impl Engine for Counted<'_> {
    fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let changed = self.engine.execute(sql, values)?;
        self.has_changed.set(self.has_changed() || changed > 0);
        Ok(changed)
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>, StoreError> {
        self.engine.query(sql, values)
    }

    fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.has_changed.set(true);
        self.engine.batch(sql)
    }

    fn lock_audit(&self) -> Result<(), StoreError> {
        self.engine.lock_audit()
    }
}
