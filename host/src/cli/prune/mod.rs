//! `crhost prune`.

mod confirm;
mod shown;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::result_file::ResultFile;
use super::services::Parts;
use super::shard::GivenShard;
use super::{duration, output};
use crate::error::Kind;
use crate::kubernetes::running_images;
use crate::prune::{self, Applied, KeepRunning, Plan, Rules, Running, Scope};
use crate::shard::Shard;
use crate::text::Foreign;
#[cfg(test)]
pub(super) use shown::Report;

const EXAMPLES: &str = "\
Examples:
  What would go: images older than a month that are not the newest 10:
    crhost prune prod/train --keep 10 --older-than 30d
  The same for all repositories, with what no tag reaches, as a plan to read:
    crhost prune prod --keep 10 --older-than 30d --untagged --plan plan.json
  Delete what the plan names:
    crhost prune --apply plan.json
  All images of pull requests but those that run in a cluster:
    crhost prune prod --keep 0 --include 'pr-*' --keep-running ~/.kube/config";

/// Longest `--older-than` in seconds: a hundred years.
const CENTURY: u64 = 100 * 365 * 24 * 3_600;

/// Largest plan in bytes: 100,000 deletions and as many tags of 300 bytes each.
const MAX_PLAN: u64 = 64 << 20;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The registry, or one repository of it: `prod`, `prod/train`, `ghcr.io/acme/train`
    #[arg(value_name = "REGISTRY[/REPOSITORY]", required_unless_present = "apply")]
    scope: Option<String>,

    /// Keep the newest N images of each repository; an image with several tags is one. 0 keeps none
    #[arg(long, value_name = "N")]
    keep: Option<u32>,

    /// Keep what is younger, e.g. `30d` or `12h`. What has no time that can be believed stays
    #[arg(long, value_name = "DURATION", value_parser = duration::age(1, CENTURY))]
    older_than: Option<Duration>,

    /// Let manifests go that no tag reaches, as far as the registry lists them, and signatures of images that are gone
    #[arg(long)]
    untagged: bool,

    /// Only images all of whose tags match; `*` stands for any characters; may be given several times
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,

    /// No image with a tag that matches; it isn't counted by `--keep`
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,

    /// Keep images with a tag that matches, besides those of `--keep`
    #[arg(long, value_name = "PATTERN")]
    keep_tag: Vec<String>,

    /// Keep what runs in the cluster of this file, as `kubectl` tells
    #[arg(long, value_name = "KUBECONFIG")]
    keep_running: Option<PathBuf>,

    /// Write the plan to a file, for `--apply`
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    plan: Option<PathBuf>,

    /// Delete what the plan in this file names, if the registry is still as the plan says
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keep", "older_than", "untagged", "include", "exclude", "keep_tag"])]
    apply: Option<PathBuf>,

    /// Plan or delete one part of several: each repository is in exactly one, which depends on its name alone. `job/N`
    /// is the part of an indexed Job's pod
    #[arg(long, value_name = "I/N")]
    shard: Option<GivenShard>,

    /// Delete without asking for the number of deletions, which only a terminal can be asked for
    #[arg(short, long, requires = "apply")]
    yes: bool,

    /// Allow plain HTTP to a registry that does not speak https
    #[arg(long)]
    insecure: bool,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    match arguments.apply.clone() {
        Some(file) => apply(context, arguments, &file).await,
        None => plan(context, arguments).await,
    }
}

async fn plan(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { scope, keep, older_than, untagged, include, exclude, keep_tag, .. } = arguments;
    let older_than = older_than.map(|age| age.as_secs());
    let rules = Rules { keep, older_than, untagged, include, exclude, keep_tags: keep_tag };
    rules.check()?;
    let file = arguments.plan.as_deref().map(ResultFile::prepare).transpose()?;
    let (running, keep_running) = running(context, arguments.keep_running.as_deref()).await?;
    let parts = Parts::open(context, None)?;
    let services = parts.services(context);
    let scope = Scope::find(&services, scope.as_deref().unwrap_or_default(), arguments.insecure).await?;
    let scope = scope.of_shard(shard(context, arguments.shard)?);
    let plan = prune::plan(&services, &scope, &rules, running.as_ref(), arguments.insecure).await?;
    let plan = Plan { keep_running, ..plan };
    for pattern in plan.unmatched_patterns() {
        output::say("warning", &format!("no tag matches {pattern}"));
    }
    if let Some(file) = file {
        file.write(&plan.to_text())?;
    }
    shown::plan(context, &plan, arguments.plan.as_deref());
    Ok(())
}

async fn apply(context: &Context, arguments: Arguments, file: &Path) -> Result<(), Failure> {
    let plan = read(file)?;
    let planned = plan.keep_running.as_ref().map(|running| PathBuf::from(&running.kubeconfig));
    let (running, _) = running(context, arguments.keep_running.or(planned).as_deref()).await?;
    let parts = Parts::open(context, None)?;
    let services = parts.services(context);
    let part = (arguments.scope.as_deref(), shard(context, arguments.shard)?);
    let fitting = prune::fit(&services, &plan, part, running, arguments.insecure).await?;
    let count = fitting.count();
    for (repository, deletion) in fitting.deletions() {
        tracing::debug!("`{}` of `{}` goes: {}", deletion.digest, repository.repository, deletion.reason);
    }
    fitting.admit(&services).await?;
    if count > 0 {
        confirm::ask(&plan, count, arguments.yes).await?;
    }
    let mut applied = Applied::default();
    let ended = fitting.apply(&services, &mut applied).await;
    shown::applied(context, &plan, &applied, ended.is_ok());
    Ok(ended?)
}

/// The part of the work that is done here.
fn shard(context: &Context, given: Option<GivenShard>) -> Result<Option<Shard>, Failure> {
    given.map(|shard| shard.read(&context.environment)).transpose()
}

/// What runs in the cluster that a file names, with the file's whole path for the plan.
async fn running(
    context: &Context,
    kubeconfig: Option<&Path>,
) -> Result<(Option<Running>, Option<KeepRunning>), Failure> {
    let Some(file) = kubeconfig else { return Ok((None, None)) };
    let images = running_images(&context.environment, file).await?;
    if images.is_empty() {
        output::say("warning", "no image runs in the cluster");
    }
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let keep = KeepRunning { kubeconfig: whole.to_string_lossy().into_owned() };
    Ok((Some(Running::of(images)), Some(keep)))
}

fn read(file: &Path) -> Result<Plan, Failure> {
    let unreadable = |reason: std::io::Error| {
        let message = format!("the plan `{}` can't be read: {}", file.display(), Foreign(reason));
        Failure::new(Kind::NotFound, message, "name a file that `crhost prune … --plan FILE` wrote")
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened.take(MAX_PLAN + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_PLAN {
        let message = format!("the plan `{}` is larger than {} MiB", file.display(), MAX_PLAN >> 20);
        return Err(Failure::new(Kind::Usage, message, "make one plan for each repository"));
    }
    Ok(Plan::read(&bytes)?)
}
