//! The WebAssembly engine, narrowed to the features that flavors may use. There is one per process.

use std::path::{Path, PathBuf};
use std::thread;

use wasmtime::{Cache, CacheConfig, Config, Engine, WasmFeatures};

use super::limits;

/// The cache of compiled code below a directory. Its keys hold the full version of the compiler with its settings, and
/// the component's bytes.
///
/// # Errors
/// When the directory can't be used.
pub(super) fn cache(directory: &Path) -> wasmtime::Result<Cache> {
    let mut settings = CacheConfig::new();
    settings.with_directory(code_directory(directory)).with_file_count_soft_limit(limits::COMPILED_COMPONENTS as u64);
    Cache::new(settings)
}

/// An engine that compiles to native code and can interrupt it; compiled code is kept in `cache`, if there is one.
///
/// # Errors
/// When the runtime refuses its own configuration, which no input can bring about.
pub(super) fn engine(cache: Option<Cache>) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        // A guest is interrupted at the next loop or call after its time is up.
        .epoch_interruption(true)
        .max_wasm_stack(limits::STACK_BYTES)
        // A call is short and serial: these gain nothing, and every feature is attack surface.
        .concurrency_support(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .wasm_features(WasmFeatures::GC | WasmFeatures::EXCEPTIONS | WasmFeatures::FUNCTION_REFERENCES, false)
        .wasm_features(WasmFeatures::TAIL_CALL | WasmFeatures::THREADS, false)
        // The same input gives the same answer on every processor.
        .cranelift_nan_canonicalization(true)
        // No backtraces in messages: they name the guest's functions, and no step that the user could take.
        .wasm_backtrace_max_frames(None)
        // A flavor uses a few MiB: reserving less address space than the default 4 GiB lets it run under `ulimit -v`.
        .memory_reservation(64 << 20)
        .memory_guard_size(64 << 10)
        .cache(cache);
    let engine = Engine::new(&config)?;
    start_ticking(&engine);
    Ok(engine)
}

/// The directory of compiled code below the cache's directory.
pub(super) fn code_directory(cache: &Path) -> PathBuf {
    cache.join("code")
}

/// Increments the engine's epoch until the engine is dropped. In a thread: a task could be starved by the very guest
/// that it should interrupt.
fn start_ticking(engine: &Engine) {
    let engine = engine.weak();
    thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(limits::TICK);
        }
    });
}
