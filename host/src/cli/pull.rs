//! `crhost pull`.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::daemon::DaemonArguments;
use super::failure::Failure;
use super::rate::RateArguments;
use super::result_event::ResultEvent;
use super::services::Parts;
use super::signals::shutdown_signal;
use super::{duration, event_stream, in_use, jobs, log_group, output, progress, screen};
use crate::docker::Chosen;
use crate::environment::EnvVars;
use crate::image::Platform;
use crate::pull::{Destination, Outcome, PullError, Puller, Report, Request, whole_name};
use crate::registry::RemoteName;
use crate::source::Options;

const EXAMPLES: &str = "\
Examples:
  Into the Docker daemon, as `docker pull` does:
    crhost pull registry.example.com/acme/train:v3
  Of registry `prod`, into an OCI layout, which may hold other images:
    crhost pull prod/train:v3 oci:./layout
  All platforms of an index, by its digest:
    crhost pull prod/train@sha256:… oci:./layout:v3 --all-platforms
  Into a file for another machine, which `docker load` reads:
    crhost pull prod/train:v3 docker-archive:./train.tar --platform linux/arm64
  Into a pipe:
    crhost pull prod/train:v3 - | ssh ann@build.example docker load";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The image: `NAME/REPOSITORY[:TAG]` below the registry that is registered as NAME, its whole name
    /// `host[:port]/REPOSITORY[:TAG]` whether that registry is registered or not, or `REPOSITORY[:TAG]` below the
    /// registry in use; with `@sha256:…`, by its digest
    #[arg(value_name = "IMAGE")]
    name: String,

    /// Where it goes: oci:DIRECTORY[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME], or `-` for an archive
    /// on standard output; without it, the Docker daemon
    #[arg(value_name = "DESTINATION", conflicts_with_all = ["to_daemon", "named"])]
    destination: Option<String>,

    /// Into the Docker daemon, which is also where an image goes without a destination
    #[arg(long)]
    to_daemon: bool,

    /// What the image is called in the Docker daemon, in place of its own name
    #[arg(long = "as", value_name = "REPOSITORY[:TAG]")]
    named: Option<String>,

    /// Which image of an index, e.g. linux/arm64; without it, this machine's. An only image is pulled whatever its
    /// platform is, unless this names another
    #[arg(long, conflicts_with = "all_platforms")]
    platform: Option<Platform>,

    /// Pull an index with all that it names, into an OCI layout
    #[arg(short, long, visible_alias = "all")]
    all_platforms: bool,

    #[command(flatten)]
    daemon: DaemonArguments,

    /// Say what would be pulled, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Allow plain HTTP to the registry of this pull if it does not speak https: every machine on the way reads the
    /// password and the image. `crhost registry update NAME --insecure` stores that with the registry
    #[arg(long)]
    insecure: bool,

    #[command(flatten)]
    rate: RateArguments,

    /// Layers that are received at once; without it, six
    #[arg(long, value_name = "N", value_parser = jobs::parse, env = EnvVars::CRHOST_JOBS, hide_env_values = true)]
    jobs: Option<u8>,

    /// Time after which the pull is given up, e.g. `90` (seconds), `5m` or `1h30m`; without it, it may take as long as
    /// bytes move
    #[arg(long, value_name = "DURATION", value_parser = duration::timeout(), env = EnvVars::CRHOST_TIMEOUT, hide_env_values = true)]
    timeout: Option<Duration>,

    /// Time without a byte after which a request is given up and made again
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::idle_timeout(), env = EnvVars::CRHOST_IDLE_TIMEOUT, hide_env_values = true)]
    idle_timeout: Duration,

    /// How the pull is shown while it works, on standard error
    #[arg(long, value_enum, default_value_t, env = EnvVars::CRHOST_PROGRESS, hide_env_values = true)]
    progress: progress::ProgressFormat,

    /// Show nothing but the pulled image's name and digest
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let form = if arguments.quiet { progress::ProgressFormat::None } else { arguments.progress };
    if form == progress::ProgressFormat::Json {
        event_stream::start();
    }
    // Parsed here and not by clap, which would leave out what to write instead.
    let name: RemoteName = arguments.name.parse()?;
    let destination = match (arguments.destination, arguments.named) {
        (Some(destination), _) => Some(destination.parse::<Destination>()?),
        (None, Some(name)) => Some(Destination::Daemon(Some(whole_name(&name)?))),
        (None, None) => arguments.to_daemon.then_some(Destination::Daemon(None)),
    };
    let is_archive_shown = destination == Some(Destination::Output) && !arguments.dry_run;
    if is_archive_shown && io::stdout().is_terminal() {
        return Err(PullError::Terminal.into());
    }
    let in_use = in_use::registry(&context.environment)?;
    let parts = Parts::open_limited(context, Some(arguments.idle_timeout), arguments.rate)?;
    screen::open();
    let puller = Puller {
        services: parts.services(context),
        daemon: Chosen::from(arguments.daemon),
        progress: form.start(&context.environment),
        records: context.verified(),
    };
    let request = Request {
        in_use,
        destination,
        output: Box::new(io::stdout()),
        options: Options { platform: arguments.platform, all_platforms: arguments.all_platforms, ..Options::default() },
        insecure: arguments.insecure,
        dry_run: arguments.dry_run,
        timeout: arguments.timeout,
        jobs: arguments.jobs.map(usize::from),
        name,
    };
    let mut signal = None;
    let interrupt = async { signal = Some(shutdown_signal().await) };
    let is_described = form != progress::ProgressFormat::None;
    let group = is_described.then(|| log_group::begin(&format!("pull {}", request.name.as_str())));
    let ended = puller.pull(request, interrupt).await;
    screen::close();
    drop((group, puller));
    let pulled = ended.map_err(|error| Failure::of_work(error, signal))?;
    if is_described && !event_stream::is_on() && !output::is_json() {
        describe(&pulled);
    }
    output::say_event(ResultEvent::Result { result: &pulled });
    // The archive is the result.
    if !is_archive_shown {
        show(context, &pulled);
    }
    Ok(())
}

/// Says on standard error what was done.
fn describe(pulled: &Report) {
    if !pulled.dry_run {
        return output::say_line(&pulled.summary());
    }
    for layer in &pulled.layers {
        let outcome = match layer.outcome {
            Outcome::Missing => "would be pulled",
            Outcome::Present => "present",
            Outcome::Foreign => "stored elsewhere",
            Outcome::Pulled => "pulled",
        };
        output::say_line(&format!("{}: {outcome}", layer.digest.short()));
    }
    output::say_line("dry run: nothing was written");
}

/// Shows the image's name and digest on standard output.
fn show(context: &Context, pulled: &Report) {
    match context.is_json() {
        true => output::print_json(pulled),
        false => output::print(&format!("{}@{}", pulled.name, pulled.digest)),
    }
}
