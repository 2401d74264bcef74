//! `crhost push`.

mod all;
mod engine;
mod evidence;
mod layers;
mod of_words;
mod one;
mod registries;
mod result_files;
mod several;
mod shown;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::daemon::DaemonArguments;
use super::failure::Failure;
use super::rate::RateArguments;
use super::services::Parts;
use super::{assignment, boolean, ci_results, duration, event_stream, in_use, jobs, progress, screen};
use crate::docker::Chosen;
use crate::environment::EnvVars;
use crate::image::{Platform, Tag};
use crate::push::{Compression, Pusher, Request};
use crate::registry::GivenName;
use crate::source::{Location, Options};
#[cfg(test)]
pub(super) use result_files::Metadata;

use all::AllArguments;
#[cfg(test)]
pub(super) use all::PushedImages;
use engine::EngineArgument;
use evidence::EvidenceArguments;
use layers::LayerArguments;
use one::one;
use result_files::ResultFiles;
#[cfg(test)]
pub(super) use several::Pushes;
#[cfg(test)]
pub(super) use shown::ResultsEvent;

const EXAMPLES: &str = "\
Examples:
  From the Docker daemon; its name finds the registry:
    crhost push registry.example.com/acme/train:v3
  Below the URI of registry `prod`:
    crhost push train:v3 --to prod
  By a daemon on another machine, which sends the image itself:
    crhost push train:v3 --to prod --host ssh://ann@build.example
  To a registry that is not registered:
    crhost push train:v3 --to localhost:5000/acme
  To three registries at once, all or none:
    crhost push train:v3 --to ecr --to gar --to ghcr --all-or-none
  An OCI layout directory:
    crhost push oci:./layout:v3 --to prod --as train
  A file of `docker save`, plain or compressed:
    crhost push docker-archive:./train.tar --to prod --as train:v3
  All images that are in it, each by its own name and tag:
    crhost push docker-archive:./release.tar.gz --to prod --all";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// NAME of an image in the Docker daemon, docker-archive:FILE[:NAME], oci:DIRECTORY[:REFERENCE],
    /// oci-archive:FILE[:REFERENCE], containers-storage:NAME of Podman and buildah, a path that begins with `/`, `./`
    /// or `../`, or `-` for an archive on standard input. NAME and REFERENCE choose one image of several, as do `@0`,
    /// `@1` and so on, and `@sha256:…`
    source: Location,

    /// The registry, by the name that it was registered under, or by its URI `host[:port][/path]`, which need not be
    /// registered. With a `/` or a `:` it is a URI: `--to ghcr.io/`. Given several times, the image is read and
    /// compressed once and sent to all of them
    #[arg(long, value_name = "REGISTRY")]
    to: Vec<String>,

    /// Of several registries, move no tag before every one of them has everything else of the image
    #[arg(long)]
    all_or_none: bool,

    /// The flavor of a registry that is not registered; without it, the one that knows the registry's host, else
    /// `default`. The name of a registered one in `--to` goes before this and `--uri`
    #[arg(short, long, env = EnvVars::CRHOST_REGISTRY_FLAVOR, hide_env_values = true)]
    flavor: Option<String>,

    /// Where a registry is that is not registered, as with `--to`, which goes before it: `host[:port][/path]`; without
    /// either, as the image's name says
    #[arg(short, long, env = EnvVars::CRHOST_REGISTRY_URI, hide_env_values = true)]
    uri: Option<String>,

    /// A value for an option of its flavor
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    options: Vec<(String, String)>,

    /// What the image is called below the registry's URI, or its whole name with the registry's host
    #[arg(long = "as", value_name = "REPOSITORY[:TAG]")]
    named: Option<GivenName>,

    /// Which image of several, e.g. linux/arm64; without it, this machine's. An only image is pushed whatever its
    /// platform is, unless this names another
    #[arg(long)]
    platform: Option<Platform>,

    /// Push the index of an OCI layout with all that it names, whatever platform is chosen
    #[arg(long)]
    all_platforms: bool,

    #[command(flatten)]
    daemon: DaemonArguments,

    /// Who sends an image of the Docker daemon; without it, `auto`, or what `CRHOST_ENGINE` says
    #[arg(long, value_name = "ENGINE", value_enum)]
    engine: Option<EngineArgument>,

    /// Take an image of the Docker daemon as its export, even where the daemon's own store could be read, which is
    /// faster
    #[arg(long, env = EnvVars::CRHOST_DAEMON_EXPORT, hide_env_values = true, value_parser = boolean::parse)]
    daemon_export: bool,

    #[command(flatten)]
    all: AllArguments,

    /// A further tag for the image in the same repository; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<Tag>,

    /// Send nothing where the tag has this very image already, even if another program compressed it differently
    #[arg(long)]
    if_changed: bool,

    /// Write the manifest's digest to a file
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    digest_file: Option<PathBuf>,

    /// Write what was pushed to a file, as `docker buildx build` does
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    metadata_file: Option<PathBuf>,

    /// Write what was pushed to a file as variables, for an artifact `reports: dotenv` of GitLab: `IMAGE_NAME`,
    /// `IMAGE_DIGEST`, `IMAGE_REFERENCE`, `IMAGE_TAG` and `IMAGE_TAGS`
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    dotenv_file: Option<PathBuf>,

    /// Do everything but upload; what an option of the registry has its flavor create is created
    #[arg(long)]
    dry_run: bool,

    /// Allow plain HTTP to the registry of this push if it does not speak https: every machine on the way reads the
    /// password and the image. `crhost registry update NAME --insecure` stores that with the registry
    #[arg(long)]
    insecure: bool,

    #[command(flatten)]
    rate: RateArguments,

    /// Layers that are sent at once, to all registries together; without it, many small ones and few large ones
    #[arg(long, value_name = "N", value_parser = jobs::parse, env = EnvVars::CRHOST_JOBS, hide_env_values = true)]
    jobs: Option<u8>,

    /// Time after which the push is given up, e.g. `90` (seconds), `5m` or `1h30m`; without it, it may take as long as
    /// bytes move
    #[arg(long, value_name = "DURATION", value_parser = duration::timeout(), env = EnvVars::CRHOST_TIMEOUT, hide_env_values = true)]
    timeout: Option<Duration>,

    /// Time without a byte of either side after which a request is given up and made again
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::idle_timeout(), env = EnvVars::CRHOST_IDLE_TIMEOUT, hide_env_values = true)]
    idle_timeout: Duration,

    /// gzip[:1-12], zstd[:1-19], none, or auto, for layers that their source does not have compressed; gzip:1 is an
    /// encoder made for speed, the other levels are libdeflate's; auto begins with gzip:1, and goes on with gzip:6
    /// where the line is slower than that. Docker before 23 can't pull zstd
    #[arg(long, value_name = "METHOD[:LEVEL]", default_value_t)]
    compression: Compression,

    #[command(flatten)]
    evidence: EvidenceArguments,

    #[command(flatten)]
    layers: LayerArguments,

    /// How the push is shown while it works, on standard error
    #[arg(long, value_enum, default_value_t, env = EnvVars::CRHOST_PROGRESS, hide_env_values = true)]
    progress: progress::ProgressFormat,

    /// Show nothing but the pushed image's name and digest
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let form = if arguments.quiet { progress::ProgressFormat::None } else { arguments.progress };
    if form == progress::ProgressFormat::Json {
        event_stream::start();
    }
    let (digest, metadata) = (arguments.digest_file.as_deref(), arguments.metadata_file.as_deref());
    let files = ResultFiles::prepare(digest, metadata, arguments.dotenv_file.as_deref())?;
    let all = arguments.all.read(arguments.all_or_none, &context.environment)?;
    let registries = registries::choices(arguments.to, arguments.flavor, arguments.uri, arguments.options)?;
    let in_use = in_use::registry(&context.environment)?;
    let (evidence, scan) = arguments.evidence.read(context).await?;
    // Registries that are named by their URIs are not looked up.
    let is_looked_up = registries.iter().any(|choice| choice.to.is_some() || choice.unregistered.uri.is_none());
    let store = if is_looked_up { context.store()? } else { context.store_if_usable()? };
    let parts = Parts::with_store(context, store, Some(arguments.idle_timeout), arguments.rate)?;
    let environment = &context.environment;
    let engine = engine::choice(arguments.engine, &arguments.source, registries.len(), environment)?;
    let daemon = Chosen::from(arguments.daemon);
    let pusher =
        || Pusher { services: parts.services(context), daemon: daemon.clone(), progress: form.start(environment) };
    let request = Request {
        location: arguments.source,
        registries,
        left_out: Vec::new(),
        all_or_none: arguments.all_or_none,
        in_use,
        named: arguments.named,
        source: Options {
            platform: arguments.platform,
            all_platforms: arguments.all_platforms,
            export_only: arguments.daemon_export,
            split: arguments.layers.split_layers,
        },
        tags: arguments.tags,
        if_changed: arguments.if_changed,
        insecure: arguments.insecure,
        engine,
        dry_run: arguments.dry_run,
        timeout: arguments.timeout,
        jobs: arguments.jobs.map(usize::from),
        compression: arguments.compression,
        evidence,
        scan,
        cache_from: arguments.layers.cache_from(),
    };
    let is_described = form != progress::ProgressFormat::None;
    let mut done = Vec::new();
    let ended = match all {
        Some(all) => all::push(context, &pusher, request, &all, is_described, &mut done).await,
        None => {
            screen::open();
            one(context, pusher(), request, is_described, files, &mut done).await
        }
    };
    ci_results::tell_pushes(environment, &done);
    ended
}
