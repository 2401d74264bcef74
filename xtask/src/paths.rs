//! Where things are: the repository, what it built, and what is kept between runs.

use std::env;
use std::fs::{DirBuilder, File};
use std::path::PathBuf;

use crate::failure::{Failure, Result};

/// The repository's root.
pub(crate) fn repository() -> Result<PathBuf> {
    // Compiled in: cargo rebuilds this program when the repository moves.
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(PathBuf::from)
        .ok_or_else(|| Failure::new("the repository has no root directory"))
}

/// The `crhost` that the dev profile builds: it lies beside this program, wherever the target directory is.
pub(crate) fn crhost() -> Result<PathBuf> {
    let this = env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    Ok(this.with_file_name(format!("crhost{}", env::consts::EXE_SUFFIX)))
}

/// `${XDG_CACHE_HOME:-~/.cache}/crhost`, where `host/build.rs` and the tests look too.
pub(crate) fn cache() -> Result<PathBuf> {
    // As the XDG specification has it, an empty or relative path counts as unset.
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .and_then(absolute)
        .or_else(|| env::home_dir().and_then(absolute).map(|home| home.join(".cache")))
        .map(|cache| cache.join("crhost"))
        .ok_or_else(|| Failure::new("there is no cache directory").hint("set HOME or XDG_CACHE_HOME"))
}

/// Waits until no other process does this, and keeps others out for as long as the result lives.
pub(crate) fn lock(purpose: &str) -> Result<File> {
    let cache = cache()?;
    let mut builder = DirBuilder::new();
    // Under any umask, nobody else may write to it.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
    builder.recursive(true).create(&cache).map_err(Failure::io("create", &cache))?;
    let path = cache.join(format!("{purpose}.lock"));
    let file = File::create(&path).map_err(Failure::io("create", &path))?;
    file.lock().map_err(Failure::io("lock", &path))?;
    Ok(file)
}
