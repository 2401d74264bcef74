//! Unknown components are compiled in a child process first, which may run out of time or memory without harm.
//!
//! The compiler is safe on hostile input but promises no bounds: 0.5 MB of nested loops over many locals take 6 GB, and
//! a thread that compiles can't be stopped. A process can. The child leaves its result in the shared cache of compiled
//! code; without a cache, the same compilation follows in this process, now known to fit. The child is a bound and not
//! a sandbox: it has the user's rights, as the compiler has in this process.

mod child;
mod guard;
mod hashed;
mod marks;
mod stored_code;
mod worker;

pub(super) use child::History;
pub(crate) use guard::Announce;
pub(super) use guard::CompileGuard;
pub(super) use stored_code::StoredCode;
pub(crate) use worker::{limit as limit_this_process, run as run_child};

/// The hidden command of `crhost` that a child process is started with.
pub(crate) const COMMAND: &str = child::COMMAND;
