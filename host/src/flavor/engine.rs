//! The WebAssembly engine, narrowed to the features that flavors may use. There is one per process.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use wasmtime::{Cache, CacheConfig, Config, Engine, WasmFeatures};

use super::{limits, stack};

/// The cache of compiled code below a directory. Its keys hold the full version of the compiler with its settings, and
/// the component's bytes.
///
/// # Errors
/// When the directory can't be used.
pub(super) fn cache(directory: &Path) -> wasmtime::Result<Cache> {
    let mut settings = CacheConfig::new();
    settings.with_directory(code_directory(directory)).with_file_count_soft_limit(limits::COMPILED_COMPONENTS as u64);
    // No file is compressed again later: its digest is kept.
    settings.with_optimized_compression_usage_counter_threshold(u64::MAX);
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
        // The runtime's own adapters between the parts of a composed component have two memories.
        .wasm_multi_memory(true)
        .wasm_relaxed_simd(false)
        .wasm_features(WasmFeatures::GC | WasmFeatures::EXCEPTIONS | WasmFeatures::FUNCTION_REFERENCES, false)
        .wasm_features(WasmFeatures::TAIL_CALL | WasmFeatures::THREADS, false)
        // The same input gives the same answer on every processor.
        .cranelift_nan_canonicalization(true)
        // Taken where a guest stops, and nowhere else; no code is compiled otherwise for it. Messages leave them out:
        // they name the guest's functions, for its author alone.
        .wasm_backtrace_max_frames(NonZeroUsize::new(stack::FRAMES))
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

#[cfg(test)]
mod tests {
    use wasmtime::component::{Component, Linker};

    use crate::flavor::Runtime;

    /// Two components, of which one gives the other a text: the runtime's adapter between them copies it from one
    /// memory into another.
    const COMPOSED: &str = r#"(component
        (component $giver
            (core module $module (memory (export "memory") 1) (data (i32.const 16) "hello")
                (data (i32.const 0) "\10\00\00\00\05\00\00\00")
                (func (export "give") (result i32) (i32.const 0)))
            (core instance $instance (instantiate $module))
            (alias core export $instance "memory" (core memory $memory))
            (func (export "give") (result string) (canon lift (core func $instance "give") (memory $memory))))
        (component $taker
            (import "give" (func $give (result string)))
            (core module $memory (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
            (core instance $memory (instantiate $memory))
            (alias core export $memory "memory" (core memory $m))
            (core func $lowered (canon lower (func $give) (memory $m) (realloc (core func $memory "realloc"))))
            (core module $module (import "" "give" (func $give (param i32))) (import "" "memory" (memory 1))
                (func (export "length") (result i32) (call $give (i32.const 0)) (i32.load (i32.const 4))))
            (core instance $instance (instantiate $module (with "" (instance
                (export "give" (func $lowered)) (export "memory" (memory $m))))))
            (func (export "length") (result u32) (canon lift (core func $instance "length"))))
        (instance $giver (instantiate $giver))
        (instance $taker (instantiate $taker (with "give" (func $giver "give"))))
        (export "length" (func $taker "length")))"#;

    #[tokio::test]
    async fn a_component_that_is_composed_of_two_is_compiled_and_runs() {
        let mut store = Runtime::new(None).unwrap().closed_store("test");
        store.set_epoch_deadline(1_000_000);
        let component = Component::from_binary(store.engine(), &wat::parse_str(COMPOSED).unwrap()).unwrap();
        let linker = Linker::new(store.engine());
        let instance = linker.instantiate_async(&mut store, &component).await.unwrap();
        let length = instance.get_typed_func::<(), (u32,)>(&mut store, "length").unwrap();
        assert_eq!(length.call_async(&mut store, ()).await.unwrap(), (5,));
    }
}
