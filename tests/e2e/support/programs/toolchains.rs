//! What authors build flavors with in other languages than Rust, which `cargo xtask setup --full` installs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::programs::process::{self, Finished};
use crate::support::skip::{Capability, skip};

/// The directory of the programs of componentize-py, Zig, Go and wasm-tools; absent, and said, where they are not installed.
pub(crate) fn python(capability: Capability) -> Option<PathBuf> {
    let programs = installed("python/bin");
    // The list of packages is there once all of them are.
    let found = installed("python/requirements.txt").is_file().then_some(programs);
    if found.is_none() {
        skip(capability, "`cargo xtask setup --full` has not installed it");
    }
    found
}

/// The directory of Node's packages with jco; absent, and said, where it is not installed.
pub(crate) fn node_modules() -> Option<PathBuf> {
    let found = installed("javascript/installed.json").is_file().then(|| installed("javascript/node_modules"));
    if found.is_none() {
        skip(Capability::Jco, "`cargo xtask setup --full` has not installed it");
    }
    found
}

/// Runs a line of a project's README in its directory, with further programs on the `PATH`. Caches are the user's own.
#[track_caller]
pub(crate) fn shell(project: &Path, programs: &Path, line: &str) -> Finished {
    let path = env::var_os("PATH").unwrap_or_default();
    let paths = [programs.to_owned()].into_iter().chain(env::split_paths(&path));
    let mut shell = Command::new("sh");
    shell.args(["-ec", line]).current_dir(project).env("PATH", env::join_paths(paths).unwrap());
    process::run(&mut shell).ok()
}

fn installed(below: &str) -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.unwrap_or_else(|| env::home_dir().unwrap().join(".cache"));
    cache.join("crhost/toolchains").join(below)
}
