//! A policy that was admitted as a component: its description, its grants, and its decisions.

use std::sync::Arc;

use parking_lot::Mutex;
use wasmtime::{Engine, Store};

use super::abi::PolicyContract;
use super::cause::Cause;
use super::facts::ComponentFacts;
use super::invocation::{Finished, invoke};
use super::limits;
use super::maker::Maker;
use super::model::{Decision, Evidence, PolicyDescription, Subject};
use super::sandbox::SandboxState;
use super::surroundings::Surroundings;
use super::usage::Usage;
use crate::egress::{Consent, DeclaredOperation, EgressClient, EgressPolicy, GrantedOperations, Redaction, Transport};
use crate::error::{Explain, Kind};
use crate::grant::{Grant, Guest, GuestKind};
use crate::text::{Escaped, Printable};

/// A component that was admitted as a policy. Each call has a fresh store.
pub(crate) struct Policy {
    engine: Engine,
    transport: Arc<Transport>,
    contract: Arc<dyn PolicyContract>,
    facts: ComponentFacts,
    description: PolicyDescription,
    surroundings: Surroundings,
    usage: Mutex<Vec<Usage>>,
}

/// All that the user chose for a policy.
#[derive(Clone, Copy)]
pub(crate) struct PolicySettings<'a> {
    /// The user's name for it, which messages repeat.
    pub(crate) name: &'a str,
    /// Values of its options.
    pub(crate) options: &'a [(String, String)],
    /// The user's grants.
    pub(crate) grants: &'a [Grant],
    /// Who can mend it.
    pub(crate) maker: Maker,
}

/// Why a policy gave no decision, in words that follow "failed".
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{function}` {cause}")]
pub(crate) struct PolicyFailure {
    /// The function of the contract.
    function: &'static str,
    cause: Cause,
    maker: Maker,
    /// The command that grants the first request that was denied, if one was: that may be the reason.
    grant: Option<Escaped>,
}

impl PolicyFailure {
    /// The next step for the author who made the call, whose log and stack are shown besides.
    #[must_use]
    pub(crate) fn hint_for_author(&self) -> Escaped {
        self.grant.clone().unwrap_or_else(|| self.cause.hint_for_author(GuestKind::Policy).into())
    }
}

impl Explain for PolicyFailure {
    fn kind(&self) -> Kind {
        Kind::Policy
    }

    fn hint(&self) -> Option<Escaped> {
        self.grant.clone().or_else(|| Some(self.cause.hint(self.maker, GuestKind::Policy).into()))
    }
}

impl Policy {
    /// A policy of a component that was linked.
    pub(super) fn new(
        engine: Engine,
        transport: Arc<Transport>,
        contract: Arc<dyn PolicyContract>,
        facts: ComponentFacts,
        description: PolicyDescription,
    ) -> Self {
        let (surroundings, usage) = (Surroundings::default(), Mutex::default());
        Self { engine, transport, contract, facts, description, surroundings, usage }
    }

    /// Its answer of `describe`.
    #[must_use]
    pub(crate) fn description(&self) -> &PolicyDescription {
        &self.description
    }

    /// What is known of its component without running it.
    #[must_use]
    pub(crate) fn facts(&self) -> &ComponentFacts {
        &self.facts
    }

    /// The usage of its calls since the last time that it was taken.
    #[must_use]
    pub(crate) fn take_usage(&self) -> Vec<Usage> {
        std::mem::take(&mut *self.usage.lock())
    }

    /// The same policy in these surroundings.
    #[must_use]
    pub(crate) fn within(&self, surroundings: Surroundings) -> Self {
        Self {
            engine: self.engine.clone(),
            transport: Arc::clone(&self.transport),
            contract: Arc::clone(&self.contract),
            facts: self.facts.clone(),
            description: self.description.clone(),
            surroundings,
            usage: Mutex::default(),
        }
    }

    /// What it describes itself as now; see [`description`](Self::description) for the description that counts.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) async fn describe(&self, maker: Maker) -> Result<PolicyDescription, PolicyFailure> {
        let guest = self.surroundings.guest(Guest::policy(self.description.name.as_str()));
        let egress = EgressClient::new(&self.transport, &guest, EgressPolicy::DenyAll, Redaction::default());
        let store = Store::new(&self.engine, SandboxState::new(&guest, egress, &self.surroundings));
        let call = async |store: &mut Store<SandboxState>| self.contract.describe(store).await;
        let Finished { result, grant, .. } = invoke(store, &guest, "describe", limits::PURE_CALL_TIME, call).await;
        result.map_err(|reason| PolicyFailure { function: "describe", cause: reason.into_cause(), maker, grant })
    }

    /// Whether something may happen.
    ///
    /// # Errors
    /// When it gives no decision within its limits.
    pub(crate) async fn admit(
        &self,
        settings: PolicySettings<'_>,
        subject: &Subject,
        evidence: &Evidence,
    ) -> Result<Decision, PolicyFailure> {
        let PolicySettings { name, options, grants, maker } = settings;
        let guest = self.surroundings.guest(Guest::policy(name));
        // Without grants it sends nothing, and has no reason to take long.
        let time = if grants.is_empty() { limits::PURE_CALL_TIME } else { limits::SERVICE_CALL_TIME };
        let egress = EgressClient::new(&self.transport, &guest, self.policy(options, grants), Redaction::default());
        let store = Store::new(&self.engine, SandboxState::new(&guest, egress, &self.surroundings));
        let call = async |store: &mut Store<SandboxState>| self.contract.admit(store, subject, options, evidence).await;
        let Finished { result, usage, grant } = invoke(store, &guest, "admit", time, call).await;
        self.usage.lock().push(usage);
        result.map_err(|reason| PolicyFailure { function: "admit", cause: reason.into_cause(), maker, grant })
    }

    /// The requests that it may send.
    fn policy(&self, options: &[(String, String)], grants: &[Grant]) -> EgressPolicy {
        let declared = self.description.operations.iter().cloned();
        EgressPolicy::Granted(GrantedOperations {
            grants: grants.to_vec(),
            registry: None,
            operations: declared.map(|operation| DeclaredOperation { operation, consent: Consent::Given }).collect(),
            endpoints: options.to_vec(),
            registry_password: None,
        })
    }
}
