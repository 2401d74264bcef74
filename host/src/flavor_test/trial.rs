//! One call that is tried, and the rules that hold for every call.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::Value;

use super::findings::Findings;
use super::recording::Recorded;
use super::rule::Rule;
use super::service::Service;
use crate::egress::{EgressError, REQUESTS};
use crate::environment::Environment;
use crate::error::Explain as _;
use crate::fixtures::StandIns;
use crate::flavor::{CallError, Flavor, Maker, limits};
use crate::flavor_call::{self, Component, Export, Fixed, FlavorCallError, Given, Input, Outcome, Stopped};
use crate::grant::Grant;

/// What is tested.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The component.
    pub(super) component: &'a Component,
    /// The same, as a flavor.
    pub(super) flavor: &'a Flavor,
    /// Who can mend it.
    pub(super) maker: Maker,
    /// The process's environment; no call reads it.
    pub(super) environment: &'a Environment,
}

/// A call that is made again and again, under other circumstances. Without `Debug`: it holds secrets.
#[derive(Clone)]
pub(super) struct Base {
    /// What makes it another call than others, for findings; empty if nothing does.
    pub(super) label: String,
    /// The export.
    pub(super) export: Export,
    /// The arguments.
    pub(super) input: Input,
    /// Values of the connector's fields.
    pub(super) fields: BTreeMap<String, SecretString>,
    /// The grants.
    pub(super) grants: Vec<Grant>,
    /// Operations that are accepted by name.
    pub(super) accepted_operations: Vec<String>,
    /// The time at which it is made, and its random numbers.
    pub(super) fixed: Fixed,
    /// Where its services' answers are recorded, if they are.
    pub(super) recorded: Option<Recorded>,
}

impl Base {
    /// The call, as findings name it.
    pub(super) fn shown(&self) -> String {
        match self.label.is_empty() {
            true => format!("`{}`", self.export),
            false => format!("`{}` {}", self.export, self.label),
        }
    }
}

impl Subject<'_> {
    /// Makes a call with its requests answered by a service, and holds it to the rules for every call.
    ///
    /// # Errors
    /// When the call can't be made: the flavor lacks the export, or the arguments are not its own.
    pub(super) async fn call(
        &self,
        base: &Base,
        service: &Arc<Service>,
        case: &str,
        findings: &mut Findings,
    ) -> Result<Outcome, FlavorCallError> {
        let given = Given {
            fields: base.fields.clone(),
            made: std::collections::BTreeMap::new(),
            allow_commands: Vec::new(),
            allow_implicit: false,
            grants: base.grants.clone(),
            accepted_operations: base.accepted_operations.clone(),
            maker: self.maker,
            environment: self.environment,
        };
        let answers = Some(Arc::clone(service) as Arc<dyn crate::egress::Answers>);
        let surroundings = base.fixed.surroundings(answers);
        let outcome = flavor_call::call(self.component, base.export, base.input.clone(), given, surroundings).await?;
        examine(&outcome, case, findings);
        Ok(outcome)
    }
}

/// Holds a call to the rules for every call.
fn examine(outcome: &Outcome, case: &str, findings: &mut Findings) {
    let stopped = match &outcome.answer {
        Err(Stopped::Flavor(error)) if matches!(**error, CallError::Failed { .. }) => Some(error.to_string()),
        Err(Stopped::Policy(..)) | Err(_) | Ok(_) => None,
    };
    findings.case(Rule::CallsEnd, case, stopped);
    let observed = &outcome.observed;
    for exchange in &observed.requests {
        let request = exchange.request.line();
        let (denied, exceeded) = match &exchange.answer {
            Err(reason @ (EgressError::Denied(_) | EgressError::Invalid(_))) => (Some(reason.to_string()), None),
            Err(reason @ EgressError::TooLarge) => (None, Some(reason.to_string())),
            _ => (None, None),
        };
        findings.case(Rule::OperationsDeclared, &format!("{case}, {request}"), denied);
        if let Some(exceeded) = exceeded {
            findings.broken(Rule::LimitsRespected, &format!("{case}, {request}"), &exceeded);
        }
    }
    findings.case(Rule::LimitsRespected, case, resources(outcome));
    let leak = leak(outcome);
    findings.case(Rule::SecretsKept, case, leak);
}

/// What a call used too much of.
fn resources(outcome: &Outcome) -> Option<String> {
    let observed = &outcome.observed;
    if observed.dropped_lines > 0 {
        let (all, most) = (observed.dropped_lines + observed.log.len(), limits::LOG_LINES);
        return Some(format!("it logs {all} lines, expected at most {most}"));
    }
    // A request above the limit is none: it is not seen.
    let requests = observed.usage.iter().map(|usage| usage.requests).max().unwrap_or_default();
    if requests >= REQUESTS {
        return Some(format!("it sends {requests} requests, expected fewer than {REQUESTS}"));
    }
    let memory = observed.usage.iter().map(|usage| usage.memory).max().unwrap_or_default();
    let half = limits::MEMORY_BYTES / 2;
    (memory > half).then(|| format!("it has {} MiB of memory, expected at most {} MiB", memory >> 20, half >> 20))
}

/// A line of a call that holds what a service issued.
fn leak(outcome: &Outcome) -> Option<String> {
    let observed = &outcome.observed;
    let issued = StandIns::of(&observed.requests, outcome.password.as_ref());
    let mut lines: Vec<(&str, String)> =
        observed.log.iter().map(|line| ("the log", line.message.as_str().to_owned())).collect();
    lines.extend(observed.stderr.iter().map(|line| ("standard error", line.as_str().to_owned())));
    match &outcome.answer {
        Ok(answer) => texts(&serde_json::to_value(answer).unwrap_or_default(), &mut lines),
        Err(stopped) => {
            lines.push(("the failure", stopped.to_string()));
            lines.extend(stopped.hint().map(|hint| ("the hint", hint.to_string())));
        }
    }
    lines.into_iter().find_map(|(place, line)| {
        let shown = issued.text(&line);
        (shown != line).then(|| format!("{place} has what a service issued: `{shown}`"))
    })
}

/// All texts of an answer.
fn texts(value: &Value, lines: &mut Vec<(&'static str, String)>) {
    match value {
        Value::String(text) => lines.push(("the answer", text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, lines)),
        Value::Object(members) => members.values().for_each(|value| texts(value, lines)),
        _ => {}
    }
}
