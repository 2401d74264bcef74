//! The work of the child process: it limits itself, compiles one component, and reports the outcome.

use std::any::Any;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::{process, thread};

use wasmtime::OutOfMemory;
use wasmtime::component::Component;

use super::stored_code::StoredCode;
use crate::flavor::{engine, raised};
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
    /// The compiler found a state that it holds for impossible.
    Panicked = 13,
}

impl CompileOutcome {
    /// The outcome of an exit code, if it is one.
    pub(super) fn of_code(code: i32) -> Option<Self> {
        let all = [Self::Cached, Self::Compiled, Self::Invalid, Self::OutOfMemory, Self::Panicked];
        all.into_iter().find(|outcome| *outcome as i32 == code)
    }

    /// The exit code.
    #[must_use]
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

/// Compiles the component of `size` bytes on standard input with at most `memory` bytes of memory and `seconds` of
/// processor time, into the directory `cache`, or loads it from there. Gives the outcome, and the reason of an invalid
/// component or a panic in one line.
///
/// For a process that does nothing else: its resources are limited from here on, and it exits when its standard input
/// is closed.
///
/// # Errors
/// When the limits can't be set, the input can't be read, or the cache can't be used.
pub(crate) fn run(
    size: u64,
    memory: u64,
    seconds: Option<u64>,
    cache: Option<&Path>,
) -> io::Result<(CompileOutcome, String)> {
    limit(memory, seconds)?;
    let mut bytes = Vec::new();
    io::stdin().take(size.min(raised::most_component_bytes())).read_to_end(&mut bytes)?;
    thread::spawn(|| {
        // The parent holds the other end open as long as it waits.
        let _ = io::stdin().read(&mut [0]);
        process::exit(1);
    });
    let runtime = |error: wasmtime::Error| io::Error::other(error.to_string());
    // Without a cache that can be used, the parent compiles once more.
    let stored = cache.map(StoredCode::new);
    let cache = cache.and_then(|directory| engine::cache(directory).ok());
    let engine = engine::engine(cache.clone()).map_err(runtime)?;
    let compiled = match catch_unwind(AssertUnwindSafe(|| Component::from_binary(&engine, &bytes))) {
        Ok(compiled) => compiled,
        Err(panic) => return Ok((CompileOutcome::Panicked, printable(words_of(panic.as_ref()), 300))),
    };
    if let (Ok(_), Some(stored)) = (&compiled, stored) {
        stored.code_of(&engine, &bytes).seal();
    }
    Ok(match compiled {
        // Hits and misses are counted after success alone.
        Ok(_) if cache.is_some_and(|cache| cache.cache_hits() + cache.cache_misses() > 0) => {
            (CompileOutcome::Cached, String::new())
        }
        Ok(_) => (CompileOutcome::Compiled, String::new()),
        Err(error) if is_out_of_memory(&error) => (CompileOutcome::OutOfMemory, String::new()),
        Err(error) => (CompileOutcome::Invalid, printable(&error.root_cause().to_string(), 300)),
    })
}

/// The words of a panic, without its place in the compiler's source.
fn words_of(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it gave no reason")
}

/// Whether the runtime itself noticed the end of memory. Where it does not, the process aborts.
fn is_out_of_memory(error: &wasmtime::Error) -> bool {
    #[cfg(unix)]
    if error.root_cause().downcast_ref() == Some(&rustix::io::Errno::NOMEM) {
        return true;
    }
    error.is::<OutOfMemory>()
}

/// Limits this process to so many bytes of memory and seconds of processor time, as far as the system can.
///
/// # Errors
/// When the system refuses a limit.
#[cfg(unix)]
pub(crate) fn limit(memory: u64, seconds: Option<u64>) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    // The first limit is a signal that tells the parent why; the second one kills, like the end of memory does.
    let seconds = seconds.map(|seconds| (Resource::Cpu, seconds, seconds + 1));
    let code = raised::most_code_bytes();
    let all = [
        // On Linux: all private writable memory. Not the address space (`RLIMIT_AS`): each thread's allocator reserves
        // 64 MiB of that and uses little. Other systems count less, or nothing.
        (Resource::Data, memory, memory),
        // The cache's file. A larger one could not be loaded once it is uncompressed, even where limits are raised.
        (Resource::Fsize, code, code),
        // No core dump: it would hold the component, and help to find no fault.
        (Resource::Core, 0, 0),
    ];
    for (resource, first, last) in all.into_iter().chain(seconds) {
        // Never above the user's own limit.
        let own = getrlimit(resource).maximum.unwrap_or(last).min(last);
        setrlimit(resource, Rlimit { current: Some(first.min(own.saturating_sub(last - first))), maximum: Some(own) })?;
    }
    Ok(())
}

/// Elsewhere, the parent limits wall time, and memory has no bound.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub(crate) fn limit(_memory: u64, _seconds: Option<u64>) -> io::Result<()> {
    Ok(())
}
