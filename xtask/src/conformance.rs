//! `cargo xtask conformance`: clients against a fake registry in all its habits (`tests/conformance`).

use std::path::Path;

use crate::command::{command, run};
use crate::failure::Result;
use crate::paths;

/// Combinations besides each quirk alone that CI tries: within three minutes on two cores, waits included.
const SAMPLE: &str = "300";

/// Runs the program that was built with the workspace, with these arguments.
pub(crate) fn run_with(arguments: &[String]) -> Result<()> {
    let crhost = paths::crhost()?;
    let program = crhost.with_file_name(format!("crhost-conformance{}", std::env::consts::EXE_SUFFIX));
    run(command(program, arguments).env("CRHOST_BIN", crhost))
}

/// What CI tries: crhost alone, with the same combinations each time.
pub(crate) fn run_sample(_root: &Path) -> Result<()> {
    run_with(&["--client", "crhost", "--sample", SAMPLE].map(str::to_owned))
}
