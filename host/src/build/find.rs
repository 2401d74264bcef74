//! Programs on the `PATH`.

use std::path::{Path, PathBuf};

use crate::environment::{EnvVars, Environment};
use crate::text::Escaped;

/// The first executable file of this name in the absolute directories of `PATH`.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn find(name: &str, environment: &Environment) -> Result<PathBuf, Escaped> {
    let search_path = environment.get(EnvVars::PATH).unwrap_or_default();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    // A relative entry would run a program of the current directory.
    let directories = std::env::split_paths(search_path).filter(|directory| directory.is_absolute());
    let found = directories.map(|directory| directory.join(&file)).find(|path| is_program(path));
    found.ok_or_else(|| format!("`{name}` is not on the `PATH`").into())
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
