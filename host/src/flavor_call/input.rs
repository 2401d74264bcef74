//! The arguments of a call, as flags or as one JSON object with members of the same names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::flavor::{Action, Purpose};

/// The arguments of a call. Those that an export has no use for are left aside.
///
/// Values of secret fields are no part of it: here stand the names of their sources, such as `@env:TOKEN`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Input {
    /// The text that `validate-uri` is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uri: Option<String>,
    /// The URI of the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registry: Option<String>,
    /// Values of options, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) options: BTreeMap<String, String>,
    /// The auth method of the connector, as `TYPE/METHOD` or `METHOD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_method: Option<String>,
    /// Values of the connector's fields, by name: a text, or the source of a secret.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) fields: BTreeMap<String, String>,
    /// The image, below the registry or as a whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<String>,
    /// What credentials are for; to push, unless it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<Purpose>,
    /// A repository, below the registry's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repository: Option<String>,
    /// A manifest's digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<String>,
    /// A tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tag: Option<String>,
    /// What an earlier page gave as `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<String>,
    /// What `make-key` gave as `wrapped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wrapped: Option<String>,
    /// What a policy is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<Action>,
    /// The subject of `admit`, as the contract has it, in place of `action` and `image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<serde_json::Value>,
    /// The evidence of `admit`, as the contract has it; members that are left out are empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<serde_json::Value>,
}

impl Input {
    /// This input where it says something, and `other` where it does not.
    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        let merged = |own: BTreeMap<String, String>, mut other: BTreeMap<String, String>| {
            other.extend(own);
            other
        };
        Self {
            uri: self.uri.or(other.uri),
            registry: self.registry.or(other.registry),
            options: merged(self.options, other.options),
            auth_method: self.auth_method.or(other.auth_method),
            fields: merged(self.fields, other.fields),
            image: self.image.or(other.image),
            purpose: self.purpose.or(other.purpose),
            repository: self.repository.or(other.repository),
            digest: self.digest.or(other.digest),
            tag: self.tag.or(other.tag),
            page: self.page.or(other.page),
            wrapped: self.wrapped.or(other.wrapped),
            action: self.action.or(other.action),
            subject: self.subject.or(other.subject),
            evidence: self.evidence.or(other.evidence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_before_the_members_of_a_file() {
        let read = |json: &str| serde_json::from_str::<Input>(json).unwrap();
        let file = read(r#"{"registry": "a.example", "options": {"a": "1", "b": "1"}, "purpose": "pull"}"#);
        let flags = read(r#"{"registry": "b.example", "options": {"b": "2"}}"#);
        let both = flags.or(file);
        assert_eq!(both, read(r#"{"registry": "b.example", "options": {"a": "1", "b": "2"}, "purpose": "pull"}"#));
        assert!(serde_json::from_str::<Input>(r#"{"registri": "a.example"}"#).is_err());
    }
}
