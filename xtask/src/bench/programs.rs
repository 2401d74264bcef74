//! The programs that are measured.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{capture, command, find, run_quietly};
use crate::failure::{Failure, Result};
use crate::{paths, release};

/// Peers that read registries.
const PEERS: [&str; 4] = ["skopeo", "crane", "oras", "regctl"];

/// What one of `host/benches` prints.
pub(super) fn micro(name: &str) -> Result<String> {
    let mut bench = command("cargo", ["bench", "--quiet", "--locked", "--package", "crhost", "--bench", name]);
    capture(bench.current_dir(paths::repository()?))
}

/// This crhost, or a new build of the release profile.
pub(super) fn crhost(program: Option<&Path>) -> Result<PathBuf> {
    match program {
        Some(program) => fs::canonicalize(program).map_err(Failure::io("find", program)),
        None => release::build(None),
    }
}

/// crhost, and the peers that are there; those that are not are named.
pub(super) fn clients(program: Option<&Path>) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut clients = vec![("crhost", crhost(program)?)];
    for name in PEERS {
        match find(name) {
            Some(program) => clients.push((name, program)),
            None => eprintln!("bench: {name} is not on PATH, and left out"),
        }
    }
    Ok(clients)
}

/// Has crhost compile the flavor that the registries here have, as it does once on each machine.
pub(super) fn warm(crhost: &Path, home: &Path) -> Result<()> {
    let elsewhere = ["registry", "register", "warm", "--flavor", "default", "--uri", "warm.example/up", "--no-verify"];
    run_quietly(command(crhost, elsewhere).env("CRHOST_HOME", home))?;
    run_quietly(command(crhost, ["registry", "remove", "warm"]).env("CRHOST_HOME", home))
}

/// A directory that is gone with the result.
pub(super) fn temporary(below: Option<&Path>) -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("crhost-bench-");
    let made = below.map_or_else(|| builder.tempdir(), |below| builder.tempdir_in(below));
    made.map_err(|error| Failure::new(format!("cannot make a directory: {error}")))
}
