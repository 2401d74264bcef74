//! The program of the release profile.

use std::env;
use std::path::PathBuf;

use crate::command::{command, run};
use crate::failure::{Failure, Result};
use crate::paths;

/// Builds `crhost`, which shows this commit as its own, in the target directory that this program is in.
pub(crate) fn build(commit: Option<String>) -> Result<PathBuf> {
    let mut build = command("cargo", ["build", "--release", "--locked", "--package", "crhost"]);
    if let Some(commit) = commit {
        build.env("CRHOST_COMMIT", commit);
    }
    run(build.current_dir(paths::repository()?))?;
    let this = env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let target = this.ancestors().nth(2).ok_or_else(|| Failure::new("this program is not in a target directory"))?;
    Ok(target.join("release").join(format!("crhost{}", env::consts::EXE_SUFFIX)))
}
