//! A number that is counted or set.

use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

/// A number.
#[derive(Default)]
pub(crate) struct Number(AtomicU64);

impl Number {
    /// Counts one.
    pub(crate) fn count(&self) {
        self.add(1);
    }

    /// Counts so many.
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Sets it.
    pub(crate) fn set(&self, number: usize) {
        self.0.store(u64::try_from(number).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// As it is now.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Writes a number with its help.
pub(super) fn write(text: &mut String, name: &str, help: &str, kind: &str, number: impl Display) {
    // Writing into a String does not fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {number}");
}
