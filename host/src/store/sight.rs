//! What a server looks at before each login, in one short question: whether anything changed, whether a newer version
//! has left it behind, and whether its clock is that of the database.

use super::clock::{ClockDifference, now};
use super::database::Store;
use super::error::StoreError;
use super::sql::Columns as _;
use super::steps::known;

/// What is seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    /// The number of changes so far, those of what is only remembered left out.
    pub(crate) revision: i64,
    /// This machine's clock against the database's.
    pub(crate) clock: ClockDifference,
}

impl Store {
    /// Looks at the store.
    ///
    /// # Errors
    /// When it can't be read, or a newer crhost has changed it so that this one can't work with it.
    pub(crate) fn look(&self) -> Result<Sight, StoreError> {
        let before = now();
        let rows = self.database.glance(self.database.sight()).map_err(|error| self.database.explain(error))?;
        let after = now();
        let read = rows.into_iter().next().and_then(<(Option<i64>, Option<i64>, Option<i64>)>::of);
        let (revision, least, time) = read.ok_or_else(|| StoreError::Damaged("its revision can't be read".into()))?;
        match least.filter(|least| *least > known()) {
            Some(found) => Err(StoreError::Newer { found, known: known() }),
            None => Ok(Sight {
                revision: revision.unwrap_or(0),
                clock: time.map(|time| ClockDifference::of(before, time, after)).unwrap_or_default(),
            }),
        }
    }

    /// The number of changes so far, those of what is only remembered left out.
    ///
    /// # Errors
    /// As for [`Store::look`].
    pub(crate) fn revision(&self) -> Result<i64, StoreError> {
        self.look().map(|sight| sight.revision)
    }
}
