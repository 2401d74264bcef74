//! `cargo xtask docs`: renews the generated parts of `docs/reference`, and the descriptions of the built-in flavors.

use crate::command::run;
use crate::failure::Result;
use crate::{paths, workspaces};

/// Runs the tests that generate them, with leave to write. See `host/src/flavor/builtin.rs`, `host/src/cli/reference`
/// and `tests/e2e/wit`.
pub(crate) fn run_generators() -> Result<()> {
    for [target, name, filter] in
        [["--lib", "", "flavor::builtin"], ["--lib", "", "cli::reference"], ["--test", "e2e", "wit::"]]
    {
        let arguments = ["test", "--workspace", target, name, "--locked", "--quiet", "--", filter];
        let arguments: Vec<&str> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        run(workspaces::cargo_command(&paths::repository()?, &arguments).env("CRHOST_BLESS", "1"))?;
    }
    Ok(())
}
