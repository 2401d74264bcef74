//! Who did something.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{Escaped, Printable};

/// Who did something: a caller of a server, by an id token that was verified, or a user of a machine, as the machine
/// says. Neither, where a caller proved nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AuditActor {
    /// The name of the caller's issuer in the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<Escaped>,
    /// Whom the caller's token is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Escaped>,
    /// The claims for which the rule allowed it, by their names in the rule.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) claims: BTreeMap<Escaped, Escaped>,
    /// The user of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<Escaped>,
    /// The machine's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<Escaped>,
}

impl fmt::Display for AuditActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { issuer: Some(issuer), subject, .. } => match subject {
                Some(subject) => write!(f, "{issuer} {subject}"),
                None => write!(f, "{issuer}"),
            },
            Self { user: Some(user), machine: Some(machine), .. } => write!(f, "{user}@{machine}"),
            Self { user: Some(user), .. } => write!(f, "{user}"),
            _ => f.write_str("unknown"),
        }
    }
}

/// It consists of escaped texts.
impl Printable for AuditActor {}
