//! The workspaces of the repository, and cargo in each of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{command, run};
use crate::failure::{Failure, Result};
use crate::paths;

/// Formats all of them.
pub(crate) fn format() -> Result<()> {
    all(&paths::repository()?)?.iter().try_for_each(|workspace| cargo(workspace, &["fmt", "--all"]))
}

/// The root workspace, the flavors, the fuzz targets, the example, and each guest that the tests build.
pub(crate) fn all(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![root.to_owned(), root.join("flavors"), root.join("tests/fuzz")];
    for parent in ["tests/guests", "examples"].map(|parent| root.join(parent)) {
        if parent.is_dir() {
            for entry in fs::read_dir(&parent).map_err(Failure::io("read", &parent))? {
                let workspace = entry.map_err(Failure::io("read", &parent))?.path();
                // Not every guest is written in Rust.
                if workspace.join("Cargo.toml").exists() {
                    found.push(workspace);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Runs cargo in a workspace.
pub(crate) fn cargo(workspace: &Path, arguments: &[&str]) -> Result<()> {
    run(&mut cargo_command(workspace, arguments))
}

/// Cargo, started in the workspace, whose own `.cargo/config.toml` then holds.
pub(crate) fn cargo_command(workspace: &Path, arguments: &[&str]) -> Command {
    let mut cargo = command("cargo", arguments);
    cargo.current_dir(workspace);
    cargo
}
