//! `cargo xtask docs`: renews the generated parts of `docs/reference`.

use crate::command::run;
use crate::failure::Result;
use crate::{paths, workspaces};

/// Runs the tests that generate them, with leave to write. See `host/src/cli/reference`.
pub(crate) fn run_generators() -> Result<()> {
    let arguments = ["test", "--workspace", "--lib", "--locked", "--quiet", "--", "cli::reference"];
    run(workspaces::cargo_command(&paths::repository()?, &arguments).env("CRHOST_BLESS", "1"))
}
