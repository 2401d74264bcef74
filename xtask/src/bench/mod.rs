//! `cargo xtask bench`: figures, for people; nothing here passes or fails by time.

mod push;
mod sandbox;

use std::env;
use std::path::PathBuf;

use clap::Subcommand;

use crate::command::{capture, command, run as run_in_sight};
use crate::failure::{Failure, Result};
use crate::paths;

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum Subject {
    /// What the sandbox costs
    Sandbox,
    /// How long a push takes, beside every other client that is on PATH
    Push(push::Options),
    /// What one core compresses and hashes in a second
    Compression,
}

/// Measures and prints.
pub(crate) fn run(subject: &Subject) -> Result<()> {
    match subject {
        Subject::Sandbox => sandbox::run_all(),
        Subject::Push(options) => push::run_all(options),
        Subject::Compression => {
            println!("{}", micro("compression")?);
            Ok(())
        }
    }
}

/// Builds the `crhost` of the release profile, in the target directory that this program is in.
fn release() -> Result<PathBuf> {
    let mut build = command("cargo", ["build", "--release", "--locked", "--package", "crhost"]);
    run_in_sight(build.current_dir(paths::repository()?))?;
    let this = env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let target = this.ancestors().nth(2).ok_or_else(|| Failure::new("this program is not in a target directory"))?;
    Ok(target.join("release").join(format!("crhost{}", env::consts::EXE_SUFFIX)))
}

/// What one of `host/benches` prints.
fn micro(name: &str) -> Result<String> {
    let mut bench = command("cargo", ["bench", "--quiet", "--locked", "--package", "crhost", "--bench", name]);
    capture(bench.current_dir(paths::repository()?))
}
