//! `crhost copy`.

mod shown;

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::result_event::ResultEvent;
use super::services::Parts;
use super::shard::GivenShard;
use super::signals::shutdown_signal;
use super::transfer::TransferArguments;
use super::{event_stream, in_use, output, screen, supply_chain};
use crate::copy::filter::TagFilter;
use crate::copy::{Copier, Order};
use crate::image::Platform;
use crate::patterns::{Pattern, Patterns};
use crate::registry::RemoteName;
use crate::session::Intent;
use crate::stopped::Stopped;
use shown::{describe, show};

const EXAMPLES: &str = "\
Examples:
  An image, or the index of all its platforms:
    crhost copy docker.io/library/alpine:3.20 prod/alpine:3.20
  With its signatures, attestations and SBOMs:
    crhost copy ghcr.io/acme/train:v3 prod/train:v3 --referrers
  All tags that begin with `v`:
    crhost copy ghcr.io/acme/train prod/train --all-tags --include 'v*'
  One platform alone:
    crhost copy docker.io/library/alpine prod/alpine --platform linux/arm64";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The image that is copied, with its tag or digest: below a registered registry (`prod/train:v3`), or with its
    /// host (`ghcr.io/acme/train:v3`). Without either it is `latest`
    source: RemoteName,

    /// Where it goes; without a tag, it keeps its own
    target: RemoteName,

    /// Copy all tags of the repository; both names are given without a tag
    #[arg(short, long)]
    all_tags: bool,

    /// Of all tags, copy those that match: `v1.*`, `{a,b}-?`; may be given several times
    #[arg(long, value_name = "PATTERN", requires = "all_tags")]
    include: Vec<Pattern>,

    /// Of all tags, leave those out that match; may be given several times
    #[arg(long, value_name = "PATTERN", requires = "all_tags")]
    exclude: Vec<Pattern>,

    /// Of all tags, copy one part of several: each tag is in exactly one, which depends on its name alone. `job/N` is
    /// the part of an indexed Job's pod
    #[arg(long, value_name = "I/N", requires = "all_tags")]
    shard: Option<GivenShard>,

    /// Copy everything that belongs to an image with it: signatures, attestations and SBOMs, by the referrers API, the
    /// referrers tag and cosign's tags, and what belongs to these
    #[arg(long)]
    referrers: bool,

    /// Copy this platform of an index alone, e.g. linux/arm64. Given several times, an index of these is made, which
    /// has another digest
    #[arg(long = "platform", value_name = "PLATFORM")]
    platforms: Vec<Platform>,

    /// Copy an index with all that it names, as it is; the default
    #[arg(long, conflicts_with = "platforms")]
    all_platforms: bool,

    /// Copy no image that is not signed at the source for this public key: a file, or `env://VARIABLE`
    #[arg(long, value_name = "KEY")]
    require_signature: Option<String>,

    /// Do everything but write; what an option of the target's registry has its flavor create is created
    #[arg(long)]
    dry_run: bool,

    /// Allow plain HTTP to the source if it does not speak https: every machine on the way reads the password and the
    /// image
    #[arg(long)]
    insecure_source: bool,

    /// The same for the target
    #[arg(long)]
    insecure_target: bool,

    #[command(flatten)]
    transfer: TransferArguments,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let transfer = &arguments.transfer;
    let key = arguments.require_signature.as_deref();
    let required = key.map(|key| supply_chain::public_key(context, key)).transpose()?;
    let parts = Parts::open_limited(context, Some(transfer.idle_timeout), transfer.rate)?;
    let services = parts.services(context);
    let in_use = in_use::registry(&context.environment)?;
    let shard = arguments.shard.map(|shard| shard.read(&context.environment)).transpose()?;
    let order = Order {
        source: services.locate(&arguments.source, in_use.as_ref(), Intent::Pull).await?,
        target: services.locate(&arguments.target, in_use.as_ref(), Intent::Push).await?,
        insecure_source: arguments.insecure_source,
        insecure_target: arguments.insecure_target,
        tags: arguments.all_tags.then(|| TagFilter {
            include: Patterns::of(arguments.include),
            exclude: Patterns::of(arguments.exclude),
            shard,
            ..TagFilter::default()
        }),
        lists: false,
        platforms: arguments.platforms,
        all_platforms: true,
        referrers: arguments.referrers,
        required,
        dry_run: arguments.dry_run,
    };
    let copier = Copier::new(&services, transfer.start(&context.environment), transfer.jobs());
    screen::open();
    let mut signal = None;
    let interrupt = async { signal = Some(shutdown_signal().await) };
    let ended = copier.copy(&order, Stopped::by(transfer.timeout, interrupt)).await;
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
