//! Turns the bytes of a component into a flavor.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use super::abi::{self, Contract};
use super::compile::CompileGuard;
use super::error::AdmissionError;
use super::handle::{Accepted, Flavor};
use super::invocation::{NoValue, invoke};
use super::limits;
use super::model::Description;
use super::sandbox::SandboxState;
use super::{admission, engine};
use crate::egress::{EgressClient, EgressPolicy, Redaction, Transport};
use crate::image::Digest;
use crate::text::Escaped;

/// The engine and the functions that it offers to flavors; one per process.
pub(crate) struct Runtime {
    engine: Engine,
    linker: Linker<SandboxState>,
    transport: Arc<Transport>,
    guard: Option<CompileGuard>,
}

impl Runtime {
    /// A runtime that keeps compiled code in the directory `cache`, if there is one, and only there. Components are
    /// compiled in this process, without a bound on memory: see [`Runtime::guarded`] for components that are not
    /// trusted.
    ///
    /// # Errors
    /// When the runtime can't start, for instance because the directory can't be used.
    pub(crate) fn new(cache: Option<&Path>) -> Result<Self, AdmissionError> {
        Self::unguarded(cache, Vec::new())
    }

    fn unguarded(cache: Option<&Path>, certificate_directories: Vec<PathBuf>) -> Result<Self, AdmissionError> {
        let runtime = |error: wasmtime::Error| AdmissionError::Runtime(Escaped::new(&error.to_string(), 300));
        let cache = cache.map(engine::cache).transpose().map_err(runtime)?;
        let engine = engine::engine(cache).map_err(runtime)?;
        let linker = abi::linker(&engine).map_err(runtime)?;
        let transport = Arc::new(Transport::new(certificate_directories));
        Ok(Self { engine, linker, transport, guard: None })
    }

    /// A runtime that first has each unknown component compiled by a child process, within [`limits::COMPILE_TIME`] and
    /// [`limits::COMPILE_MEMORY`]. `program` is the `crhost` executable of this very build; flavors' requests trust the
    /// authorities of `certificate_directories` besides the platform's.
    ///
    /// # Errors
    /// As for [`Runtime::new`].
    pub(crate) fn guarded(
        cache: Option<&Path>,
        program: PathBuf,
        certificate_directories: Vec<PathBuf>,
    ) -> Result<Self, AdmissionError> {
        let unguarded = Self::unguarded(cache, certificate_directories)?;
        Ok(Self { guard: Some(CompileGuard::new(program, cache)), ..unguarded })
    }

    /// Checks a component's bytes and calls `describe`. The flavor may reach no host yet.
    ///
    /// # Errors
    /// When they are no component, no flavor, or one of another contract; nothing has run then but `describe`.
    pub(crate) async fn admit(&self, bytes: &[u8]) -> Result<Flavor, AdmissionError> {
        let digest = Digest::of(bytes);
        let (version, contract) = self.link(&digest, bytes).await?;
        // Until its name is known, it is logged under its digest.
        let store = self.closed_store(digest.short());
        let call = async |store: &mut Store<SandboxState>| contract.describe(store).await;
        let described = invoke(store, digest.short(), "describe", limits::PURE_CALL_TIME, call).await;
        let description = described.result.map_err(|reason| match reason {
            NoValue::Refused(failure) => AdmissionError::Types(failure.message),
            NoValue::Failed(cause) => AdmissionError::Describe(cause),
        })?;
        let flavor = self.flavor(bytes, digest, version, contract, description);
        flavor.record(described.usage);
        Ok(flavor)
    }

    /// Checks the bytes of a component that was admitted before, with its description of then: a second `describe`
    /// could give another one.
    ///
    /// # Errors
    /// When they are no flavor that this host can run; nothing has run then.
    pub(crate) async fn load(&self, bytes: &[u8], description: Description) -> Result<Flavor, AdmissionError> {
        let digest = Digest::of(bytes);
        let (version, contract) = self.link(&digest, bytes).await?;
        Ok(self.flavor(bytes, digest, version, contract, description))
    }

    async fn link(
        &self,
        digest: &Digest,
        bytes: &[u8],
    ) -> Result<(semver::Version, Box<dyn Contract>), AdmissionError> {
        admission::check_kind(bytes)?;
        let component = self.compile(digest, bytes).await?;
        abi::admit(&self.engine, &self.linker, &component)
    }

    fn flavor(
        &self,
        bytes: &[u8],
        digest: Digest,
        contract_version: semver::Version,
        contract: Box<dyn Contract>,
        description: Description,
    ) -> Flavor {
        Flavor {
            engine: self.engine.clone(),
            transport: Arc::clone(&self.transport),
            contract,
            contract_version,
            digest,
            size: bytes.len() as u64,
            description,
            grants: Vec::new(),
            accepted: Accepted::Operations(Vec::new()),
            usage: parking_lot::Mutex::default(),
        }
    }

    /// Compiles on a thread of its own: large components take seconds, for which a task must not block.
    async fn compile(&self, digest: &Digest, bytes: &[u8]) -> Result<Component, AdmissionError> {
        if let Some(guard) = &self.guard {
            guard.admit(&self.engine, digest, bytes).await?;
        }
        let (engine, bytes) = (self.engine.clone(), bytes.to_vec());
        let compiled = tokio::task::spawn_blocking(move || Component::from_binary(&engine, &bytes));
        match tokio::time::timeout(limits::COMPILE_TIME, compiled).await {
            Err(_) => Err(AdmissionError::CompileTime),
            Ok(Err(panicked)) => Err(AdmissionError::Runtime(Escaped::new(&panicked.to_string(), 300))),
            Ok(Ok(result)) => {
                result.map_err(|error| AdmissionError::Invalid(Escaped::new(&error.root_cause().to_string(), 300)))
            }
        }
    }

    /// A store for a call that may reach no host.
    pub(super) fn closed_store(&self, flavor: &str) -> Store<SandboxState> {
        let egress = EgressClient::new(&self.transport, flavor, EgressPolicy::DenyAll, Redaction::default());
        Store::new(&self.engine, SandboxState::new(flavor, egress))
    }
}
