//! Clocks: this machine's, which rows are stamped with, and that of a database which many machines share.

use super::error::StoreError;
use super::sql::Transaction;
use crate::text::Moment;

/// Seconds by which a machine's clock and the database's may differ. Two machines differ by twice that at most, which
/// are the two minutes before their end in which kept credentials are not handed out.
const MAX_DIFFERENCE: u64 = 60;

/// Unix time in seconds; 0 if the clock is before 1970.
pub(super) fn now() -> i64 {
    Moment::now().0.try_into().unwrap_or(0)
}

/// How far this machine's clock is from that of the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ClockDifference(i64);

impl ClockDifference {
    /// The difference where the database said a time between two of this machine's.
    pub(super) fn of(before: i64, database: i64, after: i64) -> Self {
        // How much of the time between belongs to the way there is not known.
        Self(match database {
            early if early < before => before.saturating_sub(early),
            late if late > after => after.saturating_sub(late),
            _ => 0,
        })
    }

    /// Asks the database in a transaction.
    pub(super) fn ask(transaction: &Transaction<'_>, sql: Option<&'static str>) -> Result<Self, StoreError> {
        let Some(sql) = sql else { return Ok(Self::default()) };
        let before = now();
        Ok(Self::of(before, transaction.only(sql, ())?, now()))
    }

    /// Whether the ends of what others gave can't be told by this machine's clock.
    pub(crate) fn is_too_large(self) -> bool {
        self.0.unsigned_abs() > MAX_DIFFERENCE
    }

    /// In seconds, by which this machine is ahead; negative where it is behind.
    pub(crate) fn seconds(self) -> i64 {
        self.0
    }
}

impl From<i64> for ClockDifference {
    fn from(seconds: i64) -> Self {
        Self(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_difference_and_ten_minutes_are_too_many() {
        for (before, database, after, expected) in [
            (100, 100, 100, 0),
            (100, 130, 140, 0),
            (700, 100, 701, 600),
            (100, 700, 101, -599),
            (0, i64::MAX, 1, -i64::MAX + 1),
        ] {
            let found = ClockDifference::of(before, database, after);
            assert_eq!(found.seconds(), expected);
            assert_eq!(found.is_too_large(), expected.unsigned_abs() > 60);
        }
    }
}
