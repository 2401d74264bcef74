//! Runs flavors: a fresh store for each call, gone after it, whatever happened inside.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use super::abi::{self, Abi, Answer};
use super::call::{Finished, Usage, run};
use super::compile::Guard;
use super::error::{AdmissionError, CallError};
use super::limits;
use super::model::{AcceptedUri, Asked, AskedOfConnector, ConnectorView, Description, FlavorCredential, Prepared};
use super::patience::patiently;
use super::state::State;
use super::{admission, engine};
use crate::egress::{Door, Egress, Pass};
use crate::grant::{Grant, HostPattern};
use crate::image::{Digest, RegistryUri};
use crate::text::printable;

/// The engine and what it offers to flavors; one per process.
pub(crate) struct Runtime {
    engine: Engine,
    linker: Linker<State>,
    egress: Arc<Egress>,
    guard: Option<Guard>,
}

/// A component that was found to be a flavor.
pub(crate) struct Flavor {
    engine: Engine,
    egress: Arc<Egress>,
    abi: Abi,
    version: semver::Version,
    digest: Digest,
    size: u64,
    description: Description,
    grants: Vec<Grant>,
    usage: Mutex<Vec<Usage>>,
}

impl Runtime {
    /// A runtime; with a folder, compiled code is kept there, and only there. Components are compiled in this process, with
    /// no bound on memory: see [`Runtime::guarded`] for those that nobody knows.
    ///
    /// # Errors
    /// When the runtime cannot start, for instance because the folder cannot be used.
    pub(crate) fn new(cache: Option<&Path>) -> Result<Self, AdmissionError> {
        let runtime = |error: wasmtime::Error| AdmissionError::Runtime(printable(&error.to_string(), 300));
        let cache = cache.map(engine::cache).transpose().map_err(runtime)?;
        let engine = engine::engine(cache).map_err(runtime)?;
        let linker = abi::linker(&engine).map_err(runtime)?;
        Ok(Self { engine, linker, egress: Arc::new(Egress::of_this_process()), guard: None })
    }

    /// A runtime that first has each unknown component compiled by a child process, within [`limits::COMPILE_TIME`] and
    /// [`limits::COMPILE_MEMORY`]. `program` is the `crhost` executable of this very build.
    ///
    /// # Errors
    /// As for [`Runtime::new`].
    pub(crate) fn guarded(cache: Option<&Path>, program: PathBuf) -> Result<Self, AdmissionError> {
        Ok(Self { guard: Some(Guard::new(program, cache)), ..Self::new(cache)? })
    }

    /// Checks a component's bytes and asks it who it is. It may reach nothing yet.
    ///
    /// # Errors
    /// When they are no component, no flavor, or one of another contract; nothing has run then but `describe`.
    pub(crate) async fn admit(&self, bytes: &[u8]) -> Result<Flavor, AdmissionError> {
        let digest = Digest::of(bytes);
        let (version, abi) = self.link(&digest, bytes).await?;
        // Until it has told its name, it goes by its digest.
        let name = digest.short();
        let store = Store::new(&self.engine, State::new(name, Door::closed(&self.egress, name)));
        let described =
            run(store, name, "describe", limits::PURE_CALL_TIME, async |store| abi.describe(store).await).await;
        let description = described
            .result
            .map_err(AdmissionError::Describe)?
            .map_err(|failure| AdmissionError::Types(failure.message))?;
        Ok(self.flavor(bytes, digest, version, abi, description, Mutex::new(vec![described.usage])))
    }

    /// Checks the bytes of a component that was admitted before, and holds it to what it said of itself then: a second
    /// `describe` could say something else.
    ///
    /// # Errors
    /// When they are no flavor that this host can run; nothing has run then.
    pub(crate) async fn load(&self, bytes: &[u8], description: Description) -> Result<Flavor, AdmissionError> {
        let digest = Digest::of(bytes);
        let (version, abi) = self.link(&digest, bytes).await?;
        Ok(self.flavor(bytes, digest, version, abi, description, Mutex::default()))
    }

    async fn link(&self, digest: &Digest, bytes: &[u8]) -> Result<(semver::Version, Abi), AdmissionError> {
        admission::check_kind(bytes)?;
        let component = self.compile(digest, bytes).await?;
        Abi::admit(&self.engine, &self.linker, &component)
    }

    fn flavor(
        &self,
        bytes: &[u8],
        digest: Digest,
        version: semver::Version,
        abi: Abi,
        description: Description,
        usage: Mutex<Vec<Usage>>,
    ) -> Flavor {
        let (engine, egress, size) = (self.engine.clone(), Arc::clone(&self.egress), bytes.len() as u64);
        Flavor { engine, egress, abi, version, digest, size, description, grants: Vec::new(), usage }
    }

