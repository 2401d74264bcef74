//! `cargo xtask bench`: what the sandbox costs, measured with a release build on a machine that should be quiet.
//!
//! The figures go to stdout; nothing here passes or fails by time.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::{capture, command, run, run_quietly};
use crate::failure::{Failure, Result};
use crate::paths;

/// Processes that are measured, after one that fills the cache of compiled flavors.
const PROCESSES: usize = 50;

/// Builds, measures, prints.
pub(crate) fn run_all() -> Result<()> {
    let root = paths::repository()?;
    let cargo = |arguments: &[&str]| {
        let mut cargo = command("cargo", arguments);
        cargo.current_dir(&root);
        cargo
    };
    run(&mut cargo(&["build", "--release", "--locked", "--package", "crhost"]))?;
    let warm = capture(&mut cargo(&["bench", "--quiet", "--locked", "--package", "crhost", "--bench", "flavor"]))?;
    println!("validate-uri on a warm host, in µs        {warm}");
    let (median, slowest) = cold(&release()?)?;
    println!(
        "registry register, whole process, in ms   median {:.1}, slowest of {PROCESSES} {:.1}",
        median.as_secs_f64() * 1e3,
        slowest.as_secs_f64() * 1e3
    );
    Ok(())
}

/// The `crhost` of the release profile, in the target directory that this program is in.
fn release() -> Result<PathBuf> {
    let this = env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let target = this.ancestors().nth(2).ok_or_else(|| Failure::new("this program is not in a target directory"))?;
    Ok(target.join("release").join(format!("crhost{}", env::consts::EXE_SUFFIX)))
}

/// Registers registries with a flavor whose compiled code is cached: the middle and the longest time of a process.
fn cold(crhost: &Path) -> Result<(Duration, Duration)> {
    let home = tempfile::tempdir().map_err(|error| Failure::new(format!("cannot make a folder: {error}")))?;
    let register = |name: &str| -> Command {
        let mut register = command(
            crhost,
            ["registry", "register", name, "--flavor", "default", "--uri", "registry.example.com/acme"],
        );
        register.env("CRHOST_HOME", home.path());
        register
    };
    run_quietly(&mut register("first"))?;
    let mut times = Vec::with_capacity(PROCESSES);
    for n in 0..PROCESSES {
        let mut register = register(&format!("r{n}"));
        let start = Instant::now();
        run_quietly(&mut register)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let none = || Failure::new("nothing was measured");
    Ok((*times.get(PROCESSES / 2).ok_or_else(none)?, *times.last().ok_or_else(none)?))
}
