//! The usage of flavors' calls, kept in the store.

use super::flavors::Catalog;
use crate::flavor::{CallOutcome, Flavor, Usage};
use crate::store::Run;

impl Catalog<'_> {
    /// Stores the usage of a flavor's calls since the last time.
    pub(crate) fn record_usage(&self, flavor: &Flavor) {
        let runs: Vec<Run> = flavor.take_usage().into_iter().map(run_of).collect();
        let name = flavor.description().name.as_str();
        self.store.add_runs(name, &runs);
    }
}

/// The usage of a call as the store keeps it.
#[must_use]
pub(crate) fn run_of(usage: Usage) -> Run {
    let Usage { function, outcome, time, memory, requests } = usage;
    let outcome = match outcome {
        CallOutcome::Done => "done",
        CallOutcome::Refused => "refused",
        CallOutcome::Failed => "failed",
    };
    Run { function: function.to_owned(), outcome: outcome.to_owned(), time, memory, requests }
}
