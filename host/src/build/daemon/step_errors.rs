//! Errors of BuildKit's steps. A build can go on without a step, as without a cache that is missing: it failed only if
//! the error at its end says so, and that one names no step.

use crate::build::error::BuildError;
use crate::build::tail::{CACHE_STEP, Tail};
use crate::text::Escaped;

/// Errors that are kept: a build that fails has one, and those of the steps beside it.
const MAX_ERRORS: usize = 100;
/// Words that BuildKit puts before a reason, once for each part of it that passes the failure on.
const PASSED_ON: [&str; 4] = [
    "failed to solve with frontend dockerfile.v0: ",
    "failed to solve with frontend gateway.v0: ",
    "failed to solve: ",
    "rpc error: code = Unknown desc = ",
];

/// The errors of steps, in their order.
#[derive(Default)]
pub(super) struct StepErrors(Vec<StepError>);

struct StepError {
    digest: String,
    name: String,
    reason: String,
}

impl StepErrors {
    /// Adds the error of a step, unless it is known.
    pub(super) fn add(&mut self, digest: String, name: String, reason: String) {
        if self.0.len() < MAX_ERRORS && self.0.iter().all(|known| known.digest != digest) {
            self.0.push(StepError { digest, name, reason });
        }
    }

    /// Warns of the steps that a build went on without.
    pub(super) fn warn(&self) {
        for StepError { name, reason, .. } in &self.0 {
            let (name, reason) = (Escaped::from(name), Escaped::from(plain(reason)));
            tracing::warn!("the build went on without `{name}`: {reason}");
        }
    }

    /// The error of a build that ended with this reason, or with none and without an image; `None` if no step says why.
    pub(super) fn failure(&self, reason: Option<&str>, mut tail: Tail) -> Option<BuildError> {
        // The reason at the end is that of the step, with words before it.
        let same = self.0.iter().find(|error| reason.is_some_and(|reason| reason.contains(plain(&error.reason))));
        let step = same.or_else(|| self.0.iter().rfind(|error| !error.name.starts_with(CACHE_STEP)));
        let of = |error: Option<&StepError>| error.map(|error| error.reason.clone());
        let reason = of(same).or_else(|| reason.map(ToOwned::to_owned)).or_else(|| of(step))?;
        if let Some(step) = step {
            tail.fail(&step.digest);
        }
        let (step, lines) = tail.end();
        Some(BuildError::failed(step, plain(&reason), lines))
    }
}

/// A reason without the words of those that passed it on.
fn plain(mut reason: &str) -> &str {
    while let Some(rest) = PASSED_ON.iter().find_map(|words| reason.strip_prefix(words)) {
        reason = rest;
    }
    reason
}
