//! Turns the bytes of a component into a flavor.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::Instrument as _;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use super::abi::{self, Answer, Contract, PolicyContract};
use super::binary::Interfaces;
use super::compile::{Announce, CompileGuard, History};
use super::error::AdmissionError;
use super::facts::ComponentFacts;
use super::handle::{Accepted, Flavor};
use super::invocation::{NoValue, invoke};
use super::limits;
use super::loaded::{Known, Linked, Loaded};
use super::maker::Maker;
use super::model::{Description, PolicyDescription};
use super::parts::Parts;
use super::policy::Policy;
use super::sandbox::SandboxState;
use super::surroundings::Surroundings;
use super::usage::Usage;
use super::{admission, binary};
use crate::egress::{EgressClient, EgressPolicy, Redaction};
use crate::grant::Guest;
use crate::image::Digest;
use crate::spans;
use crate::text::{Escaped, printable};

/// The engine and the functions that it offers to flavors; one per process, with what is loaded. Copies share it.
#[derive(Clone)]
pub(crate) struct Runtime(Arc<Parts>);

impl Deref for Runtime {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What a component has to be: a flavor or a policy.
struct Role<C: ?Sized> {
    /// Checks the names of imports and exports.
    check_names: fn(&Interfaces) -> Result<semver::Version, AdmissionError>,
    /// Checks the types, and gives the functions.
    bind: Bind<C>,
}

/// See [`Role::bind`].
type Bind<C> =
    fn(&Engine, &Linker<SandboxState>, &Component, &Interfaces) -> Result<(semver::Version, Box<C>), AdmissionError>;

const FLAVOR: Role<dyn Contract> = Role { check_names: abi::check_names, bind: abi::bind };
const POLICY: Role<dyn PolicyContract> = Role { check_names: abi::check_policy_names, bind: abi::bind_policy };

impl Runtime {
    /// A runtime that keeps compiled code in the directory `cache`, if there is one, and only there. Components are
    /// compiled in this process, without a bound on memory: see [`Runtime::guarded`] for components that are not
    /// trusted.
    ///
    /// # Errors
    /// When the runtime can't start. A directory that can't be used is no reason.
    pub(crate) fn new(cache: Option<&Path>) -> Result<Self, AdmissionError> {
        Parts::unguarded(cache, Vec::new()).map(|parts| Self(Arc::new(parts)))
    }

    /// A runtime that first has each unknown component compiled by a child process, within [`limits::COMPILE_TIME`] and
    /// [`limits::COMPILE_MEMORY`]. `program` is the `crhost` executable of this very build; flavors' requests trust the
    /// authorities of `certificate_directories` besides the platform's. `announce` tells the user of a long
    /// compilation.
    ///
    /// # Errors
    /// As for [`Runtime::new`].
    pub(crate) fn guarded(
        cache: Option<&Path>,
        program: PathBuf,
        certificate_directories: Vec<PathBuf>,
        announce: Option<Announce>,
    ) -> Result<Self, AdmissionError> {
        let unguarded = Parts::unguarded(cache, certificate_directories)?;
        let guard = Some(CompileGuard::new(program, cache, announce));
        Ok(Self(Arc::new(Parts { guard, ..unguarded })))
    }

    /// Checks a component's bytes and calls `describe`. The flavor may reach no host yet; until its name is known, it
    /// is called by `label`, the file that it is from.
    ///
    /// # Errors
    /// When they are no component, no flavor, or one of another contract; nothing has run then but `describe`.
    pub(crate) async fn admit(&self, label: &str, bytes: &[u8]) -> Result<Flavor, AdmissionError> {
        self.admit_within(label, bytes, &Surroundings::default()).await
    }

