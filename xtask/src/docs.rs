//! `cargo xtask docs`: renews the generated parts of `docs/reference`.

use crate::command::run;
use crate::failure::Result;
use crate::{paths, workspaces};

/// Runs the tests that generate them, with leave to write. See `host/src/cli/reference` and `tests/e2e/wit`.
pub(crate) fn run_generators() -> Result<()> {
    for [target, name, filter] in [["--lib", "", "cli::reference"], ["--test", "e2e", "wit::"]] {
        let arguments = ["test", "--workspace", target, name, "--locked", "--quiet", "--", filter];
        let arguments: Vec<&str> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        run(workspaces::cargo_command(&paths::repository()?, &arguments).env("CRHOST_BLESS", "1"))?;
    }
    Ok(())
}
