//! A part of the log that a CI system can fold.

use super::{ci, output};

/// The part, until it is dropped.
pub(super) struct LogGroup(Option<String>);

/// Begins a part; nothing is written where there is no CI system that folds, or standard error is for programs.
#[must_use]
pub(super) fn begin(title: &str) -> LogGroup {
    let Some((begin, end)) = ci::group(title) else { return LogGroup(None) };
    output::say_to_ci([begin]);
    LogGroup(Some(end))
}

impl Drop for LogGroup {
    fn drop(&mut self) {
        output::say_to_ci(self.0.take());
    }
}
