//! `crhost delete`.

use clap::Args;
use dialoguer::{Confirm, Input};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::inspect::{InsecureArgument, Tools};
use crate::cli::{output, terminal};
use crate::edit::{Deleted, Deletion, Planned, ensure_unused, plan, settle};
use crate::error::Kind;
use crate::policy::{self, Asked};
use crate::registry::RemoteName;
use crate::session::Services;
use crate::store::RegistryRecord;
use crate::text::{quoted, quoted_few};

const HELP: &str = "\
A name with a tag deletes the image, or, if it has tags that were not named, the tag alone: they stay. A name with a digest deletes the image with all of its tags: they are listed, and asked for, before anything goes. Blobs that nothing names any more are freed by the registry itself, later.

Examples:
  See what would go:
    crhost delete prod/train:v3 --dry-run
  In a script, without a question:
    crhost delete prod/train:v3 --yes
  Only the tag, where the registry can do that:
    crhost delete prod/train:old --untag";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// The images: `NAME/train:v3` with the name of a registered registry, a whole name with its host, or a name below
    /// the registry in use
    #[arg(value_name = "REF", required = true)]
    images: Vec<RemoteName>,

    /// Delete the tag alone, and keep the manifest though no tag is left; not every registry can do that
    #[arg(long)]
    untag: bool,

    /// Delete without asking
    #[arg(short, long)]
    yes: bool,

    /// Tell what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// What was deleted, or would be.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Deletions {
    /// In the order in which it was named.
    deleted: Vec<Deleted>,
}

/// Runs the command.
pub(in crate::cli) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { images, untag, yes, dry_run, insecure } = arguments;
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let inspector = tools.inspector(&services);
    let mut planned = Vec::new();
    for image in &images {
        planned.push(plan(&inspector, image, untag).await?);
    }
    let planned = settle(planned);
    planned.iter().for_each(|one| tell(&one.deleted, dry_run));
    let mut refused = ensure_unused(&planned);
    let mut deleted = Vec::new();
    if dry_run {
        deleted.extend(planned.into_iter().map(|one| one.deleted));
    } else {
        std::mem::replace(&mut refused, Ok(()))?;
        admit(&services, &planned).await?;
        if !yes {
            ask(&planned).await?;
        }
        for one in planned {
            let one = one.apply().await?;
            // What is gone is told at once: the next deletion may fail.
            if !context.is_json() {
                names(&one).iter().for_each(|name| output::print(name));
            }
            deleted.push(one);
        }
    }
    if context.is_json() {
        output::print_json(&Deletions { deleted });
    }
    // What would be refused is refused here, too, behind the list of what it is about.
    Ok(refused?)
}

/// Asks the policies of each registry about all that goes there, before any of it does.
async fn admit(services: &Services<'_>, planned: &[Planned<'_>]) -> Result<(), Failure> {
    let mut by_registry: Vec<(&RegistryRecord, Vec<policy::Deletion>)> = Vec::new();
    for one in planned {
        let Deleted { digest, deletion, tags, .. } = &one.deleted;
        let deletion = policy::Deletion {
            image: one.image(),
            digest: (*deletion == Deletion::Manifest).then(|| digest.clone()),
            tags: tags.clone(),
            media_type: None,
        };
        match by_registry.iter_mut().find(|(registry, _)| registry.uri == one.registry().uri) {
            Some((_, deletions)) => deletions.push(deletion),
            None => by_registry.push((one.registry(), vec![deletion])),
        }
    }
    let (catalog, environment) = (&services.catalog, services.environment);
    for (registry, deletions) in by_registry {
        Asked { catalog, environment, registry }.deletions(&deletions).await?;
    }
    Ok(())
}

/// The names of what goes.
fn names(deleted: &Deleted) -> Vec<String> {
    match deleted.deletion {
        Deletion::Tag => deleted.tags.iter().map(|tag| format!("{}:{tag}", deleted.name)).collect(),
        Deletion::Manifest => vec![format!("{}@{}", deleted.name, deleted.digest)],
    }
}

/// Tells what goes.
fn tell(deleted: &Deleted, dry_run: bool) {
    let Deleted { kind, digest, deletion, tags, shared_with, part_of, referrers, .. } = deleted;
    let goes = if dry_run { "would be deleted" } else { "is to be deleted" };
    names(deleted).iter().for_each(|name| output::say_line(&format!("{name} {goes}")));
    match deletion {
        Deletion::Tag if shared_with.is_empty() => output::say_line(&format!("  {} {digest} stays", kind.noun())),
        Deletion::Tag => {
            output::say_line(&format!("  {} {digest} stays, with {}", kind.noun(), quoted(shared_with)));
        }
        Deletion::Manifest => {
            let tags = if tags.is_empty() { "no tag".to_owned() } else { quoted(tags) };
            output::say_line(&format!("  {} with {tags}", kind.noun()));
        }
    }
    if !part_of.is_empty() {
        output::say_line(&format!(
            "  it is part of {}, which {} it",
            quoted(part_of),
            if part_of.len() == 1 { "needs" } else { "need" }
        ));
    }
    if !referrers.is_empty() {
        output::say_line(&format!(
            "  what belongs to it stays, and belongs to nothing then: {}",
            quoted_few(referrers)
        ));
    }
}

/// Asks whether to delete. Where tags go that were not named, their number has to be typed.
async fn ask(planned: &[Planned<'_>]) -> Result<(), Failure> {
    if !terminal::is_interactive() {
        let message = "there is no terminal to ask you at, and nothing was deleted";
        return Err(Failure::new(Kind::Usage, message, "`--yes` deletes it, `--dry-run` only tells what would go"));
    }
    terminal::begin_questions();
    let unnamed: usize = planned.iter().map(|one| one.unnamed().len()).sum();
    let count = planned.len();
    let answer = tokio::task::spawn_blocking(move || match unnamed {
        0 => {
            let prompt = if count == 1 { "Delete it?".to_owned() } else { format!("Delete these {count}?") };
            Confirm::new().with_prompt(prompt).default(false).interact()
        }
        _ => {
            let tags = if unnamed == 1 { "1 tag goes".to_owned() } else { format!("{unnamed} tags go") };
            let prompt = format!("{tags} with it that you did not name; type their number to go on");
            let typed = Input::<String>::new().with_prompt(prompt).allow_empty(true).interact_text();
            typed.map(|typed| typed.trim() == unnamed.to_string())
        }
    });
    match answer.await {
        Ok(Ok(true)) => Ok(()),
        _ => Err(Failure::new(Kind::General, "nothing was deleted", "`--yes` deletes without asking")),
    }
}
