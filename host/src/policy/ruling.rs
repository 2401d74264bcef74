//! What one policy said.

use serde::Serialize;

use crate::store::Name;
use crate::text::Escaped;

/// The outcome of asking a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It may happen.
    Allow,
    /// It may happen; the messages are for the user.
    Warn,
    /// It may not happen.
    Deny,
    /// The policy gave no decision, so that it may not happen.
    Failed,
}

/// What one policy said.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Ruling {
    /// The user's name for the policy.
    pub(crate) policy: Name,
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// Its messages, or why it failed.
    pub(crate) messages: Vec<Escaped>,
    /// The next step after a failure.
    #[serde(skip)]
    pub(super) hint: Option<Escaped>,
}

/// A message of a policy that did not keep anything from happening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Warning {
    /// The user's name for the policy.
    pub(crate) policy: Name,
    /// The message, one line.
    pub(crate) message: Escaped,
}

impl Ruling {
    /// Whether it keeps the action from happening.
    #[must_use]
    pub(crate) fn refuses(&self) -> bool {
        matches!(self.outcome, Outcome::Deny | Outcome::Failed)
    }
}
