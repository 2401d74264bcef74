//! A flavor that was admitted: its description, its grants, and the calls of its functions.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Engine, Store};

use super::abi::{Answer, Contract};
use super::cache_key::FlavorIdentity;
use super::error::CallError;
use super::facts::ComponentFacts;
use super::invocation::{Finished, NoValue, invoke};
use super::limits;
use super::maker::Maker;
use super::model::{
    AcceptedUri, ConnectorContext, ConnectorView, CredentialContext, Description, FlavorCredential, Prepared,
    PushContext, RegistryContext, RegistryView,
};
use super::reach::Reach;
use super::redaction;
use super::retry::retry_unavailable;
use super::sandbox::SandboxState;
use super::surroundings::Surroundings;
use super::usage::Usage;
use crate::egress::{EgressClient, EgressPolicy, Redaction, Transport};
use crate::grant::{Grant, Guest};
use crate::image::{Digest, RegistryUri};

/// The operations of a flavor with secrets at places that no standard defines, as far as they are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// All: the flavor is part of crhost, and its connectors follow it when it changes.
    All,
    /// Those of these names, `TYPE/METHOD/OPERATION`.
    Operations(Vec<String>),
}

/// A component that was admitted as a flavor. Each call has a fresh store.
pub(crate) struct Flavor {
    /// The engine that its code was compiled for.
    pub(super) engine: Engine,
    /// The way out of this process.
    pub(super) transport: Arc<Transport>,
    /// Its functions.
    pub(super) contract: Arc<dyn Contract>,
    /// The version of the contract that it exports.
    pub(super) contract_version: semver::Version,
    /// The digest of its component.
    pub(super) digest: Digest,
    /// The size of its component in bytes.
    pub(super) size: u64,
    /// Its description.
    pub(super) description: Description,
    /// The user's grants to it for every registry.
    pub(super) grants: Vec<Grant>,
    /// Its operations with odd places that the user accepted.
    pub(super) accepted: Accepted,
    /// Who can mend it.
    pub(super) maker: Maker,
    /// The usage of calls that was not taken yet.
    pub(super) usage: Mutex<Vec<Usage>>,
    /// What stands around its calls.
    pub(super) surroundings: Surroundings,
}

/// All that a call is lent: a connector, and the policy of its requests.
pub(super) struct Lent<'a> {
    /// The connector, if there is one.
    pub(super) connector: Option<&'a ConnectorView>,
    /// What is known of the registry, and stays in answers: its URI, and values of options.
    pub(super) known: Vec<String>,
    /// The policy, anew for each try.
    pub(super) policy: &'a (dyn Fn() -> EgressPolicy + Sync),
}

/// What is known of a registry.
pub(super) fn known(registry: &RegistryView) -> Vec<String> {
    let mut known = values(&registry.options);
    known.push(registry.uri.to_string());
    known
}

/// The values of options.
fn values(options: &[(String, String)]) -> Vec<String> {
    options.iter().map(|(_, value)| value.clone()).collect()
}

impl Flavor {
    /// Its answer of `describe`.
    #[must_use]
    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    /// What is known of its component without running it.
    #[must_use]
    pub(crate) fn facts(&self) -> ComponentFacts {
        ComponentFacts { contract: self.contract_version.clone(), digest: self.digest.clone(), size: self.size }
    }

    /// The flavor of this maker with these grants for every registry, and these operations accepted, in place of those
    /// that it had.
    #[must_use]
    pub(crate) fn granted(self, grants: Vec<Grant>, accepted: Accepted, maker: Maker) -> Self {
        Self { grants, accepted, maker, ..self }
    }

    /// The flavor with the registry's own host alone, whatever it was granted, and no accepted operations.
    #[must_use]
    pub(crate) fn confined(mut self) -> Self {
        self.grants.retain(|grant| grant.pattern.is_registry());
        Self { accepted: Accepted::Operations(Vec::new()), ..self }
    }

    /// The same flavor in these surroundings.
    #[must_use]
    pub(crate) fn within(&self, surroundings: Surroundings) -> Self {
        Self {
            engine: self.engine.clone(),
            transport: Arc::clone(&self.transport),
            contract: Arc::clone(&self.contract),
            contract_version: self.contract_version.clone(),
            digest: self.digest.clone(),
            size: self.size,
            description: self.description.clone(),
            grants: self.grants.clone(),
            accepted: self.accepted.clone(),
            maker: self.maker,
            usage: Mutex::default(),
            surroundings,
        }
    }

