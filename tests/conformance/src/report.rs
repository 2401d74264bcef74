//! The results: who survives how much, and what of it is a fault.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::client::Client;
use crate::plan::Combination;
use crate::quirk::Expectation;
use crate::run::{Outcome, Push, accepted, expectation};

/// A combination with each client's push.
pub(crate) struct Row<'a> {
    /// What was in force.
    pub(crate) quirks: Combination<'a>,
    /// What came of it.
    pub(crate) pushes: BTreeMap<Client, Push>,
}

/// A push by crhost that isn't as expected.
#[derive(Serialize)]
pub(crate) struct Fault {
    /// The fewest quirks that suffice.
    pub(crate) quirks: Vec<String>,
    /// Where the first of them was seen.
    pub(crate) sources: Vec<String>,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The peers that survive the combination in which it was found.
    pub(crate) survived_by: Vec<&'static str>,
    /// What was seen.
    pub(crate) evidence: Vec<String>,
}

impl Row<'_> {
    /// Whether crhost must do better. A secret that leaks is always a fault.
    pub(crate) fn is_fault(&self) -> bool {
        let Some(push) = self.pushes.get(&Client::Crhost) else { return false };
        let excused = match push.outcome {
            Outcome::Survived | Outcome::Leaked => false,
            Outcome::Wrong => self.quirks.iter().any(|quirk| quirk.decided.is_some()),
            Outcome::Failed | Outcome::Hung => self.quirks.iter().any(|quirk| quirk.open || quirk.decided.is_some()),
        };
        !excused && !accepted(push.outcome, expectation(&self.quirks))
    }

    /// The quirk that runs here alone and with which crhost is known to fail: whether it still does.
    fn open(&self) -> Option<(&str, bool)> {
        let quirk = self.quirks.iter().find(|quirk| quirk.open)?;
        let alone = self.quirks.iter().all(|other| other.id == quirk.id || quirk.with.contains(&other.id));
        let outcome = self.pushes.get(&Client::Crhost)?.outcome;
        alone.then_some((quirk.id.as_str(), outcome != Outcome::Survived))
    }

    /// Whether crhost fails where nothing is expected, and a peer doesn't.
    pub(crate) fn is_difference(&self) -> bool {
        let failed = self.pushes.get(&Client::Crhost).is_some_and(|push| push.outcome == Outcome::Failed);
        failed && expectation(&self.quirks) == Expectation::Either && !self.survivors().is_empty()
    }

    /// The peers that push.
    pub(crate) fn survivors(&self) -> Vec<&'static str> {
        let survived = |(client, push): (&Client, &Push)| {
            (*client != Client::Crhost && push.outcome == Outcome::Survived).then(|| client.name())
        };
        self.pushes.iter().filter_map(survived).collect()
    }
}

/// Numbers of each outcome for a client: of pushes that must succeed, and of all others.
fn counts(rows: &[Row<'_>], client: Client) -> BTreeMap<(bool, Outcome), usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        if let Some(push) = row.pushes.get(&client) {
            *counts.entry((expectation(&row.quirks) == Expectation::Push, push.outcome)).or_default() += 1;
        }
    }
    counts
}

/// The outcomes in the order of the columns.
const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Survived, "survived"),
    (Outcome::Failed, "failed"),
    (Outcome::Wrong, "wrong"),
    (Outcome::Leaked, "leaked"),
    (Outcome::Hung, "hung"),
];

/// For a reader: a table, the faults with their evidence, and the differences.
pub(crate) fn text(clients: &[Client], rows: &[Row<'_>], faults: &[Fault]) -> String {
    let mut text = format!("{:8} {:24}", "client", "combinations");
    OUTCOMES.iter().for_each(|(_, name)| text.push_str(&format!("{name:>10}")));
    for &client in clients {
        let counts = counts(rows, client);
        for (must, of) in [(true, "that must be pushed"), (false, "that break a rule")] {
            text.push_str(&format!("\n{:8} {of:24}", client.name()));
            for (outcome, _) in OUTCOMES {
                text.push_str(&format!("{:10}", counts.get(&(must, outcome)).copied().unwrap_or(0)));
            }
        }
    }
    text.push('\n');
    for fault in faults {
        let by = if fault.survived_by.is_empty() { "no peer".to_owned() } else { fault.survived_by.join(", ") };
        text.push_str(&format!("\nfault: {} ({:?}; survived by {by})\n", fault.quirks.join(" + "), fault.outcome));
        fault.sources.iter().for_each(|source| text.push_str(&format!("    seen in: {source}\n")));
        fault.evidence.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
    for row in rows {
        let Some((id, fails)) = row.open() else { continue };
        let by = row.survivors();
        let by = if by.is_empty() { String::new() } else { format!(", survived by {}", by.join(", ")) };
        let state = if fails { "open" } else { "open, survived this time" };
        text.push_str(&format!("{state}: {id}{by}\n"));
    }
    for row in rows.iter().filter(|row| row.is_difference()) {
        let ids: Vec<&str> = row.quirks.iter().map(|quirk| quirk.id.as_str()).collect();
        text.push_str(&format!("\ndifference: {} is survived by {}\n", ids.join(" + "), row.survivors().join(", ")));
        let evidence = row.pushes.get(&Client::Crhost).map(|push| push.evidence.as_slice()).unwrap_or_default();
        evidence.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
    text
}

/// For programs: all pushes, and the faults.
pub(crate) fn json(rows: &[Row<'_>], faults: &[Fault]) -> String {
    let pushes: Vec<_> = rows
        .iter()
        .map(|row| {
            let ids: Vec<&str> = row.quirks.iter().map(|quirk| quirk.id.as_str()).collect();
            let outcomes: BTreeMap<_, _> = row.pushes.iter().map(|(c, push)| (c.name(), push.outcome)).collect();
            let seconds: BTreeMap<_, _> = row.pushes.iter().map(|(c, push)| (c.name(), push.seconds)).collect();
            json!({"quirks": ids, "seconds": seconds, "expected": format!("{:?}", expectation(&row.quirks)).to_lowercase(),
                "outcomes": outcomes})
        })
        .collect();
    json!({"pushes": pushes, "faults": faults}).to_string()
}
