//! `crhost integration install`, which users of ZenML type before they register a flavor: with crhost, nothing has to
//! be installed.

use clap::{Args, Subcommand};

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::catalog::Catalog;

/// The commands about integrations.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say whether the flavors of these names are there
    Install(InstallArgs),
}

#[derive(Debug, Args)]
pub(super) struct InstallArgs {
    /// The integrations
    #[arg(value_name = "FLAVOR", required = true)]
    names: Vec<String>,
    /// As ZenML has it; nothing is asked
    #[arg(short, long)]
    yes: bool,
    /// As ZenML has it; nothing is installed
    #[arg(long)]
    uv: bool,
}

/// Runs a command about integrations: succeeds where all that is named is there already.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let Command::Install(InstallArgs { names, .. }) = command;
    let (store, runtime) = (context.store()?, context.runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    for name in names {
        let flavor = catalog.entry(&name).await?.record;
        output::say_line(&format!("nothing to install: flavor `{}` is there ({})", flavor.name, flavor.origin));
    }
    Ok(())
}
