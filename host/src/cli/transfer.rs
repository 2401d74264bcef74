//! Options of commands that copy from registry to registry.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::rate::RateArguments;
use super::{duration, event_stream, jobs, progress};
use crate::environment::{EnvVars, Environment};
use crate::push::Progress;

#[derive(Debug, Args)]
pub(super) struct TransferArguments {
    /// Layers that are sent at once; without it, many small ones and few large ones
    #[arg(long, value_name = "N", value_parser = jobs::parse, env = EnvVars::CRHOST_JOBS, hide_env_values = true)]
    jobs: Option<u8>,

    /// Time after which it is given up, e.g. `90` (seconds), `5m` or `1h30m`; without it, it may take as long as bytes
    /// move
    #[arg(long, value_name = "DURATION", value_parser = duration::timeout(), env = EnvVars::CRHOST_TIMEOUT, hide_env_values = true)]
    pub(super) timeout: Option<Duration>,

    /// Time without a byte of either side after which a request is given up and made again
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::idle_timeout(), env = EnvVars::CRHOST_IDLE_TIMEOUT, hide_env_values = true)]
    pub(super) idle_timeout: Duration,

    #[command(flatten)]
    pub(super) rate: RateArguments,

    /// How it is shown while it works, on standard error
    #[arg(long, value_enum, default_value_t, env = EnvVars::CRHOST_PROGRESS, hide_env_values = true)]
    progress: progress::ProgressFormat,

    /// Show nothing but the result
    #[arg(short, long)]
    quiet: bool,
}

impl TransferArguments {
    /// Layers that are sent at once.
    pub(super) fn jobs(&self) -> Option<usize> {
        self.jobs.map(usize::from)
    }

    /// Whether the end is told on standard error.
    pub(super) fn is_described(&self) -> bool {
        self.format() != progress::ProgressFormat::None
    }

    /// Shows the progress until the result is dropped.
    pub(super) fn start(&self, environment: &Environment) -> Arc<dyn Progress> {
        if self.format() == progress::ProgressFormat::Json {
            event_stream::start();
        }
        self.format().start(environment)
    }

    fn format(&self) -> progress::ProgressFormat {
        if self.quiet { progress::ProgressFormat::None } else { self.progress }
    }
}
