//! The arguments that name a Docker daemon, as those of the `docker` command.

use clap::Args;

use crate::docker::Chosen;

/// Which daemon is meant.
#[derive(Debug, Clone, Args)]
pub(super) struct DaemonArguments {
    /// The Docker daemon: `unix:///path/of/docker.sock`, `tcp://host:port` or `ssh://user@host`; without it,
    /// `DOCKER_HOST`, else the context, else the sockets of Docker and Podman that there are
    #[arg(short = 'H', long, value_name = "ENDPOINT", conflicts_with = "context")]
    host: Option<String>,

    /// The Docker context that names the daemon, in place of `DOCKER_CONTEXT` and `docker context use`
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
}

impl From<DaemonArguments> for Chosen {
    fn from(DaemonArguments { host, context }: DaemonArguments) -> Self {
        Self { host, context }
    }
}
