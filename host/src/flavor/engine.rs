//! The WebAssembly engine, narrowed to what flavors may use. There is one per process.

use std::path::{Path, PathBuf};
use std::thread;

use wasmtime::{Cache, CacheConfig, Config, Engine, WasmFeatures};

use super::limits;

/// The cache of compiled code in a folder. Its key holds the full version of the compiler and its settings, and the
/// component's bytes.
///
/// # Errors
/// When the folder can't be used.
pub(super) fn cache(folder: &Path) -> wasmtime::Result<Cache> {
    let mut settings = CacheConfig::new();
    settings.with_directory(code_folder(folder)).with_file_count_soft_limit(limits::COMPILED_COMPONENTS as u64);
    Cache::new(settings)
}

/// An engine that compiles to native code and can interrupt what it runs; with a cache, compiled code is kept there.
///
/// # Errors
/// When the runtime refuses its own configuration, which no input can bring about.
pub(super) fn engine(cache: Option<Cache>) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        // A guest is interrupted at the next loop or call after its time is up.
        .epoch_interruption(true)
        .max_wasm_stack(limits::STACK_BYTES)
        // Compiled flavors run one call and leave: nothing to gain from these, and every feature is attack surface.
        .concurrency_support(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .wasm_features(WasmFeatures::GC | WasmFeatures::EXCEPTIONS | WasmFeatures::FUNCTION_REFERENCES, false)
        .wasm_features(WasmFeatures::TAIL_CALL | WasmFeatures::THREADS, false)
        // The same input gives the same answer on every processor.
        .cranelift_nan_canonicalization(true)
        // Backtraces are kept out of messages: they name the guest's functions, not what a user could do.
        .wasm_backtrace_max_frames(None)
        // A flavor uses a few MiB: reserving less address space than the default 4 GiB lets it run under `ulimit -v`.
        .memory_reservation(64 << 20)
        .memory_guard_size(64 << 10)
        .cache(cache);
    let engine = Engine::new(&config)?;
    start_ticking(&engine);
    Ok(engine)
}

/// Where the runtime keeps compiled code in the cache's folder.
pub(super) fn code_folder(cache: &Path) -> PathBuf {
    cache.join("code")
}

/// Moves the engine's epoch on until the engine is gone. A thread of its own: a task could be starved by the guest that it
/// should interrupt.
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
