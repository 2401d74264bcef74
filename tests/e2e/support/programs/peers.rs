//! The vendors' own clients and moto, which `cargo xtask setup` installed.

use std::path::PathBuf;

/// The Python that has them.
#[track_caller]
pub(crate) fn python() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.unwrap_or_else(|| std::env::home_dir().unwrap().join(".cache"));
    let python = cache.join("crhost/peers/bin/python");
    assert!(python.exists(), "{} is missing: `cargo xtask setup` installs it", python.display());
    python
}

/// A program that came with them.
#[track_caller]
pub(crate) fn program(name: &str) -> PathBuf {
    let program = python().with_file_name(name);
    assert!(program.exists(), "{} is missing: `cargo xtask setup` installs it", program.display());
    program
}

#[test]
fn the_python_peers_are_installed() {
    let found = std::process::Command::new(python())
        .args(["-c", "import boto3, google.auth, kubernetes_validate, moto, msal, oras, zuul_registry"])
        .output();
    assert!(found.unwrap().status.success());
}
