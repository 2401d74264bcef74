//! The work of the child process: it limits itself, compiles one component, and reports the outcome.

use std::io::{self, Read};
use std::path::Path;
use std::{process, thread};

use wasmtime::OutOfMemory;
use wasmtime::component::Component;

use crate::flavor::{engine, limits};
use crate::text::printable;

/// The outcome of a compilation, as the exit code of the child process. No variant has the code of a panic (101) or of
/// wrong arguments (2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompileOutcome {
    /// Compiled within all limits, and in the cache from now on.
    Cached = 0,
    /// Compiled within all limits, but there is no cache, or it could not be written.
    Compiled = 10,
    /// It is no valid component.
    Invalid = 11,
    /// It takes more memory than it may.
    OutOfMemory = 12,
}

impl CompileOutcome {
    /// The outcome of an exit code, if it is one.
    pub(super) fn of_code(code: i32) -> Option<Self> {
        let all = [Self::Cached, Self::Compiled, Self::Invalid, Self::OutOfMemory];
        all.into_iter().find(|outcome| *outcome as i32 == code)
    }

    /// The exit code.
    #[must_use]
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

/// Compiles the component of `size` bytes on standard input with at most `memory` bytes of memory, into the directory
/// `cache`, or loads it from there. Gives the outcome, and for an invalid component the reason in one line.
///
/// For a process that does nothing else: its resources are limited from here on, and it exits when its standard input
/// is closed.
///
/// # Errors
/// When the limits can't be set, the input can't be read, or the cache can't be used.
pub(crate) fn run(size: u64, memory: u64, cache: Option<&Path>) -> io::Result<(CompileOutcome, String)> {
    limit(memory)?;
    let mut bytes = Vec::new();
    io::stdin().take(size.min(limits::COMPONENT_BYTES)).read_to_end(&mut bytes)?;
    thread::spawn(|| {
        // The parent holds the other end open as long as it waits.
        let _ = io::stdin().read(&mut [0]);
        process::exit(1);
    });
    let runtime = |error: wasmtime::Error| io::Error::other(error.to_string());
    let cache = cache.map(engine::cache).transpose().map_err(runtime)?;
    let engine = engine::engine(cache.clone()).map_err(runtime)?;
    Ok(match Component::from_binary(&engine, &bytes) {
        // Hits and misses are counted after success alone.
        Ok(_) if cache.is_some_and(|cache| cache.cache_hits() + cache.cache_misses() > 0) => {
            (CompileOutcome::Cached, String::new())
        }
        Ok(_) => (CompileOutcome::Compiled, String::new()),
        Err(error) if is_out_of_memory(&error) => (CompileOutcome::OutOfMemory, String::new()),
        Err(error) => (CompileOutcome::Invalid, printable(&error.root_cause().to_string(), 300)),
    })
}

/// Whether the runtime itself noticed the end of memory. Where it does not, the process aborts.
fn is_out_of_memory(error: &wasmtime::Error) -> bool {
    #[cfg(unix)]
    if error.root_cause().downcast_ref() == Some(&rustix::io::Errno::NOMEM) {
        return true;
    }
    error.is::<OutOfMemory>()
}

/// Limits this process, as far as the system can.
#[cfg(unix)]
fn limit(memory: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    // Processor time of all threads. The parent limits wall time; this holds where the parent is stopped.
    let seconds = limits::COMPILE_TIME.as_secs() * limits::COMPILE_THREADS as u64;
    let all = [
        // On Linux: all private writable memory. Not the address space (`RLIMIT_AS`): each thread's allocator reserves
        // 64 MiB of that and uses little. Other systems count less, or nothing.
        (Resource::Data, memory),
        (Resource::Cpu, seconds),
        // The cache's file. A larger one could not be loaded once it is uncompressed.
        (Resource::Fsize, limits::LOAD_MEMORY),
        // No core dump: it would hold the component, and help to find no fault.
        (Resource::Core, 0),
    ];
    for (resource, limit) in all {
        // Never above the user's own limit.
        let limit = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    Ok(())
}

/// Elsewhere, the parent limits wall time, and memory has no bound.
#[cfg(not(unix))]
fn limit(_memory: u64) -> io::Result<()> {
    Ok(())
}
