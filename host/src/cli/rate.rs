//! `--limit-rate`: the rate of all connections to registries together.

use clap::Args;

use crate::distribution::RateLimit;
use crate::environment::EnvVars;

/// The limit of a command that moves images.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct RateArguments {
    /// Most bytes per second over all connections together, in each direction, such as `500K` or `20M` (powers of 1024,
    /// as curl has it); registries get equal parts of it
    #[arg(long, value_name = "RATE", env = EnvVars::CRHOST_LIMIT_RATE, hide_env_values = true)]
    limit_rate: Option<RateLimit>,
}

impl RateArguments {
    /// The limit, if there is one.
    pub(super) fn limit(self) -> Option<RateLimit> {
        self.limit_rate
    }
}
