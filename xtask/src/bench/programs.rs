//! The programs that are measured.

use std::env;
use std::path::PathBuf;

use crate::command::{capture, command, run};
use crate::failure::{Failure, Result};
use crate::paths;

/// Builds the `crhost` of the release profile, in the target directory that this program is in.
pub(crate) fn release() -> Result<PathBuf> {
    let mut build = command("cargo", ["build", "--release", "--locked", "--package", "crhost"]);
    run(build.current_dir(paths::repository()?))?;
    let this = env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let target = this.ancestors().nth(2).ok_or_else(|| Failure::new("this program is not in a target directory"))?;
    Ok(target.join("release").join(format!("crhost{}", env::consts::EXE_SUFFIX)))
}

/// What one of `host/benches` prints.
pub(crate) fn micro(name: &str) -> Result<String> {
    let mut bench = command("cargo", ["bench", "--quiet", "--locked", "--package", "crhost", "--bench", name]);
    capture(bench.current_dir(paths::repository()?))
}
