//! Programs on the `PATH`.

use std::path::PathBuf;

use crate::environment::Environment;
use crate::files;
use crate::text::Escaped;

/// The first executable file of this name in the absolute directories of `PATH`.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn find(name: &str, environment: &Environment) -> Result<PathBuf, Escaped> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let mut paths = environment.search_path().into_iter().map(|directory| directory.join(&file));
    paths.find(|path| files::is_program(path)).ok_or_else(|| format!("`{name}` is not on the `PATH`").into())
}
