//! The time that rows are stamped with.

use crate::text::Moment;

/// Unix time in seconds; 0 if the clock is before 1970.
pub(super) fn now() -> i64 {
    Moment::now().0.try_into().unwrap_or(0)
}
