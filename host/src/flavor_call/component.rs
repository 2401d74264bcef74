//! The component of a file, ready to be called.

use std::path::Path;
use std::sync::Arc;

use super::error::FlavorCallError;
use crate::flavor::{
    self, AdmissionError, ComponentFacts, Flavor, Maker, Observer, Policy, RequestedHost, Runtime, Surroundings,
};
use crate::grant::{Grant, Guest};

/// A component of either kind.
pub(crate) enum Component {
    /// A flavor.
    Flavor(Box<Flavor>),
    /// A policy.
    Policy(Box<Policy>),
}

impl Component {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When it can't be read.
    pub(crate) fn read(file: &Path) -> Result<Vec<u8>, FlavorCallError> {
        flavor::read(file).map_err(|reason| FlavorCallError::Read { path: file.into(), reason })
    }

    /// Has the component in a file's bytes describe itself; the observer is told of that call.
    ///
    /// # Errors
    /// When it is neither a flavor nor a policy.
    pub(crate) async fn load(
        runtime: &Runtime,
        file: &Path,
        bytes: &[u8],
        observer: &Arc<Observer>,
    ) -> Result<Self, FlavorCallError> {
        let label = file.display().to_string();
        let surroundings = Surroundings { observer: Some(Arc::clone(observer)), ..Surroundings::default() };
        let loaded = match runtime.admit_within(&label, bytes, &surroundings).await {
            Ok(flavor) => Ok(Self::Flavor(Box::new(flavor))),
            Err(AdmissionError::PolicyAsFlavor) => {
                runtime.admit_policy_within(&label, bytes, &surroundings).await.map(Box::new).map(Self::Policy)
            }
            Err(reason) => Err(reason),
        };
        loaded.map_err(|reason| FlavorCallError::Admission {
            path: file.into(),
            reason: Box::new(reason),
            maker: Maker::of_file(file),
        })
    }

    /// Its name, as messages have it.
    #[must_use]
    pub(crate) fn guest(&self) -> Guest {
        match self {
            Self::Flavor(flavor) => Guest::flavor(flavor.description().name.as_str()),
            Self::Policy(policy) => Guest::policy(policy.description().name.as_str()),
        }
    }

    /// Its own version.
    #[must_use]
    pub(crate) fn version(&self) -> &semver::Version {
        match self {
            Self::Flavor(flavor) => &flavor.description().version,
            Self::Policy(policy) => &policy.description().version,
        }
    }

    /// What is known of it without running it.
    #[must_use]
    pub(crate) fn facts(&self) -> ComponentFacts {
        match self {
            Self::Flavor(flavor) => flavor.facts(),
            Self::Policy(policy) => policy.facts().clone(),
        }
    }

    /// The grants of all that it asks for.
    #[must_use]
    pub(crate) fn requested(&self) -> Vec<Grant> {
        match self {
            Self::Flavor(flavor) => flavor.description().requested_hosts().iter().map(RequestedHost::grant).collect(),
            Self::Policy(policy) => {
                let grant = |pattern| Grant { pattern, written: false, secrets: false };
                policy.description().requested_hosts().into_iter().map(grant).collect()
            }
        }
    }

    /// The operations that a user would have to accept by their names.
    #[must_use]
    pub(crate) fn odd_operations(&self) -> Vec<String> {
        match self {
            Self::Flavor(flavor) => flavor.description().odd_operations().map(|(name, _)| name).collect(),
            Self::Policy(_) => Vec::new(),
        }
    }
}