    /// Its build, and the user's grants to it for every registry.
    #[must_use]
    pub(crate) fn identity(&self) -> FlavorIdentity<'_> {
        FlavorIdentity { digest: &self.digest, grants: &self.grants }
    }

    /// The usage of its calls since the last time that it was taken.
    #[must_use]
    pub(crate) fn take_usage(&self) -> Vec<Usage> {
        std::mem::take(&mut *self.usage.lock())
    }

    /// Adds the usage of a call.
    pub(super) fn record(&self, usage: Usage) {
        self.usage.lock().push(usage);
    }

    /// What it describes itself as now; see [`description`](Self::description) for the description that counts.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn describe(&self) -> Result<Description, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.describe(store).await;
        let time = limits::PURE_CALL_TIME;
        let described = self.call("describe", time, EgressPolicy::DenyAll, Redaction::default(), call).await?;
        let call = async |store: &mut Store<SandboxState>| self.contract.describe_cleanup(store, described).await;
        let described = self.call("describe-cleanup", time, EgressPolicy::DenyAll, Redaction::default(), call).await?;
        let call = async |store: &mut Store<SandboxState>| self.contract.describe_id_tokens(store, described).await;
        let described =
            self.call("describe-id-tokens", time, EgressPolicy::DenyAll, Redaction::default(), call).await?;
        let call = async |store: &mut Store<SandboxState>| self.contract.describe_commands(store, described).await;
        self.call("describe-commands", time, EgressPolicy::DenyAll, Redaction::default(), call).await
    }

    /// Whether `uri` names a registry of its kind, with the canonical form of the URI.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure, as for all calls.
    pub(crate) async fn validate_uri(&self, uri: &str) -> Result<AcceptedUri, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.validate_uri(store, uri).await;
        self.call("validate-uri", limits::PURE_CALL_TIME, EgressPolicy::DenyAll, Redaction::default(), call).await
    }

    /// Has it check, or make, the things that must exist before an image is pushed, such as a repository.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn prepare_image_push(&self, context: PushContext<'_>) -> Result<Prepared, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.prepare_image_push(store, context).await;
        let PushContext { registry, connector, .. } = context;
        let at = RegistryContext { registry, connector };
        self.call_at_registry("prepare-image-push", at, Reach::Described, call).await
    }

    /// Credentials for the image's repository, or for the whole registry.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn credentials(&self, context: CredentialContext<'_>) -> Result<FlavorCredential, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.credentials(store, context).await;
        let CredentialContext { registry, connector, .. } = context;
        let at = RegistryContext { registry, connector };
        self.call_at_registry("credentials", at, Reach::Described, call).await
    }

    /// The identity behind a connector, which proves its credentials; none if the flavor can't tell.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn identify(&self, context: ConnectorContext<'_>) -> Result<Option<String>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.identify(store, context).await;
        let lent = Lent {
            connector: Some(context.connector),
            known: values(context.options),
            policy: &|| self.connector_policy(&context),
        };
        self.call_service("identify", lent, call).await
    }

    /// The registries that a connector can reach; none if the flavor does not list.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn list_resources(
        &self,
        context: ConnectorContext<'_>,
    ) -> Result<Option<Vec<RegistryUri>>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.list_resources(store, context).await;
        let lent = Lent {
            connector: Some(context.connector),
            known: values(context.options),
            policy: &|| self.connector_policy(&context),
        };
        self.call_service("list-resources", lent, call).await
    }

    /// A call about a registry that may send the requests of its reach; again, where the service asks for time.
    pub(super) async fn call_at_registry<T>(
        &self,
        function: &'static str,
        RegistryContext { registry, connector }: RegistryContext<'_>,
        reach: Reach,
        call: impl AsyncFn(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let policy = || self.registry_policy(registry, connector, reach);
        self.call_service(function, Lent { connector, known: known(registry), policy: &policy }, call).await
    }

    /// A call that may send requests; again, where the service behind it asks for time.
    pub(super) async fn call_service<T>(
        &self,
        function: &'static str,
        lent: Lent<'_>,
        call: impl AsyncFn(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let once = async || {
            let redaction = lent.connector.map(|connector| redaction::of(connector, &self.description, &lent.known));
            let redaction = redaction.unwrap_or_default();
            self.call(function, limits::SERVICE_CALL_TIME, (lent.policy)(), redaction, &call).await
        };
        match self.surroundings.observer {
            // A call that is observed is one call: its author wants to see the failure.
            Some(_) => once().await,
            None => retry_unavailable(once).await,
        }
    }

    pub(super) async fn call<T>(
        &self,
        function: &'static str,
        time: Duration,
        policy: EgressPolicy,
        redaction: Redaction,
        call: impl AsyncFnOnce(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let name = &self.description.name;
        let guest = self.surroundings.guest(Guest::flavor(name.as_str()));
        let egress = EgressClient::new(&self.transport, &guest, policy, redaction);
        let store = Store::new(&self.engine, SandboxState::new(&guest, egress, &self.surroundings));
        let Finished { result, usage, grant } = invoke(store, &guest, function, time, call).await;
        self.record(usage);
        let (flavor, maker) = (name.clone(), self.maker);
        result.map_err(|reason| match reason {
            NoValue::Refused(failure) => CallError::Refused { flavor, failure, grant },
            NoValue::Failed(cause) => CallError::Failed { flavor, function, cause, maker, grant },
        })
    }
}
