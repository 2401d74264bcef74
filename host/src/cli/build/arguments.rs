//! The arguments of `crhost build`.

use std::path::PathBuf;

use clap::Args;

use super::display::BuildProgress;
use super::recipe::Settings;
use super::target::Target;
use crate::build::{BuilderChoice, Secret};
use crate::cli::assignment;
use crate::cli::daemon::DaemonArguments;
use crate::environment::EnvVars;
use crate::image::Platform;
use crate::registry::naming::TagTemplate;

const EXAMPLES: &str = "\
Examples:
  Build, and push below the URI of registry `prod`:
    crhost build . -t train:v3 --to prod
  For the Docker daemon alone:
    crhost build . -t train:v3
  Without a Dockerfile:
    crhost build . -t train:v3 --to prod --parent-image python:3.12-slim \\
      --apt git --requirement requirements.txt --copy .
  By a BuildKit elsewhere, for two platforms:
    crhost build . -t train:v3 --to prod --builder tcp://buildkitd:1234 \\
      --platform linux/amd64,linux/arm64";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The directory with what the image is made of, or `-` for a tar archive or a Dockerfile on standard input
    #[arg(value_name = "CONTEXT", default_value = ".")]
    pub(super) directory: PathBuf,

    /// The image's name: below the registry's URI, or whole; a tag is made to fit. The builder keeps the image under
    /// it. May be given several times
    #[arg(short, long = "tag", value_name = "NAME[:TAG]")]
    pub(super) tags: Vec<String>,

    /// A tag made of the time and the commit, such as `{date}-{git_sha}`: fields are `{date}`, `{time}`, `{timestamp}`,
    /// `{git_sha}` and `{git_branch}`
    #[arg(long, value_name = "TEMPLATE")]
    pub(super) tag_template: Option<TagTemplate>,

    /// The builder: `auto`, `docker` (the daemon), `buildx`, `buildctl`, `buildah`, `podman`, or the address of a
    /// BuildKit such as `tcp://HOST:PORT`
    #[arg(long, value_name = "BUILDER", default_value = "auto", env = EnvVars::CRHOST_BUILDER, hide_env_values = true)]
    pub(super) builder: BuilderChoice,

    #[command(flatten)]
    pub(super) daemon: DaemonArguments,

    /// The Dockerfile, or `-` for standard input; without it, `Dockerfile` or `Containerfile` in the context
    #[arg(short, long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,

    /// A build argument; without a value, that of the environment's variable
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]", value_parser = argument)]
    pub(super) arguments: Vec<(String, Option<String>)>,

    /// The stage to build
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,

    /// A label
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    pub(super) labels: Vec<(String, String)>,

    /// What it is built for, e.g. linux/arm64; several where the builder can
    #[arg(long = "platform", value_delimiter = ',')]
    pub(super) platforms: Vec<Platform>,

    /// A cache to read: an image, or `type=…` as for `docker buildx`
    #[arg(long, value_name = "CACHE")]
    pub(super) cache_from: Vec<String>,

    /// A cache to write, `type=…` as for `docker buildx`
    #[arg(long, value_name = "CACHE")]
    pub(super) cache_to: Vec<String>,

    /// A secret for `RUN --mount=type=secret`: `id=ID,src=FILE` or `id=ID,env=VARIABLE`
    #[arg(long = "secret", value_name = "SECRET")]
    pub(super) secrets: Vec<Secret>,

    /// Fetch base images again
    #[arg(long)]
    pub(super) pull: bool,

    /// Build every step again
    #[arg(long)]
    pub(super) no_cache: bool,

    /// The network of `RUN`, e.g. `none` or `host`
    #[arg(long, value_name = "MODE")]
    pub(super) network: Option<String>,

    /// Give the builder Docker's login for the registry that is pushed to as well, for a private base image there
    #[arg(long)]
    pub(super) builder_login: bool,

    /// Write the image's id to a file: the daemon's, or the digest of its configuration
    #[arg(long, value_name = "FILE")]
    pub(super) iidfile: Option<PathBuf>,

    /// Show the Dockerfile, and build nothing
    #[arg(long)]
    pub(super) print: bool,

    /// How the build is shown while it works, on standard error
    #[arg(long, value_enum, default_value_t)]
    pub(super) progress: BuildProgress,

    /// Show nothing but the result
    #[arg(short, long)]
    pub(super) quiet: bool,

    #[command(flatten)]
    pub(super) settings: Settings,

    #[command(flatten)]
    pub(super) push: Target,
}

fn argument(text: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value.to_owned())));
    if name.is_empty() { Err("expected NAME or NAME=VALUE".to_owned()) } else { Ok((name.to_owned(), value)) }
}
