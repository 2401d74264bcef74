//! The checks of a verification, and what came of each.

use serde::Serialize;

/// A check, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Check {
    /// The flavor still accepts the URI, in this form.
    Uri,
    /// The flavor knows all options, has those that it requires, and may reach the hosts that they name.
    Options,
    /// The flavor can use the connector, and it can be opened.
    Connector,
    /// The flavor gives credentials.
    Credentials,
    /// The registry accepts them.
    Registry,
    /// They allow to push an image.
    Push,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It passed.
    Ok,
    /// It did not pass.
    Failed,
    /// It did not run.
    Skipped,
}

/// A check and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Step {
    /// The check.
    #[serde(rename = "step")]
    pub(crate) check: Check,
    /// Its outcome.
    pub(crate) outcome: Outcome,
    /// The finding, in one line.
    pub(crate) message: String,
    /// What the flavor says besides, in its own words.
    #[serde(rename = "flavorRemarks", skip_serializing_if = "Vec::is_empty")]
    pub(crate) remarks: Vec<String>,
}

impl Check {
    /// The check in one word, as in JSON.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Uri => "uri",
            Self::Options => "options",
            Self::Connector => "connector",
            Self::Credentials => "credentials",
            Self::Registry => "registry",
            Self::Push => "push",
        }
    }
}

impl Outcome {
    /// The outcome in one word, as in JSON.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}