    /// The same, with `describe` called in these surroundings.
    ///
    /// # Errors
    /// As for [`admit`](Self::admit).
    pub(crate) async fn admit_within(
        &self,
        label: &str,
        bytes: &[u8],
        surroundings: &Surroundings,
    ) -> Result<Flavor, AdmissionError> {
        let linked = self.link(&FLAVOR, label, bytes, Digest::of(bytes), History::New).await?;
        let guest = Guest::flavor(&printable(label, limits::TEXT_CHARS));
        let call = async |store: &mut Store<SandboxState>| linked.contract.describe(store).await;
        let (description, usage) = self.describe(&guest, "describe", surroundings, call).await?;
        let call = async |store: &mut Store<SandboxState>| linked.contract.describe_cleanup(store, description).await;
        let (description, _) = self.describe(&guest, "describe-cleanup", surroundings, call).await?;
        let call = async |store: &mut Store<SandboxState>| linked.contract.describe_id_tokens(store, description).await;
        let (description, _) = self.describe(&guest, "describe-id-tokens", surroundings, call).await?;
        let call = async |store: &mut Store<SandboxState>| linked.contract.describe_commands(store, description).await;
        let (description, _) = self.describe(&guest, "describe-commands", surroundings, call).await?;
        let flavor = self.flavor(linked, description);
        flavor.record(usage);
        Ok(flavor)
    }

    /// The same for a component that has to be a policy.
    ///
    /// # Errors
    /// When they are no component, no policy, or one of another contract; nothing has run then but `describe`.
    pub(crate) async fn admit_policy(&self, label: &str, bytes: &[u8]) -> Result<Policy, AdmissionError> {
        self.admit_policy_within(label, bytes, &Surroundings::default()).await
    }

    /// The same, with `describe` called in these surroundings.
    ///
    /// # Errors
    /// As for [`admit_policy`](Self::admit_policy).
    pub(crate) async fn admit_policy_within(
        &self,
        label: &str,
        bytes: &[u8],
        surroundings: &Surroundings,
    ) -> Result<Policy, AdmissionError> {
        let linked = self.link(&POLICY, label, bytes, Digest::of(bytes), History::New).await?;
        let guest = Guest::policy(&printable(label, limits::TEXT_CHARS));
        let call = async |store: &mut Store<SandboxState>| linked.contract.describe(store).await;
        let (description, _) = self.describe(&guest, "describe", surroundings, call).await?;
        Ok(self.policy(linked, description))
    }

    /// Checks the bytes of a policy that was admitted before, with its digest and its description of then.
    ///
    /// # Errors
    /// When they are no policy that this host can run; nothing has run then.
    pub(crate) async fn load_policy(
        &self,
        known: Known<'_>,
        description: PolicyDescription,
    ) -> Result<Policy, AdmissionError> {
        let linked = self.link_once(&POLICY, &self.policies, description.name.as_str(), known).await?;
        Ok(self.policy(linked, description))
    }

