//! What was found, by rule.

use std::collections::BTreeMap;

use super::rule::Rule;
use crate::text::{Escaped, Printable};

/// Findings of one rule that are kept: more tell nothing new.
const KEPT: usize = 10;

/// Characters of a text of a finding.
const CHARS: usize = 400;

/// A case in which a rule was broken.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Finding {
    /// The case: what was called, and how a service answered.
    pub(crate) case: Escaped,
    /// What was wrong, and what was expected.
    pub(crate) problem: Escaped,
}

/// What came of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It held in every case.
    Passed,
    /// It was broken in one case or more.
    Failed,
    /// There was no case.
    Untried,
}

/// Words of crhost's own.
impl Printable for Outcome {}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Untried => "untried",
        })
    }
}

/// A rule, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    /// The rule.
    pub(crate) rule: Rule,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// The cases that it was tried in.
    pub(crate) cases: usize,
    /// Those in which it was broken, the first ones.
    pub(crate) findings: Vec<Finding>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings(BTreeMap<Rule, Entry>);

/// What was found of one rule.
#[derive(Default)]
struct Entry {
    cases: usize,
    findings: Vec<Finding>,
    more: usize,
}

impl Findings {
    /// Counts a case of a rule.
    pub(super) fn tried(&mut self, rule: Rule) {
        self.0.entry(rule).or_default().cases += 1;
    }

    /// Notes that a case broke a rule; the case is counted by [`tried`](Self::tried).
    pub(super) fn broken(&mut self, rule: Rule, case: &str, problem: &str) {
        let entry = self.0.entry(rule).or_default();
        let finding = Finding { case: Escaped::new(case, CHARS), problem: Escaped::new(problem, CHARS) };
        if entry.findings.contains(&finding) {
            return;
        }
        match entry.findings.len() < KEPT {
            true => entry.findings.push(finding),
            false => entry.more += 1,
        }
    }

    /// Counts a case, which broke the rule if there is a problem.
    pub(super) fn case(&mut self, rule: Rule, case: &str, problem: Option<String>) {
        self.tried(rule);
        if let Some(problem) = problem {
            self.broken(rule, case, &problem);
        }
    }

    /// An entry for every rule.
    pub(super) fn by_rule(mut self) -> Vec<Tried> {
        let tried = |rule: Rule| {
            let Entry { cases, findings, more } = self.0.remove(&rule).unwrap_or_default();
            let outcome = match (cases, findings.is_empty()) {
                (_, false) => Outcome::Failed,
                (0, true) => Outcome::Untried,
                (_, true) => Outcome::Passed,
            };
            Tried { rule, outcome, cases, findings, more }
        };
        Rule::ALL.into_iter().map(tried).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_an_outcome_and_findings_are_bounded() {
        let mut findings = Findings::default();
        findings.case(Rule::UriPure, "a", None);
        for at in 0..KEPT + 3 {
            findings.case(Rule::CallsEnd, &format!("case {at}"), Some("it stopped".to_owned()));
        }
        findings.broken(Rule::CallsEnd, "case 0", "it stopped");
        let tried = findings.by_rule();
        let of = |rule: Rule| tried.iter().find(|tried| tried.rule == rule).unwrap();
        assert_eq!(tried.len(), Rule::ALL.len());
        assert_eq!(of(Rule::UriPure).outcome, Outcome::Passed);
        assert_eq!(of(Rule::RetryAfter).outcome, Outcome::Untried);
        let calls = of(Rule::CallsEnd);
        assert_eq!((calls.outcome, calls.cases, calls.findings.len(), calls.more), (Outcome::Failed, 13, KEPT, 3));
    }
}
