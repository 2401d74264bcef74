//! A flavor that was admitted: its description, its grants, and the calls of its functions.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Engine, Store};

use super::abi::{Answer, Contract};
use super::error::CallError;
use super::invocation::{Finished, NoValue, Usage, invoke};
use super::limits;
use super::model::{
    AcceptedUri, ConnectorContext, ConnectorView, Description, FlavorCredential, Prepared, PushContext,
};
use super::retry::retry_unavailable;
use super::sandbox::SandboxState;
use crate::egress::{EgressClient, EgressPolicy, GrantedHosts, Transport};
use crate::grant::{Grant, HostPattern};
use crate::image::{Digest, RegistryUri};

/// A component that was admitted as a flavor. Each call has a fresh store.
pub(crate) struct Flavor {
    /// The engine that its code was compiled for.
    pub(super) engine: Engine,
    /// The way out of this process.
    pub(super) transport: Arc<Transport>,
    /// Its functions.
    pub(super) contract: Box<dyn Contract>,
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
    /// The usage of calls that was not taken yet.
    pub(super) usage: Mutex<Vec<Usage>>,
}

impl Flavor {
    /// Its answer of `describe`.
    #[must_use]
    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    /// The version of the contract that it exports.
    #[must_use]
    pub(crate) fn contract_version(&self) -> &semver::Version {
        &self.contract_version
    }

    /// The digest of its component.
    #[must_use]
    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The size of its component in bytes.
    #[must_use]
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The flavor with these grants for every registry in place of those that it had.
    #[must_use]
    pub(crate) fn granted(self, grants: Vec<Grant>) -> Self {
        Self { grants, ..self }
    }

    /// The user's grants to it for every registry.
    #[must_use]
    pub(crate) fn grants(&self) -> &[Grant] {
        &self.grants
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

    /// Whether `uri` names a registry of its kind, with the canonical form of the URI.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure, as for all calls.
    pub(crate) async fn validate_uri(&self, uri: &str) -> Result<AcceptedUri, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.validate_uri(store, uri).await;
        self.call("validate-uri", limits::PURE_CALL_TIME, EgressPolicy::DenyAll, call).await
    }

    /// Has it check, or make, the things that must exist before an image is pushed, such as a repository.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn prepare_image_push(&self, context: PushContext<'_>) -> Result<Prepared, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.prepare_image_push(store, context).await;
        self.call_service("prepare-image-push", || self.push_policy(&context), call).await
    }

    /// Credentials for the image's repository.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn credentials(&self, context: PushContext<'_>) -> Result<FlavorCredential, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.credentials(store, context).await;
        self.call_service("credentials", || self.push_policy(&context), call).await
    }

    /// The identity behind a connector, which proves its credentials; none if the flavor can't tell.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn identify(&self, context: ConnectorContext<'_>) -> Result<Option<String>, CallError> {
        let call = async |store: &mut Store<SandboxState>| self.contract.identify(store, context).await;
        self.call_service("identify", || self.connector_policy(context.connector), call).await
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
        self.call_service("list-resources", || self.connector_policy(context.connector), call).await
    }

    /// For a call about a registry: the grants of the flavor, and those for this registry.
    fn push_policy(&self, context: &PushContext<'_>) -> EgressPolicy {
        EgressPolicy::Granted(GrantedHosts {
            grants: self.grants.iter().chain(&context.registry.grants).cloned().collect(),
            registry: Some(context.registry.uri.host().clone()),
            secret_hosts: context.connector.map(|connector| self.secret_hosts(connector)).unwrap_or_default(),
        })
    }

    /// For a call about a connector alone: the grants of the flavor.
    fn connector_policy(&self, connector: &ConnectorView) -> EgressPolicy {
        let (grants, secret_hosts) = (self.grants.clone(), self.secret_hosts(connector));
        EgressPolicy::Granted(GrantedHosts { grants, registry: None, secret_hosts })
    }

    /// The hosts that a connector's auth method may send its secrets to.
    fn secret_hosts(&self, connector: &ConnectorView) -> Vec<HostPattern> {
        let method = self.description.auth_method(&connector.connector_type, &connector.method);
        method.map(|method| method.hosts.clone()).unwrap_or_default()
    }

    /// A call that may send requests; again, where the service behind it asks for time.
    async fn call_service<T>(
        &self,
        function: &'static str,
        policy: impl Fn() -> EgressPolicy,
        call: impl AsyncFn(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<T, CallError> {
        retry_unavailable(async || self.call(function, limits::SERVICE_CALL_TIME, policy(), &call).await).await
    }

    async fn call<T>(
        &self,
        function: &'static str,
        time: Duration,
        policy: EgressPolicy,
        call: impl AsyncFnOnce(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let name = &self.description.name;
        let egress = EgressClient::new(&self.transport, name.as_str(), policy);
        let store = Store::new(&self.engine, SandboxState::new(name.as_str(), egress));
        let Finished { result, usage, grant } = invoke(store, name.as_str(), function, time, call).await;
        self.record(usage);
        let flavor = name.clone();
        result.map_err(|reason| match reason {
            NoValue::Refused(failure) => CallError::Refused { flavor, failure, grant },
            NoValue::Failed(cause) => CallError::Failed { flavor, function, cause, grant },
        })
    }
}
