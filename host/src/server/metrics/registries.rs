//! Requests by their registry.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use parking_lot::Mutex;

use crate::store::{AuditOutcome, Name};

/// Registries that are told apart: each is several time series.
const MAX: usize = 200;

/// The name of all others.
const OTHERS: &str = "other";

/// Requests by their registry, which is empty where none is known, and by what came of them.
#[derive(Default)]
pub(super) struct ByRegistry(Mutex<BTreeMap<(String, AuditOutcome), u64>>);

impl ByRegistry {
    /// Counts one.
    pub(super) fn count(&self, registry: Option<&Name>, outcome: AuditOutcome) {
        let mut counts = self.0.lock();
        let name = registry.map_or_else(String::new, ToString::to_string);
        let is_counted = counts.contains_key(&(name.clone(), outcome)) || counts.len() < MAX * 3;
        let name = if is_counted { name } else { OTHERS.to_owned() };
        *counts.entry((name, outcome)).or_default() += 1;
    }

    /// Writes them.
    pub(super) fn write(&self, text: &mut String) {
        let name = "crhost_requests_total";
        // Writing into a String does not fail. A registry's name has no character with a meaning here.
        let _ = writeln!(text, "# HELP {name} Requests for logins.\n# TYPE {name} counter");
        for ((registry, outcome), count) in &*self.0.lock() {
            let _ = writeln!(text, "{name}{{registry=\"{registry}\",outcome=\"{}\"}} {count}", outcome.as_str());
        }
    }
}
