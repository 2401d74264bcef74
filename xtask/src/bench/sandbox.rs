//! `cargo xtask bench sandbox`: what the sandbox costs, measured with a release build on a machine that should be
//! quiet.
//!
//! The figures go to stdout; nothing here passes or fails by time.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::programs::micro;
use crate::command::{command, run_quietly};
use crate::failure::{Failure, Result};
use crate::release;

/// Processes that are measured, after one that fills the cache of compiled flavors.
const PROCESSES: usize = 50;

/// Builds, measures, prints.
pub(crate) fn run_all() -> Result<()> {
    let crhost = release::build(None)?;
    let warm = micro("flavor")?;
    println!("validate-uri on a warm host, in µs        {warm}");
    let (median, slowest) = cold(&crhost)?;
    println!(
        "registry register, whole process, in ms   median {:.1}, slowest of {PROCESSES} {:.1}",
        median.as_secs_f64() * 1e3,
        slowest.as_secs_f64() * 1e3
    );
    Ok(())
}

/// Registers registries with a flavor whose compiled code is cached: the middle and the longest time of a process.
fn cold(crhost: &Path) -> Result<(Duration, Duration)> {
    let home = tempfile::tempdir().map_err(|error| Failure::new(format!("cannot make a directory: {error}")))?;
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
