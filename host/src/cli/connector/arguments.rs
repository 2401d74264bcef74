//! Options that several commands about connectors share.

use clap::Args;

use super::super::assignment;
use crate::connector::ProveOptions;

/// Options for storing a connector.
#[derive(Args)]
pub(in crate::cli) struct StoreArgs {
    /// Store them without verifying them
    #[arg(long)]
    pub(super) no_verify: bool,
    /// Let an implicit method read this machine: the environment variables and files that it names
    #[arg(long)]
    pub(super) allow_implicit: bool,
    #[command(flatten)]
    pub(super) prove: ProveArgs,
}

/// Options for questions to a flavor about a connector.
#[derive(Args)]
pub(in crate::cli) struct ProveArgs {
    /// The flavor whose description holds and that is asked, where several describe the auth method
    #[arg(short, long)]
    pub(super) flavor: Option<String>,
    /// A value for one of the flavor's options, such as another endpoint
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    options: Vec<(String, String)>,
    /// What the connector is for: there is nothing but container registries, so the answer changes nothing
    #[arg(short = 'r', long = "resource-type", hide = true, value_parser = ["docker-registry"])]
    _resource_type: Option<String>,
}

impl ProveArgs {
    /// The options for the use case.
    pub(super) fn into_options(self) -> ProveOptions {
        ProveOptions { flavor: self.flavor, options: self.options.into_iter().collect() }
    }
}
