//! `crhost apply`: has registered what a file says.

mod shown;

use std::path::{Path, PathBuf};

use clap::Args;
use dialoguer::Confirm;

use super::context::Context;
use super::failure::Failure;
use super::inspect::{InsecureArgument, Tools};
use super::{flavor, output, terminal};
use crate::configuration::{
    self, ConfigurationError, Evaluated, Lock, Mode, Plan, Sources, Staged, candidates as candidates_of, check_others,
    lock_of, plan, resolve, stage,
};
use crate::environment::EnvVars;
use crate::error::Kind;
#[cfg(test)]
pub(super) use shown::Applied;
use shown::Outcome;

const HELP: &str = "\
A lock beside the file (`crhost.lock` beside `crhost.toml`) has the digests of the flavors and policies that are not \
built in. It is written where it has not all of them, and what is in it holds until --update. Commit both.

Examples:
  See what would change, and fail where something would:
    crhost apply --dry-run --exit-code
  On a machine that nobody sits at:
    crhost apply --yes --locked
  Also forget all that is not in the file:
    crhost apply --prune";

/// The file where none is named.
const DEFAULT_FILE: &str = "crhost.toml";

/// The arguments of the command.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Arguments {
    /// The file; without it, the one of `--config`, or `crhost.toml`
    file: Option<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// With `--dry-run`, end with exit code 1 where something would change
    #[arg(long, requires = "dry_run")]
    exit_code: bool,
    /// Remove what is registered and not in the file
    #[arg(long)]
    prune: bool,
    /// Change it without a question
    #[arg(short, long)]
    yes: bool,
    /// Fail where the lock is not for the file as it is, and don't write it
    #[arg(long)]
    locked: bool,
    /// Take what the sources of flavors and policies are now, whatever the lock has
    #[arg(long, conflicts_with = "locked")]
    update: bool,
    /// Fetch nothing: take the components that are on this machine
    #[arg(long)]
    offline: bool,
    /// Write the lock, and register nothing
    #[arg(long, conflicts_with_all = ["dry_run", "locked", "prune"])]
    lock_only: bool,
    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let named = arguments.file.clone().or_else(|| context.config.clone());
    let path = named.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    // A lock is written for the file of a key, too.
    let file = if arguments.lock_only { Evaluated::read_any(&path)? } else { Evaluated::read(&path)? };
    let lock = Lock::read(&lock_of(&path))?;
    if !arguments.lock_only && context.environment.text(EnvVars::CRHOST_SERVER).is_some() {
        let hint = "unset CRHOST_SERVER to change what this machine has, or name the server's CRHOST_DATABASE";
        return Err(Failure::new(Kind::Usage, "registries are those of the server that CRHOST_SERVER names", hint));
    }
    let tools = Tools::with_store(context, context.own_store()?, arguments.insecure)?;
    let services = tools.services(context);
    let (inspector, catalog) = (tools.inspector(&services), &services.catalog);
    let mode = match (arguments.locked, arguments.update) {
        (true, _) => Mode::Locked,
        (_, true) => Mode::Update,
        _ => Mode::Add,
    };
    let sources = Sources {
        store: services.store,
        kept: context.kept_components(),
        inspector: (!arguments.offline).then_some(&inspector),
        environment: &context.environment,
        mode,
    };
    let fetched = resolve(&file, &lock, &sources).await?;
    let made = fetched.lock.clone();
    let staged = stage(&file, fetched, catalog.runtime(), &context.environment, Some(services.store)).await?;
    let Staged { records, remarks } = staged;
    remarks.iter().for_each(|remark| output::say("warning", remark));
    let mut outcome = Outcome { file: &path, lock_changed: made != lock, applied: false, is_dry: arguments.dry_run };
    if arguments.lock_only {
        if outcome.lock_changed {
            made.write(&lock_of(&path))?;
        }
        shown::lock(context, &outcome);
        return Ok(());
    }
    let mut planned = plan(services.store, &records, arguments.prune)?;
    let candidates = candidates_of(catalog, &records, &planned).await?;
    check_others(catalog, &records, &candidates, &planned).await?;
    for candidate in &candidates {
        let of = records.flavors.iter().find(|flavor| flavor.record.name == candidate.record.name);
        if let Some(of) = of {
            flavor::show_granted(candidate, &of.grants, &of.record.accepted_operations);
        }
    }
    shown::plan(context, &planned, arguments.dry_run);
    if arguments.dry_run {
        shown::end(context, &outcome, &planned);
        let differs = arguments.exit_code && (!planned.is_empty() || outcome.lock_changed);
        return if differs { Err(Failure::found("something would change")) } else { Ok(()) };
    }
    if !planned.is_empty() {
        ask(&path, &planned, arguments.yes).await?;
    }
    // First: one that can't be written leaves everything as it was, and one that is written alone harms nothing.
    if outcome.lock_changed {
        made.write(&lock_of(&path))?;
    }
    if !planned.is_empty() {
        let mut applied = configuration::apply(services.store, &records, &planned, arguments.prune);
        // Another one may have applied the same file: what is left to do is planned anew, once.
        if let Err(ConfigurationError::Moved) = applied {
            planned = plan(services.store, &records, arguments.prune)?;
            applied = match (planned.is_empty(), arguments.yes) {
                (true, _) => Ok(()),
                (false, false) => Err(ConfigurationError::Moved),
                (false, true) => {
                    let candidates = candidates_of(catalog, &records, &planned).await?;
                    check_others(catalog, &records, &candidates, &planned).await?;
                    shown::plan(context, &planned, false);
                    configuration::apply(services.store, &records, &planned, arguments.prune)
                }
            };
        }
        applied?;
        outcome.applied = !planned.is_empty();
    }
    shown::end(context, &outcome, &planned);
    Ok(())
}

/// Asks the user's consent to a plan.
async fn ask(path: &Path, planned: &Plan, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let count = planned.changes.len();
    if !terminal::is_interactive() || output::is_json() {
        let message =
            format!("`{}` changes {count} registered things, and there is no terminal to ask you at", path.display());
        return Err(Failure::new(Kind::Usage, message, "`--dry-run` shows them, `--yes` makes the changes"));
    }
    terminal::begin_questions();
    let asked =
        tokio::task::spawn_blocking(|| Confirm::new().with_prompt("Make these changes?").default(false).interact());
    match asked.await {
        Ok(Ok(true)) => Ok(()),
        _ => Err(Failure::new(Kind::General, "nothing was changed", "change the file, and apply it again")),
    }
}
