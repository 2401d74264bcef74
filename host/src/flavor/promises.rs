//! What the contract promises of a flavor and its types can't say: that its description is constant and complete, and
//! that its own examples are URIs of its kind, in a form that stays.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::CallError;
use super::handle::Flavor;
use super::limits;
use super::model::{Description, OptionSpec};
use super::surroundings::{Observed, Observer, Surroundings};
use crate::text::Escaped;

/// Times at which a flavor describes itself again, in 2001 and in 2005: whatever it takes of a time, one of the two
/// differs from the time at which it was admitted.
const OTHER_TIMES: [u64; 2] = [1_000_000_000, 1_111_111_111];

/// Wall time to judge all examples: as that of one call with requests. In an interpreter one takes 50 ms.
const EXAMPLES_TIME: Duration = limits::SERVICE_CALL_TIME;

/// A promise of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// The description says what everything is for.
    Complete,
    /// The description is always the same, and needs nothing of the host.
    Static,
    /// The examples of the description are accepted.
    Examples,
    /// A canonical URI is returned unchanged.
    Canonical,
    /// URIs are judged without requests.
    Pure,
}

/// A promise that a flavor breaks.
#[derive(Debug, Clone)]
pub(crate) struct BrokenPromise {
    /// The promise.
    pub(crate) promise: Promise,
    /// What was called.
    pub(crate) case: Escaped,
    /// What is wrong, in words that stand alone.
    pub(crate) problem: Escaped,
}

impl BrokenPromise {
    fn new(promise: Promise, case: &str, problem: &str) -> Self {
        Self { promise, case: case.into(), problem: problem.into() }
    }
}

/// The promises that a flavor breaks: those that its description and its own examples tell of.
pub(crate) async fn broken_promises(flavor: &Flavor) -> Vec<BrokenPromise> {
    let observer = Arc::new(Observer::default());
    let [flavor, later] = OTHER_TIMES.map(|time| {
        let observer = Some(Arc::clone(&observer));
        flavor.within(Surroundings { clock: Some(time), seed: Some(time), observer, answers: None })
    });
    let mut broken = incomplete(flavor.description());
    for flavor in [&flavor, &later] {
        let problem = match flavor.describe().await {
            Err(error) => Some(error.to_string()),
            Ok(again) if again != *flavor.description() => {
                Some("`describe` gave another answer the second time".to_owned())
            }
            Ok(_) => calls_of_host(&observer.take()),
        };
        if let Some(problem) = problem {
            broken.push(BrokenPromise::new(Promise::Static, "`describe`", &problem));
            break;
        }
    }
    let start = Instant::now();
    for example in &flavor.description().uri_examples {
        let case = format!("`validate-uri` `{example}`");
        if start.elapsed() > EXAMPLES_TIME {
            let problem = format!("`validate-uri` took longer than {} s for its examples", EXAMPLES_TIME.as_secs());
            broken.push(BrokenPromise::new(Promise::Examples, &case, &problem));
            break;
        }
        let accepted = match flavor.validate_uri(example).await {
            Ok(accepted) => accepted.uri.to_string(),
            Err(error) => {
                let problem = format!("the example `{example}` of `describe` is not accepted: {error}");
                broken.push(BrokenPromise::new(Promise::Examples, &case, &problem));
                if matches!(error, CallError::Failed { .. }) {
                    // The next one would trap as well, or think as long.
                    break;
                }
                continue;
            }
        };
        let problem = match flavor.validate_uri(&accepted).await {
            Ok(again) if again.uri.to_string() == accepted => None,
            Ok(again) => Some(format!("the canonical form `{accepted}` becomes `{}` the second time", again.uri)),
            Err(error) => Some(format!("the canonical form `{accepted}` is not accepted: {error}")),
        };
        broken.extend(problem.map(|problem| BrokenPromise::new(Promise::Canonical, &case, &problem)));
        if let Some(exchange) = observer.take().requests.first() {
            let problem = format!("`validate-uri` sends a request: {}", exchange.request.line());
            broken.push(BrokenPromise::new(Promise::Pure, &case, &problem));
        }
    }
    broken
}

/// What a call asked of the host, which it must not.
fn calls_of_host(observed: &Observed) -> Option<String> {
    match (observed.requests.first(), observed.log.first()) {
        (Some(exchange), _) => Some(format!("`describe` sends a request: {}", exchange.request.line())),
        (None, Some(line)) => Some(format!("`describe` writes to the log: {}", line.message)),
        (None, None) => None,
    }
}

/// What is missing or pointless in a description.
fn incomplete(description: &Description) -> Vec<BrokenPromise> {
    let mut summaries = vec![("the flavor".to_owned(), description.summary.as_str())];
    for OptionSpec { name, summary, .. } in &description.options {
        summaries.push((format!("the option `{name}`"), summary));
    }
    for method in &description.auth_methods {
        summaries.push((format!("the auth method `{method}`"), &method.summary));
        for field in &method.fields {
            summaries.push((format!("the field `{}` of `{method}`", field.name), &field.summary));
        }
        for operation in method.all_operations() {
            summaries.push((format!("the operation `{}`", method.operation_name(operation)), &operation.summary));
        }
    }
    for operation in description.operations.iter().chain(&description.cleanup_operations) {
        summaries.push((format!("the operation `{}`", operation.name), &operation.summary));
    }
    let empty = summaries.into_iter().filter(|(_, summary)| summary.trim().is_empty());
    let mut problems: Vec<String> = empty.map(|(what, _)| format!("{what} has no summary")).collect();
    let pointless = description.options.iter().filter(|option| option.required && option.default.is_some());
    problems.extend(pointless.map(|option| format!("the option `{}` is required and has a default", option.name)));
    problems.iter().map(|problem| BrokenPromise::new(Promise::Complete, "`describe`", problem)).collect()
}
