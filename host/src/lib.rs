//! The program `crhost`: it pushes container images to any registry. A *flavor*, a sandboxed WebAssembly component,
//! knows one kind of registry; this crate knows none.
//!
//! The crate is a program and not a library: [`main`] is all that others call. What it promises to others is the
//! command line with its exit codes, the JSON that it prints, and the contract of flavors. `cargo xtask test` holds its
//! modules to the layers that `docs/architecture.md` draws.

mod access;
mod address;
#[doc(hidden)]
pub mod bench;
mod bounded;
mod build;
mod catalog;
mod certificates;
mod cleanup;
mod cli;
mod clients;
mod components;
mod configuration;
mod connector;
mod copy;
mod credential;
mod distribution;
mod docker;
mod doctor;
mod edit;
mod egress;
mod environment;
mod error;
mod files;
mod fixtures;
mod flavor;
mod flavor_call;
mod flavor_test;
mod format_version;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod grant;
mod id_token;
mod image;
mod implicit_sources;
mod inspect;
mod json;
mod kubernetes;
mod network;
mod patterns;
mod policy;
mod policy_check;
mod process;
mod prune;
mod pull;
mod push;
mod registry;
mod remote;
mod retrying;
mod scaffold;
mod serve;
mod server;
mod server_client;
mod session;
mod shard;
mod signature;
mod source;
mod spans;
mod stopped;
mod store;
mod supply_chain;
mod sync;
mod telemetry;
#[cfg(test)]
mod testing;
mod text;
mod waiting;

use std::process::ExitCode;

/// Runs the command line of this process, and says how the process ends.
#[must_use]
pub fn main() -> ExitCode {
    cli::main()
}
