//! `cargo xtask`: what a developer, the demo and CI need around `cargo` itself.
//!
//! Everything that is said goes to stderr, and a failure is one line with a `hint:` and exit code 1.

mod bench;
mod cargo_component;
mod command;
mod debian_toolchain;
mod demo;
mod docker;
mod failure;
mod packages;
mod paths;
mod peers;
mod setup;
mod test;
mod wasm_toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a developer, the demo and CI need around `cargo` itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Provide what building and testing need: wasm targets, a Docker daemon, a registry, skopeo
    Setup {
        /// Also what only the complete test run needs: cargo-component
        #[arg(long)]
        full: bool,
    },
    /// Show one real push: from a Docker daemon to a registry, both on this machine
    Demo,
    /// Measure, with a release build, on a machine that should be quiet
    Bench {
        #[command(subcommand)]
        subject: bench::Subject,
    },
    /// Run every check that CI runs
    Test {
        /// Use what is there instead of building cargo-component first
        #[arg(long)]
        quick: bool,
        /// Passed to the test programs of the workspace, for example a name to filter by
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Setup { full } => setup::run(setup::For::Tests { full }),
        Task::Demo => demo::play(),
        Task::Bench { subject } => bench::run(&subject),
        Task::Test { quick, arguments } => test::run_all(quick, &arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
