//! Runs flavors: a fresh store for each call, gone after it, whatever happened inside.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store, Trap, UpdateDeadline};
use wasmtime_wasi::I32Exit;

use super::abi::{self, Abi, Answer};
use super::compile::Guard;
use super::error::{AdmissionError, CallError, Cause};
use super::limits::{self, Exceeded};
use super::model::{AcceptedUri, Description, FlavorCredential, ImageView, Prepared, RegistryView};
use super::state::State;
use super::{admission, engine};
use crate::image::Digest;
use crate::text::printable;

/// The engine and what it offers to flavors; one per process.
pub struct Runtime {
    engine: Engine,
    linker: Linker<State>,
    guard: Option<Guard>,
}

/// A component that was found to be a flavor.
pub struct Flavor {
    engine: Engine,
    abi: Abi,
    version: semver::Version,
    digest: Digest,
    size: u64,
    description: Description,
}

impl Runtime {
    /// A runtime; with a folder, compiled code is kept there, and only there. Components are compiled in this process, with
    /// no bound on memory: see [`Runtime::guarded`] for those that nobody knows.
    ///
    /// # Errors
    /// When the runtime cannot start, for instance because the folder cannot be used.
    pub fn new(cache: Option<&Path>) -> Result<Self, AdmissionError> {
        let runtime = |error: wasmtime::Error| AdmissionError::Runtime(printable(&error.to_string(), 300));
        let cache = cache.map(engine::cache).transpose().map_err(runtime)?;
        let engine = engine::engine(cache).map_err(runtime)?;
        let linker = abi::linker(&engine).map_err(runtime)?;
        Ok(Self { engine, linker, guard: None })
    }

    /// A runtime that first has each unknown component compiled by a child process, within [`limits::COMPILE_TIME`] and
    /// [`limits::COMPILE_MEMORY`]. `program` is the `crhost` executable of this very build.
    ///
    /// # Errors
    /// As for [`Runtime::new`].
    pub fn guarded(cache: Option<&Path>, program: PathBuf) -> Result<Self, AdmissionError> {
        Ok(Self { guard: Some(Guard::new(program, cache)), ..Self::new(cache)? })
    }

    /// Checks a component's bytes and asks it who it is.
    ///
    /// # Errors
    /// When they are no component, no flavor, or one of another contract; nothing has run then but `describe`.
    pub async fn admit(&self, bytes: &[u8]) -> Result<Flavor, AdmissionError> {
        admission::check_kind(bytes)?;
        let digest = Digest::of(bytes);
        let component = self.compile(&digest, bytes).await?;
        let (version, abi) = Abi::admit(&self.engine, &self.linker, &component)?;
        let size = bytes.len() as u64;
        // Until it has told its name, it goes by its digest.
        let description =
            run(&self.engine, digest.short(), limits::PURE_CALL_TIME, async |store| abi.describe(store).await)
                .await
                .map_err(AdmissionError::Describe)?
                .map_err(|failure| AdmissionError::Types(failure.message))?;
        Ok(Flavor { engine: self.engine.clone(), abi, version, digest, size, description })
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

impl Flavor {
    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The version of the contract that it speaks.
    #[must_use]
    pub fn contract(&self) -> &semver::Version {
        &self.version
    }

    /// The digest of its component.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The size of its component in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Asks whether `uri` names a registry of this kind.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub async fn validate_uri(&self, uri: &str) -> Result<AcceptedUri, CallError> {
        self.call("validate-uri", limits::PURE_CALL_TIME, async |store| self.abi.validate_uri(store, uri).await).await
    }

    /// Has it check, or make, what must exist before `image` is pushed.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub async fn prepare_image_push(&self, registry: &RegistryView, image: &ImageView) -> Result<Prepared, CallError> {
        self.call("prepare-image-push", limits::SERVICE_CALL_TIME, async |store| {
            self.abi.prepare_image_push(store, registry, image).await
        })
        .await
    }

    /// Asks it for credentials for `image`'s repository.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub async fn credentials(&self, registry: &RegistryView, image: &ImageView) -> Result<FlavorCredential, CallError> {
        self.call("credentials", limits::SERVICE_CALL_TIME, async |store| {
            self.abi.credentials(store, registry, image).await
        })
        .await
    }

    async fn call<T>(
        &self,
        function: &'static str,
        time: Duration,
        call: impl AsyncFnOnce(&mut Store<State>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let flavor = &self.description.name;
        run(&self.engine, flavor.as_str(), time, call)
            .await
            .map_err(|cause| CallError::Failed { flavor: flavor.clone(), function, cause })?
            .map_err(CallError::Refused)
    }
}

/// One call in a fresh store, within its time.
async fn run<T>(
    engine: &Engine,
    flavor: &str,
    time: Duration,
    call: impl AsyncFnOnce(&mut Store<State>) -> Answer<T>,
) -> Result<Result<T, super::model::Failure>, Cause> {
    let mut store = Store::new(engine, State::new(flavor));
    store.limiter(|state| &mut state.meter);
    store.set_hostcall_fuel(limits::LIFTED_BYTES);
    store.set_max_component_handles(limits::HANDLES);
    let deadline = Instant::now() + time;
    store.set_epoch_deadline(1);
    // A busy guest yields at each tick, so that one thread can serve others and the time limit below can strike.
    store.epoch_deadline_callback(move |_| {
        Ok(if Instant::now() >= deadline { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
    });
    let outcome = tokio::time::timeout(time, call(&mut store)).await;
    let stderr = store.data().stderr();
    if !stderr.is_empty() {
        tracing::debug!(
            "flavor `{flavor}` wrote to its standard error: {}",
            printable(&stderr, limits::LOG_LINE_CHARS)
        );
    }
    match outcome {
        Err(_) => Err(Cause::Time(time)),
        Ok(Ok(answer)) => Ok(answer?),
        Ok(Err(error)) => Err(cause(&error, store.data().meter.exceeded(), time)),
    }
}

fn cause(error: &wasmtime::Error, exceeded: Option<Exceeded>, time: Duration) -> Cause {
    match (error.downcast_ref::<Trap>(), exceeded) {
        (Some(Trap::Interrupt), _) => Cause::Time(time),
        (_, Some(Exceeded::Memory)) => Cause::Memory,
        (_, Some(Exceeded::Tables)) => Cause::Tables,
        (Some(trap), None) => Cause::Trap(trap.to_string()),
        (None, None) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => Cause::Trap(format!("it exited with status {}", exit.0)),
            None => Cause::Trap(printable(&error.root_cause().to_string(), 300)),
        },
    }
}
