//! A component that is published: its bytes, and what it says of itself.

use semver::Version;

use super::error::ComponentError;
use crate::flavor::{Flavor, Interfaces, Policy, interfaces};

/// What a component is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// It knows a kind of registry.
    Flavor,
    /// It is asked before images are pushed, copied and deleted.
    Policy,
}

impl Role {
    /// The world of the contract that its components are for.
    fn world(self) -> &'static str {
        match self {
            Self::Flavor => "guest",
            Self::Policy => "policy",
        }
    }
}

/// A component that is published.
pub(crate) struct Publication {
    /// What it is for.
    pub(crate) role: Role,
    /// Its own name.
    pub(crate) name: String,
    /// Its own version.
    pub(crate) version: Version,
    /// Its purpose, in one line.
    pub(crate) summary: String,
    /// Where to read more.
    pub(crate) documentation: Option<String>,
    /// URIs of the registries that a flavor is for.
    pub(crate) uri_examples: Vec<String>,
    /// The version of the contract that it exports.
    pub(crate) contract: Version,
    /// The world that it is for, with its package and version.
    pub(super) world: String,
    /// The names of its imports.
    pub(super) imports: Vec<String>,
    /// The names of its exports.
    pub(super) exports: Vec<String>,
    /// The component.
    pub(super) bytes: bytes::Bytes,
}

impl Publication {
    /// A flavor that was admitted from these bytes.
    ///
    /// # Errors
    /// When the names of its imports can't be read, which admission has ruled out.
    pub(crate) fn of_flavor(flavor: &Flavor, bytes: Vec<u8>) -> Result<Self, ComponentError> {
        let description = flavor.description();
        let (name, contract) = (description.name.to_string(), flavor.facts().contract);
        let examples = description.uri_examples.clone();
        let (version, summary) = (description.version.clone(), description.summary.clone());
        let of = Self::new(Role::Flavor, name, version, contract, bytes)?;
        Ok(Self { summary, documentation: description.documentation.clone(), uri_examples: examples, ..of })
    }

    /// A policy that was admitted from these bytes.
    ///
    /// # Errors
    /// As for [`of_flavor`](Self::of_flavor).
    pub(crate) fn of_policy(policy: &Policy, bytes: Vec<u8>) -> Result<Self, ComponentError> {
        let description = policy.description();
        let (name, contract) = (description.name.to_string(), policy.facts().contract.clone());
        let (version, summary) = (description.version.clone(), description.summary.clone());
        let of = Self::new(Role::Policy, name, version, contract, bytes)?;
        Ok(Self { summary, documentation: description.documentation.clone(), ..of })
    }

    fn new(
        role: Role,
        name: String,
        version: Version,
        contract: Version,
        bytes: Vec<u8>,
    ) -> Result<Self, ComponentError> {
        let Interfaces { imports, exports } = interfaces(&bytes)?;
        let world = format!("crhost:flavor/{}@{contract}", role.world());
        let (summary, documentation, uri_examples) = (String::new(), None, Vec::new());
        let bytes = bytes.into();
        Ok(Self { role, name, version, summary, documentation, uri_examples, contract, world, imports, exports, bytes })
    }

    /// The tag of its version. A tag has no `+`, which build metadata begins with; Helm writes `_` for it, too.
    #[must_use]
    pub(crate) fn version_tag(&self) -> String {
        super::versions::tag_of(&self.version)
    }
}