    /// Calls a function that describes, in a store that may reach no host.
    async fn describe<T>(
        &self,
        guest: &Guest,
        function: &'static str,
        surroundings: &Surroundings,
        call: impl AsyncFnOnce(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<(T, Usage), AdmissionError> {
        let store = self.store(guest, surroundings);
        let described = invoke(store, guest, function, limits::PURE_CALL_TIME, call).await;
        let description = described.result.map_err(|reason| match reason {
            NoValue::Refused(failure) => AdmissionError::Types(failure.message),
            NoValue::Failed(cause) => AdmissionError::Describe(cause),
        })?;
        Ok((description, described.usage))
    }

    /// Checks the bytes of a component that was admitted before, with their digest and its description of then: a
    /// second `describe` could give another one.
    ///
    /// # Errors
    /// When they are no flavor that this host can run; nothing has run then.
    pub(crate) async fn load(&self, known: Known<'_>, description: Description) -> Result<Flavor, AdmissionError> {
        let linked = self.link_once(&FLAVOR, &self.flavors, description.name.as_str(), known).await?;
        Ok(self.flavor(linked, description))
    }

    /// Links a component that was admitted before, unless this process has done so.
    async fn link_once<C: ?Sized>(
        &self,
        role: &Role<C>,
        loaded: &Loaded<C>,
        label: &str,
        Known { bytes, digest }: Known<'_>,
    ) -> Result<Linked<C>, AdmissionError> {
        if let Some(linked) = loaded.get(digest) {
            return Ok(linked);
        }
        let linked = self.link(role, label, bytes, digest.clone(), History::Registered).await?;
        loaded.keep(&linked);
        Ok(linked)
    }

    async fn link<C: ?Sized>(
        &self,
        role: &Role<C>,
        label: &str,
        bytes: &[u8],
        digest: Digest,
        history: History,
    ) -> Result<Linked<C>, AdmissionError> {
        admission::check_kind(bytes)?;
        let names = binary::interfaces(bytes)?;
        (role.check_names)(&names)?;
        let code = self.stored.as_ref().map(|stored| stored.code_of(&self.engine, bytes));
        let lost = code.as_ref().is_some_and(|code| !code.verify());
        if let Some(guard) = &self.guard {
            guard.admit(&self.engine, label, &digest, bytes, history, lost).instrument(spans::compile()).await?;
        }
        let component = self.compile(bytes).instrument(spans::compile()).await?;
        if let Some(code) = code {
            code.seal();
        }
        let (version, contract) = (role.bind)(&self.engine, &self.linker, &component, &names)?;
        let facts = ComponentFacts { contract: version, digest, size: bytes.len() as u64 };
        Ok(Linked { facts, contract: Arc::from(contract) })
    }

    fn policy(&self, linked: Linked<dyn PolicyContract>, description: PolicyDescription) -> Policy {
        let Linked { facts, contract } = linked;
        Policy::new(self.engine.clone(), Arc::clone(&self.transport), contract, facts, description)
    }

    fn flavor(&self, linked: Linked<dyn Contract>, description: Description) -> Flavor {
        let Linked { facts: ComponentFacts { contract: contract_version, digest, size }, contract } = linked;
        Flavor {
            engine: self.engine.clone(),
            transport: Arc::clone(&self.transport),
            contract,
            contract_version,
            digest,
            size,
            description,
            grants: Vec::new(),
            accepted: Accepted::Operations(Vec::new()),
            maker: Maker::Other,
            usage: parking_lot::Mutex::default(),
            surroundings: Surroundings::default(),
        }
    }

    /// Compiles on a thread of its own: large components take seconds, for which a task must not block. There is no
    /// limit here: the guard knows that it fits, or the component is part of crhost.
    async fn compile(&self, bytes: &[u8]) -> Result<Component, AdmissionError> {
        let (engine, bytes) = (self.engine.clone(), bytes.to_vec());
        match tokio::task::spawn_blocking(move || Component::from_binary(&engine, &bytes)).await {
            Err(panicked) => Err(AdmissionError::CompilerCrash(Escaped::new(&panicked.to_string(), 300))),
            Ok(result) => {
                result.map_err(|error| AdmissionError::Invalid(Escaped::new(&error.root_cause().to_string(), 300)))
            }
        }
    }

    /// A store for a call that may reach no host.
    fn store(&self, guest: &Guest, surroundings: &Surroundings) -> Store<SandboxState> {
        let egress = EgressClient::new(&self.transport, guest, EgressPolicy::DenyAll, Redaction::default());
        Store::new(&self.engine, SandboxState::new(guest, egress, surroundings))
    }

    /// How many flavors are loaded.
    #[cfg(test)]
    pub(super) fn loaded_flavors(&self) -> usize {
        self.flavors.len()
    }

    /// The same for the flavor of a name.
    #[cfg(any(test, fuzzing))]
    pub(super) fn closed_store(&self, flavor: &str) -> Store<SandboxState> {
        self.store(&Guest::flavor(flavor), &Surroundings::default())
    }
}
