//! What a runtime is made of, once per process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::Linker;

use super::abi::{self, Contract, PolicyContract};
use super::compile::{CompileGuard, StoredCode};
use super::engine;
use super::error::AdmissionError;
use super::loaded::Loaded;
use super::sandbox::SandboxState;
use crate::egress::Transport;
use crate::text::Escaped;

/// What a runtime is made of.
pub(crate) struct Parts {
    pub(super) engine: Engine,
    pub(super) linker: Linker<SandboxState>,
    pub(super) transport: Arc<Transport>,
    pub(super) guard: Option<CompileGuard>,
    pub(super) stored: Option<StoredCode>,
    pub(super) flavors: Loaded<dyn Contract>,
    pub(super) policies: Loaded<dyn PolicyContract>,
}

impl Parts {
    /// Parts that compile in this process, with compiled code in the directory `cache`.
    ///
    /// # Errors
    /// When the engine can't start.
    pub(super) fn unguarded(
        cache: Option<&Path>,
        certificate_directories: Vec<PathBuf>,
    ) -> Result<Self, AdmissionError> {
        let runtime = |error: wasmtime::Error| AdmissionError::Runtime(Escaped::new(&error.to_string(), 300));
        let directory = cache;
        let cache = directory.and_then(|directory| match engine::cache(directory) {
            Ok(cache) => Some(cache),
            Err(reason) => {
                let reason = Escaped::new(&format!("{reason:#}"), 300);
                tracing::debug!("compiled flavors are not kept in `{}`: {reason}", directory.display());
                None
            }
        });
        let stored = cache.as_ref().and(directory).map(StoredCode::new);
        let engine = engine::engine(cache).map_err(runtime)?;
        let linker = abi::linker(&engine).map_err(runtime)?;
        let transport = Arc::new(Transport::new(certificate_directories));
        let (flavors, policies) = (Loaded::default(), Loaded::default());
        Ok(Self { engine, linker, transport, guard: None, stored, flavors, policies })
    }
}
