//! `crhost compile-component`, the child process that compiles: see [`crate::flavor::compile`].

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output;
use crate::flavor::compile;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The component's bytes on standard input, which stays open after them
    #[arg(long)]
    size: u64,

    /// Memory that it may use, in bytes
    #[arg(long)]
    memory: u64,

    /// Processor time that it may use, in seconds
    #[arg(long)]
    seconds: Option<u64>,

    /// Where compiled code is kept
    #[arg(long)]
    cache: Option<PathBuf>,
}

/// Compiles the component on standard input; the exit code is the verdict.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match compile::run_child(arguments.size, arguments.memory, arguments.seconds, arguments.cache.as_deref()) {
        Ok((outcome, reason)) => {
            output::print(&reason);
            ExitCode::from(outcome.code())
        }
        Err(error) => {
            output::say("error", &error.to_string());
            ExitCode::FAILURE
        }
    }
}