    /// Compiles on a thread of its own: it takes seconds for large components, and a task must not wait that long.
    async fn compile(&self, digest: &Digest, bytes: &[u8]) -> Result<Component, AdmissionError> {
        if let Some(guard) = &self.guard {
            guard.admit(&self.engine, digest, bytes).await?;
        }
        let (engine, bytes) = (self.engine.clone(), bytes.to_vec());
        let compiled = tokio::task::spawn_blocking(move || Component::from_binary(&engine, &bytes));
        match tokio::time::timeout(limits::COMPILE_TIME, compiled).await {
            Err(_) => Err(AdmissionError::CompileTime),
            Ok(Err(panicked)) => Err(AdmissionError::Runtime(printable(&panicked.to_string(), 300))),
            Ok(Ok(result)) => {
                result.map_err(|error| AdmissionError::Invalid(printable(&error.root_cause().to_string(), 300)))
            }
        }
    }
}

#[cfg(any(test, fuzzing))]
impl Runtime {
    /// A store that no guest has used.
    pub(super) fn store(&self) -> Store<State> {
        Store::new(&self.engine, State::new("fuzz", Door::closed(&self.egress, "fuzz")))
    }
}

impl Flavor {
    /// What it says of itself.
    #[must_use]
    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    /// The version of the contract that it speaks.
    #[must_use]
    pub(crate) fn contract(&self) -> &semver::Version {
        &self.version
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

    /// Lets it reach what the user granted, and nothing else.
    #[must_use]
    pub(crate) fn granted(self, grants: Vec<Grant>) -> Self {
        Self { grants, ..self }
    }

    /// What it may reach for every registry.
    #[must_use]
    pub(crate) fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// What its calls have used since this was asked last.
    #[must_use]
    pub(crate) fn take_usage(&self) -> Vec<Usage> {
        std::mem::take(&mut *self.usage.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks whether `uri` names a registry of this kind.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn validate_uri(&self, uri: &str) -> Result<AcceptedUri, CallError> {
        let door = Door::closed(&self.egress, self.name());
        self.call("validate-uri", limits::PURE_CALL_TIME, door, async |store| self.abi.validate_uri(store, uri).await)
            .await
    }

    /// Has it check, or make, what must exist before `image` is pushed.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn prepare_image_push(&self, asked: Asked<'_>) -> Result<Prepared, CallError> {
        patiently(async || {
            self.call("prepare-image-push", limits::SERVICE_CALL_TIME, self.door(&asked), async |store| {
                self.abi.prepare_image_push(store, asked).await
            })
            .await
        })
        .await
    }

    /// Asks it for credentials for `image`'s repository.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn credentials(&self, asked: Asked<'_>) -> Result<FlavorCredential, CallError> {
        patiently(async || {
            self.call("credentials", limits::SERVICE_CALL_TIME, self.door(&asked), async |store| {
                self.abi.credentials(store, asked).await
            })
            .await
        })
        .await
    }

    /// Asks it who a connector is, which proves its credentials; none if it has no way to tell of any.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn identify(&self, asked: AskedOfConnector<'_>) -> Result<Option<String>, CallError> {
        patiently(async || {
            self.call("identify", limits::SERVICE_CALL_TIME, self.door_of(asked.connector), async |store| {
                self.abi.identify(store, asked).await
            })
            .await
        })
        .await
    }

    /// Asks it what a connector can reach; none if it does not list.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn list_resources(
        &self,
        asked: AskedOfConnector<'_>,
    ) -> Result<Option<Vec<RegistryUri>>, CallError> {
        patiently(async || {
            self.call("list-resources", limits::SERVICE_CALL_TIME, self.door_of(asked.connector), async |store| {
                self.abi.list_resources(store, asked).await
            })
            .await
        })
        .await
    }

    fn name(&self) -> &str {
        self.description.name.as_str()
    }

    /// The way out for a call about a registry: what is granted to the flavor and to it for this registry, and the hosts
    /// that the connector's auth method may send its secrets to.
    fn door(&self, asked: &Asked<'_>) -> Door {
        let pass = Pass {
            grants: self.grants.iter().chain(&asked.registry.grants).cloned().collect(),
            registry: Some(asked.registry.uri.host().clone()),
            secret_hosts: asked.connector.map(|connector| self.secret_hosts(connector)).unwrap_or_default(),
        };
        Door::open(&self.egress, self.name(), pass)
    }

    /// The way out for a call about a connector alone: what is granted to the flavor for every registry.
    fn door_of(&self, connector: &ConnectorView) -> Door {
        let pass = Pass { grants: self.grants.clone(), registry: None, secret_hosts: self.secret_hosts(connector) };
        Door::open(&self.egress, self.name(), pass)
    }

    fn secret_hosts(&self, connector: &ConnectorView) -> Vec<HostPattern> {
        let method = self.description.auth_method(&connector.connector_type, &connector.method);
        method.map(|method| method.hosts.clone()).unwrap_or_default()
    }

    async fn call<T>(
        &self,
        function: &'static str,
        time: Duration,
        door: Door,
        call: impl AsyncFnOnce(&mut Store<State>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let flavor = &self.description.name;
        let store = Store::new(&self.engine, State::new(flavor.as_str(), door));
        let Finished { result, usage, grant } = run(store, flavor.as_str(), function, time, call).await;
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).push(usage);
        let flavor = flavor.clone();
        match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(failure)) => Err(CallError::Refused { flavor, failure, grant }),
            Err(cause) => Err(CallError::Failed { flavor, function, cause, grant }),
        }
    }
}
