//! `crhost sync`.

mod shown;

use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::result_event::ResultEvent;
use super::services::Parts;
use super::shard::GivenShard;
use super::signals::shutdown_signal;
use super::transfer::TransferArguments;
use super::{event_stream, in_use, output, screen, supply_chain};
use crate::copy::Copier;
use crate::stopped::Stopped;
use crate::sync::{self, MirrorFile, Request};
use shown::{describe, show};

const EXAMPLES: &str = "\
Examples:
  See what would be copied and deleted:
    crhost sync mirror.yaml --dry-run
  The second of four machines:
    crhost sync mirror.yaml --shard 2/4
  Only images that the release job has signed:
    crhost sync mirror.yaml --require-signature cosign.pub

A file:
  version: 1
  mirrors:
    - source: docker.io/library
      target: prod/mirror
      repositories: [alpine, redis]
      tags: { semver: '>=3.18' }";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file that says which repositories are kept alike, or `-` for standard input
    file: PathBuf,

    /// Sync one part of several: each repository is in exactly one, which depends on its name alone. `job/N` is the
    /// part of an indexed Job's pod
    #[arg(long, value_name = "I/N")]
    shard: Option<GivenShard>,

    /// Copy no image that is not signed at its source for this public key: a file, or `env://VARIABLE`. Others are
    /// failures, and where `exact` deletes, nothing is deleted then
    #[arg(long, value_name = "KEY")]
    require_signature: Option<String>,

    /// Do everything but write and delete; what an option of a target's registry has its flavor create is created
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    transfer: TransferArguments,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { file, shard, require_signature, dry_run, transfer } = arguments;
    let required = require_signature.map(|key| supply_chain::public_key(context, &key)).transpose()?;
    let (file, in_use) = (MirrorFile::read(&file)?, in_use::registry(&context.environment)?);
    let shard = shard.map(|shard| shard.read(&context.environment)).transpose()?;
    let request = Request { file, shard, dry_run, in_use, required };
    let parts = Parts::open_limited(context, Some(transfer.idle_timeout), transfer.rate)?;
    let services = parts.services(context);
    let copier = Copier::new(&services, transfer.start(&context.environment), transfer.jobs());
    screen::open();
    let mut signal = None;
    let interrupt = async { signal = Some(shutdown_signal().await) };
    let ended = sync::run(&copier, &request, Stopped::by(transfer.timeout, interrupt)).await;
    screen::close();
    let report = ended.map_err(|error| Failure::of_work(error, signal))?;
    if transfer.is_described() && !event_stream::is_on() && !output::is_json() {
        describe(&report);
    }
    if context.is_json() {
        output::print_json(&report);
    } else {
        show(&report);
    }
    output::say_event(ResultEvent::Result { result: &report });
    report.failure().map_or(Ok(()), |error| Err(error.into()))
}
