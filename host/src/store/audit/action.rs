//! What can be recorded, by its word.

use std::str::FromStr;

use crate::text::{Escaped, nearest, quoted};

/// Something that is recorded. Rows of a newer crhost may have other words, so that they are read as texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuditAction {
    /// A login of a server.
    Login,
    /// A new registry.
    RegistryRegister,
    /// A change of a registry.
    RegistryUpdate,
    /// Another name of a registry.
    RegistryRename,
    /// A second registry like the first.
    RegistryCopy,
    /// A registry is gone.
    RegistryRemove,
    /// The registry in use, or none.
    RegistryUse,
    /// A new connector.
    ConnectorRegister,
    /// A change of a connector.
    ConnectorUpdate,
    /// A connector is gone.
    ConnectorRemove,
    /// A flavor, new or in the place of another one.
    FlavorRegister,
    /// Operations of a flavor that were accepted by name.
    FlavorAccept,
    /// What a flavor may reach.
    FlavorGrant,
    /// The flavor that was registered before.
    FlavorRollback,
    /// A flavor is gone.
    FlavorRemove,
    /// A new policy.
    PolicyRegister,
    /// A change of a policy.
    PolicyUpdate,
    /// A policy is gone.
    PolicyRemove,
    /// A key that flavors of a place have to be signed with.
    SignerAdd,
    /// Such a key is gone.
    SignerRemove,
    /// Another key of stored secrets.
    KeyRotate,
    /// Other keys that wrap it.
    KeyRewrap,
    /// A key that wraps it is gone.
    KeyRemove,
}

impl AuditAction {
    /// All of them, in the order of the documents.
    const ALL: [Self; 23] = [
        Self::Login,
        Self::RegistryRegister,
        Self::RegistryUpdate,
        Self::RegistryRename,
        Self::RegistryCopy,
        Self::RegistryRemove,
        Self::RegistryUse,
        Self::ConnectorRegister,
        Self::ConnectorUpdate,
        Self::ConnectorRemove,
        Self::FlavorRegister,
        Self::FlavorAccept,
        Self::FlavorGrant,
        Self::FlavorRollback,
        Self::FlavorRemove,
        Self::PolicyRegister,
        Self::PolicyUpdate,
        Self::PolicyRemove,
        Self::SignerAdd,
        Self::SignerRemove,
        Self::KeyRotate,
        Self::KeyRewrap,
        Self::KeyRemove,
    ];

    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::RegistryRegister => "registry.register",
            Self::RegistryUpdate => "registry.update",
            Self::RegistryRename => "registry.rename",
            Self::RegistryCopy => "registry.copy",
            Self::RegistryRemove => "registry.remove",
            Self::RegistryUse => "registry.use",
            Self::ConnectorRegister => "connector.register",
            Self::ConnectorUpdate => "connector.update",
            Self::ConnectorRemove => "connector.remove",
            Self::FlavorRegister => "flavor.register",
            Self::FlavorAccept => "flavor.accept",
            Self::FlavorGrant => "flavor.grant",
            Self::FlavorRollback => "flavor.rollback",
            Self::FlavorRemove => "flavor.remove",
            Self::PolicyRegister => "policy.register",
            Self::PolicyUpdate => "policy.update",
            Self::PolicyRemove => "policy.remove",
            Self::SignerAdd => "signer.add",
            Self::SignerRemove => "signer.remove",
            Self::KeyRotate => "key.rotate",
            Self::KeyRewrap => "key.rewrap",
            Self::KeyRemove => "key.remove",
        }
    }
}

/// An action, or a group of them such as `registry`, to find rows by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuditActions(&'static str);

impl AuditActions {
    /// As it is written.
    pub(crate) fn as_str(&self) -> &'static str {
        self.0
    }

    /// The words of all groups.
    fn groups() -> Vec<&'static str> {
        let groups = AuditAction::ALL.iter().map(|action| action.as_str().split('.').next().unwrap_or_default());
        let mut groups: Vec<&str> = groups.collect();
        groups.dedup();
        groups
    }
}

impl FromStr for AuditActions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let groups = Self::groups();
        let all = || groups.iter().copied().chain(AuditAction::ALL.map(AuditAction::as_str));
        if let Some(known) = all().find(|known| *known == text) {
            return Ok(Self(known));
        }
        let group = text.split_once('.').map(|(group, _)| format!("{group}."));
        let is_of_group = |action: &&str| group.as_ref().is_some_and(|group| action.starts_with(group));
        let of_group: Vec<&str> = AuditAction::ALL.map(AuditAction::as_str).into_iter().filter(is_of_group).collect();
        let meant = if of_group.is_empty() { all().collect() } else { of_group.clone() };
        Err(match (nearest(text, meant), of_group.is_empty()) {
            (Some(near), _) => format!("no row has `{}`; did you mean `{near}`?", Escaped::new(text, 100)),
            (None, false) => format!("expected one of {}", quoted(of_group)),
            (None, true) => format!("expected one of {}, or an action such as `registry.update`", quoted(&groups)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_found_by_its_word_or_its_group_and_another_word_is_answered_with_what_there_is() {
        for word in ["login", "registry", "registry.update", "key"] {
            assert_eq!(word.parse::<AuditActions>().unwrap().as_str(), word);
        }
        for (word, said) in [
            ("regisrty", "did you mean `registry`?"),
            ("registry.updaet", "did you mean `registry.update`?"),
            ("registry.zzzzzzzzzzzz", "expected one of `registry.register`, `registry.update`"),
            ("push", "expected one of `login`, `registry`, `connector`, `flavor`, `policy`, `signer`, `key`, or"),
            ("", "expected one of `login`"),
            ("login.x", ""),
        ] {
            let told = word.parse::<AuditActions>().unwrap_err();
            assert!(told.contains(said), "{word}: {told}");
        }
    }

    #[test]
    fn every_action_is_in_the_documents_and_none_besides() {
        let text = include_str!("../../../../docs/explanation/audit.md");
        let table = text.split("## What is recorded").nth(1).unwrap().split("\n\n").nth(1).unwrap();
        let mut written = Vec::new();
        for row in table.lines().skip(2) {
            let words = row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2);
            let mut group = "";
            for word in words {
                group = if word.starts_with('.') { group } else { word.split('.').next().unwrap() };
                written.push(if word.starts_with('.') { format!("{group}{word}") } else { word.to_owned() });
            }
        }
        assert_eq!(written, AuditAction::ALL.map(AuditAction::as_str));
    }
}
