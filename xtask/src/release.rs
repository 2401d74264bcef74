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
    program()
}

/// The same, without paths of this machine in it, so that another machine builds the same bytes.
pub(crate) fn build_for_others(commit: Option<String>) -> Result<PathBuf> {
    let root = paths::repository()?;
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let places = [Some((root.clone(), "/crhost")), cargo_home.map(|home| (home, "/cargo"))];
    let (mut rust, mut flavors, mut c) = (variable("RUSTFLAGS"), Vec::new(), variable("CFLAGS"));
    for (from, to) in places.into_iter().flatten() {
        let remap = format!("--remap-path-prefix={}={to}", from.display());
        flavors.push(remap.clone());
        rust.push(remap);
        c.push(format!("-ffile-prefix-map={}={to}", from.display()));
    }
    let mut build = command("cargo", ["build", "--release", "--locked", "--package", "crhost"]);
    if let Some(commit) = commit {
        build.env("CRHOST_COMMIT", commit);
    }
    build.env("RUSTFLAGS", rust.join(" ")).env("CRHOST_FLAVORS_RUSTFLAGS", flavors.join(" "));
    run(build.env("CFLAGS", c.join(" ")).current_dir(root))?;
    program()
}

/// The words of a variable.
fn variable(name: &str) -> Vec<String> {
    env::var(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn program() -> Result<PathBuf> {
    let this = env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let target = this.ancestors().nth(2).ok_or_else(|| Failure::new("this program is not in a target directory"))?;
    Ok(target.join("release").join(format!("crhost{}", env::consts::EXE_SUFFIX)))
}
