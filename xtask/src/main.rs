//! `cargo xtask`: what a developer, the demo and CI need around `cargo` itself.
//!
//! Everything that is said goes to stderr, and a failure is one line with a `hint:` and exit code 1.

mod announce;
mod bench;
mod cargo_component;
mod command;
mod conformance;
mod debian_toolchain;
mod demo;
mod dist;
mod docker;
mod docs;
mod failure;
mod graph;
mod package;
mod packages;
mod paths;
mod peers;
mod postgres;
mod python;
mod release;
mod setup;
mod skips;
mod test;
mod toolchains;
mod wasm_targets;
mod wasm_toolchain;
mod workspaces;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a developer, the demo and CI need around `cargo` itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    /// What to do.
    #[command(subcommand)]
    task: Task,
}

/// The tasks.
#[derive(Subcommand)]
enum Task {
    /// Provide what building and testing need: wasm targets, a Docker daemon, a registry, skopeo
    Setup {
        /// Also what only the complete test run needs: cargo-component, and the toolchains of other languages
        #[arg(long)]
        full: bool,
    },
    /// Show one real push: from a Docker daemon to a registry, both on this machine
    Demo,
    /// Measure, with a release build, on a machine that should be quiet
    Bench {
        /// What to measure
        #[command(subcommand)]
        subject: bench::Subject,
    },
    /// Format every workspace
    Fmt,
    /// Check formatting, clippy and the module graph, without running a test
    Lint,
    /// Check which module imports which, the length of files and the width of comments
    Graph {
        /// Write the layers into docs/architecture.md instead of comparing
        #[arg(long)]
        renew: bool,
    },
    /// Renew the generated parts of docs/reference
    Docs,
    /// Lay out a release build with its manual pages and completions, as packages install them
    Package {
        /// The directory, such as `/usr/local`
        directory: PathBuf,
        /// The program, instead of a release build
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// Make what a release consists of: an archive, a bill of materials, a minimal image, and checksums
    Dist {
        /// Where it goes
        #[arg(default_value = "target/dist")]
        directory: PathBuf,
        /// The program, instead of a release build
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
        /// Where the sources are, for the image's annotations
        #[arg(long, value_name = "URL")]
        source: Option<String>,
    },
    /// Try crhost and other clients against a fake registry in all its habits
    Conformance {
        /// Of `crhost-conformance`, whose --help explains them: --sample N, --client NAME, --quirk ID, --rounds N,
        /// --jobs N, --output json
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run a command with a private PostgreSQL, which CRHOST_TEST_DATABASE names to it
    Postgres {
        /// The command with its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Run every check that CI runs, or a part of it
    #[command(args_conflicts_with_subcommands = true)]
    Test {
        /// The part, where not all is to run
        #[command(subcommand)]
        part: Option<Part>,
        /// Only what needs no daemon, no registry and no other program: seconds on a warm tree
        #[arg(long, conflicts_with = "quick")]
        unit: bool,
        /// Use what is there instead of building cargo-component first
        #[arg(long)]
        quick: bool,
        /// Passed to the test programs of the workspace, for example a name to filter by
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

/// A part of the tests.
#[derive(Subcommand)]
enum Part {
    /// One built-in flavor: its own tests, and its end-to-end tests
    Flavor {
        /// Its directory in `flavors/`
        name: String,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Setup { full } => setup::run(setup::For::Tests { full }),
        Task::Demo => demo::play(),
        Task::Bench { subject } => bench::run(&subject),
        Task::Fmt => workspaces::format(),
        Task::Lint => test::lint(),
        Task::Graph { renew } => paths::repository().and_then(|root| graph::run(&root, renew)),
        Task::Docs => docs::run_generators(),
        Task::Package { directory, program } => package::lay_out(&directory, program),
        Task::Dist { directory, binary, source } => dist::run(&dist::Settings { directory, binary, source }),
        Task::Conformance { arguments } => test::conformance(&arguments),
        Task::Postgres { command } => postgres::run_with(&command),
        Task::Test { part: Some(Part::Flavor { name }), .. } => test::flavor(&name),
        Task::Test { unit: true, arguments, .. } => test::unit(&arguments),
        Task::Test { quick, arguments, .. } => test::run_all(quick, &arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
