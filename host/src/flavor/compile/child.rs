//! What the child process does: it takes its limits upon itself, compiles one component, and tells how that went.

use std::io::{self, Read};
use std::path::Path;
use std::{process, thread};

use wasmtime::OutOfMemory;
use wasmtime::component::Component;

use crate::flavor::{engine, limits};
use crate::text::printable;

/// How a compilation went, as the exit code of the child process. Codes of panics and wrong arguments are none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Compiled within all limits, and found in the cache from now on.
    Cached = 0,
    /// Compiled within all limits, but there is no cache, or it could not be written.
    Compiled = 10,
    /// It is no valid component.
    Invalid = 11,
    /// It takes more memory than it may.
    OutOfMemory = 12,
}

impl Verdict {
    /// The verdict of an exit code, if it is one.
    pub(super) fn of_code(code: i32) -> Option<Self> {
        let all = [Self::Cached, Self::Compiled, Self::Invalid, Self::OutOfMemory];
        all.into_iter().find(|verdict| *verdict as i32 == code)
    }

    /// The exit code.
    #[must_use]
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

/// Compiles the component of `size` bytes on standard input, with so many bytes of `memory`, into the folder `cache`, or
/// loads it from there. Gives the verdict, and for a component that is not valid the reason in one line.
///
/// For a process that does nothing else: its resources are limited from here on, and it ends when its standard input
/// does.
///
/// # Errors
/// When the limits can't be set, the input can't be read, or the cache can't be used.
pub(crate) fn run(size: u64, memory: u64, cache: Option<&Path>) -> io::Result<(Verdict, String)> {
    limit(memory)?;
    let mut bytes = Vec::new();
    io::stdin().take(size.min(limits::COMPONENT_BYTES)).read_to_end(&mut bytes)?;
    thread::spawn(|| {
        // The other end is held open as long as somebody waits.
        let _ = io::stdin().read(&mut [0]);
        process::exit(1);
    });
    let runtime = |error: wasmtime::Error| io::Error::other(error.to_string());
    let cache = cache.map(engine::cache).transpose().map_err(runtime)?;
    let engine = engine::engine(cache.clone()).map_err(runtime)?;
    Ok(match Component::from_binary(&engine, &bytes) {
        // Both are counted after success alone.
        Ok(_) if cache.is_some_and(|cache| cache.cache_hits() + cache.cache_misses() > 0) => {
            (Verdict::Cached, String::new())
        }
        Ok(_) => (Verdict::Compiled, String::new()),
        Err(error) if is_out_of_memory(&error) => (Verdict::OutOfMemory, String::new()),
        Err(error) => (Verdict::Invalid, printable(&error.root_cause().to_string(), 300)),
    })
}

/// Whether memory ended where the runtime sees to that itself; elsewhere the process aborts.
fn is_out_of_memory(error: &wasmtime::Error) -> bool {
    #[cfg(unix)]
    if error.root_cause().downcast_ref() == Some(&rustix::io::Errno::NOMEM) {
        return true;
    }
    error.is::<OutOfMemory>()
}

/// Takes the limits of compilation upon this process, as far as the system has them.
#[cfg(unix)]
fn limit(memory: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    // All threads' seconds. The other end of standard input looks at the clock; this is for when that is stopped.
    let seconds = limits::COMPILE_TIME.as_secs() * limits::COMPILE_THREADS as u64;
    let all = [
        // On Linux: memory that is private and writable, of all kinds. Not the address space (`RLIMIT_AS`): each thread's
        // allocator reserves 64 MiB of it and uses little. Other systems count less of it, or nothing.
        (Resource::Data, memory),
        (Resource::Cpu, seconds),
        // The cache's file. Once uncompressed, a larger one could not be loaded.
        (Resource::Fsize, limits::LOAD_MEMORY),
        // What it works on is nobody's business, and no use.
        (Resource::Core, 0),
    ];
    for (resource, limit) in all {
        // Never more than the user allows.
        let limit = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    Ok(())
}

/// Elsewhere, time alone is limited, by the process that waits.
#[cfg(not(unix))]
fn limit(_memory: u64) -> io::Result<()> {
    Ok(())
}
