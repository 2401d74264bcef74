//! `crhost flavor rollback`: the flavor that was registered before takes its place again.

use clap::Args;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::admit::{broken, ensure_none};
use super::{describe, origin, plan};
use crate::catalog::{Catalog, Changes};

/// The arguments of the command.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The flavor's name
    name: String,
    /// Also where a registered registry or connector would no longer work with it
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub(super) async fn run(context: &Context, catalog: &Catalog<'_>, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, force } = arguments;
    let (flavor, current, previous) = catalog.previous(&name).await?;
    let before = catalog.entry(&name).await?.description;
    let broken = broken(catalog, Some(&before), &flavor).await?;
    if !force {
        ensure_none(&name, &previous.version, &broken)?;
    }
    catalog.roll_back(&current, &previous)?;
    origin::tell_change(&current, &previous);
    if context.is_json() {
        return describe::print_json(catalog, &name).await;
    }
    plan::show_changes(&Changes::between(&before, flavor.description()));
    output::say_line(&format!(
        "rolled back flavor `{name}` to {} ({}), with what it was granted then",
        previous.version, previous.digest
    ));
    let undo = format!("`crhost flavor rollback {name}` brings version {} back", current.version);
    output::say("hint", &undo);
    Ok(())
}
