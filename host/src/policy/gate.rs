//! The one place that asks policies.

use super::error::PolicyError;
use super::load::{self, NotLoaded};
use super::ruling::{Outcome, Ruling, Warning};
use super::scope;
use super::verdict::verdict;
use crate::catalog::{Catalog, run_of};
use crate::environment::{EnvVars, Environment};
use crate::error::Explain as _;
use crate::flavor::options::with_defaults;
use crate::flavor::{Action, Decision, Evidence, PolicySettings, Subject, limits};
use crate::image::Reference;
use crate::store::{Name, PolicyRecord, RegistryRecord, Run, Store};
use crate::text::Escaped;

/// The policies that are asked about one action.
pub(crate) struct Gate<'a> {
    catalog: &'a Catalog<'a>,
    policies: Vec<PolicyRecord>,
    registry: Option<String>,
}

impl<'a> Gate<'a> {
    /// The policies that are asked about an action on an image of a registry. Nothing is loaded yet.
    ///
    /// # Errors
    /// When `CRHOST_REQUIRE_POLICIES` names one that is not registered or is disabled, or the store can't be read.
    pub(crate) fn open(
        catalog: &'a Catalog<'a>,
        environment: &Environment,
        action: Action,
        registry: &RegistryRecord,
        image: &Reference,
    ) -> Result<Self, PolicyError> {
        Self::open_all(catalog, environment, action, registry, std::slice::from_ref(image))
    }

    /// The same for several images of a registry: those that are asked about any of them.
    ///
    /// # Errors
    /// As for [`Gate::open`].
    pub(crate) fn open_all(
        catalog: &'a Catalog<'a>,
        environment: &Environment,
        action: Action,
        registry: &RegistryRecord,
        images: &[Reference],
    ) -> Result<Self, PolicyError> {
        let (all, registries) = (catalog.store().policies()?, catalog.store().registries()?);
        check_required(environment, &all)?;
        // A registry that is not registered has a record, too.
        let is_registered = registries.iter().any(|known| known.name == registry.name && known.uri == registry.uri);
        let policies = all.into_iter().filter(|policy| scope::applies(policy, action, &registries, images)).collect();
        Ok(Self { catalog, policies, registry: is_registered.then(|| registry.name.to_string()) })
    }

    /// Whether any policy is asked. Without one, nothing needs to be gathered for it.
    #[must_use]
    pub(crate) fn is_guarded(&self) -> bool {
        !self.policies.is_empty()
    }

    /// Asks all policies, and says their warnings.
    ///
    /// # Errors
    /// When one refuses, or gives no decision.
    pub(crate) async fn admit(&self, subject: Subject, evidence: Evidence) -> Result<Vec<Warning>, PolicyError> {
        let rulings = self.rule(subject.clone(), &evidence).await?;
        let warnings = verdict(&subject, &rulings)?;
        for Warning { policy, message } in &warnings {
            tracing::warn!("policy `{policy}`: {message}");
        }
        Ok(warnings)
    }

    /// Asks all policies, whatever the first ones say: a user mends all at once.
    ///
    /// # Errors
    /// When there is more evidence than policies look at.
    pub(crate) async fn rule(&self, subject: Subject, evidence: &Evidence) -> Result<Vec<Ruling>, PolicyError> {
        let bytes = evidence.bytes();
        if bytes > limits::EVIDENCE_BYTES {
            return Err(PolicyError::TooMuch { image: Escaped::new(&subject.reference, 300), bytes });
        }
        let subject = Subject { registry: self.registry.clone(), ..subject };
        let mut rulings = Vec::with_capacity(self.policies.len());
        for policy in &self.policies {
            tracing::info!("asking policy `{}` about {} `{}`", policy.name, subject.action.doing(), subject.reference);
            rulings.push(self.ask(policy, &subject, evidence).await);
        }
        Ok(rulings)
    }

    async fn ask(&self, record: &PolicyRecord, subject: &Subject, evidence: &Evidence) -> Ruling {
        let ruling = |outcome: Outcome, messages: Vec<Escaped>| Ruling {
            policy: record.name.clone(),
            outcome,
            messages,
            hint: None,
        };
        let (store, runtime) = (self.catalog.store(), self.catalog.runtime());
        let policy = match load::load(store, runtime, record).await {
            Ok(policy) => policy,
            Err(NotLoaded { message, hint }) => {
                return Ruling { hint, ..ruling(Outcome::Failed, vec![message]) };
            }
        };
        let options = with_defaults(&policy.description().options, &record.options);
        let settings = PolicySettings {
            name: record.name.as_str(),
            options: &options,
            grants: &record.grants,
            maker: load::maker(&record.origin),
        };
        let decided = policy.admit(settings, subject, evidence).await;
        let runs: Vec<Run> = policy.take_usage().into_iter().map(run_of).collect();
        store.add_runs(&runs_key(&record.name), &runs);
        match decided {
            Ok(Decision::Allow) => ruling(Outcome::Allow, Vec::new()),
            Ok(Decision::Warn(messages)) => ruling(Outcome::Warn, messages),
            Ok(Decision::Deny(messages)) => ruling(Outcome::Deny, messages),
            Err(failure) => Ruling { hint: failure.hint(), ..ruling(Outcome::Failed, vec![Escaped::of(&failure)]) },
        }
    }
}

/// The key of a policy's runs in the store, which no flavor's name is.
pub(super) fn runs_key(name: &Name) -> String {
    format!("policy:{name}")
}

/// The last calls of a policy, the latest first.
pub(super) fn runs(store: &Store, name: &Name) -> Vec<Run> {
    store.runs(&runs_key(name))
}

/// Checks that every policy that the environment demands is there and enabled.
fn check_required(environment: &Environment, policies: &[PolicyRecord]) -> Result<(), PolicyError> {
    let required = environment.text(EnvVars::CRHOST_REQUIRE_POLICIES).unwrap_or_default();
    for name in required.split([',', ' ']).filter(|name| !name.is_empty()) {
        match policies.iter().find(|policy| policy.name.as_str() == name) {
            None => return Err(PolicyError::Missing { name: Escaped::new(name, 80) }),
            Some(policy) if !policy.enabled => return Err(PolicyError::Disabled { name: policy.name.clone() }),
            Some(_) => {}
        }
    }
    Ok(())
}
