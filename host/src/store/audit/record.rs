//! What is recorded.

use serde::{Deserialize, Serialize};

use super::action::AuditAction;
use super::actor::AuditActor;
use super::time::AuditTime;
use crate::image::Digest;
use crate::text::{Escaped, Printable};

/// What was done, or refused. Its JSON is what is stored and hashed: members in this order, absent ones left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AuditRecord {
    /// When, by the clock of the machine that wrote it.
    pub(crate) time: AuditTime,
    /// Who.
    pub(crate) actor: AuditActor,
    /// What: `login`, or a change of what is registered, such as `registry.update`.
    pub(crate) action: Escaped,
    /// What came of it.
    pub(crate) outcome: AuditOutcome,
    /// Why not: a kind of problem, such as `denied`, and no text of a provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Escaped>,
    /// How often the same was refused since the last row about it; absent for once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u64>,
    /// The command that made several changes at once, such as `apply`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via: Option<Escaped>,
    /// The name of what was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Escaped>,
    /// The registry's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registry: Option<Escaped>,
    /// The registry's host, or its URI where that was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<Escaped>,
    /// The repository; absent for the whole registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repository: Option<Escaped>,
    /// What the login is for: `pull`, `push` or `delete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<Escaped>,
    /// The flavor's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flavor: Option<Escaped>,
    /// The digest of the component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) component: Option<Digest>,
    /// The rule that allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<Escaped>,
    /// When the login ends; absent where no end is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Escaped>,
    /// The parts that were changed, without values that are secret.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) changed: Vec<Escaped>,
}

/// What came of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum AuditOutcome {
    /// It was done.
    #[default]
    Done,
    /// It was not allowed.
    Refused,
    /// It was allowed, and could not be done.
    Failed,
}

impl AuditOutcome {
    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// One of three words.
impl Printable for AuditOutcome {}

impl std::str::FromStr for AuditOutcome {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Self::Done, Self::Refused, Self::Failed];
        known.into_iter().find(|known| known.as_str() == text).ok_or("expected `done`, `refused` or `failed`")
    }
}

/// Changes of the store.
impl AuditRecord {
    /// A change of a thing of this name.
    pub(in crate::store) fn change(action: AuditAction, target: &str) -> Self {
        Self { action: action.as_str().into(), target: Some(target.into()), ..Self::default() }
    }

    /// It is about this registry.
    pub(in crate::store) fn of_registry(self, name: &str) -> Self {
        Self { registry: Some(name.into()), ..self }
    }

    /// By this flavor, and its component if that is known.
    pub(in crate::store) fn by_flavor(self, name: &str, component: Option<&Digest>) -> Self {
        Self { flavor: Some(name.into()), component: component.cloned(), ..self }
    }

    /// These parts were changed.
    pub(in crate::store) fn with_parts(self, parts: impl IntoIterator<Item = impl Into<Escaped>>) -> Self {
        Self { changed: parts.into_iter().map(Into::into).collect(), ..self }
    }
}
