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
    files::find_program(&environment.search_path(), &file)
        .ok_or_else(|| format!("`{name}` is not on the `PATH`").into())
}
