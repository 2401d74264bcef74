//! Options that several commands about connectors share.

use clap::Args;

use super::super::assignment;
use crate::connector::ProveOptions;
use crate::id_token::IdTokenFrom;

/// Options for storing a connector.
#[derive(Args)]
pub(in crate::cli) struct StoreArgs {
    /// Store them without verifying them
    #[arg(long)]
    pub(super) no_verify: bool,
    /// Let fields that are left out be read on this machine: from the variables and files that the method names, and
    /// from the id tokens of its CI system
    #[arg(long)]
    pub(super) allow_implicit: bool,
    /// Where id tokens are from, if not from the CI system: `file:PATH`, `env:NAME`, `command:PROGRAM ARGS` with
    /// `{audience}` and quotes as in a shell, `github`, `azure-pipelines`, `circleci`, `buildkite`, `google` or
    /// `kubernetes`
    #[arg(long, value_name = "WHERE")]
    pub(super) id_token_from: Option<IdTokenFrom>,
    /// Let a program of this name give its field, run at each use with the arguments that `describe-type` shows; may
    /// be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) allow_command: Vec<String>,
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
    #[command(flatten)]
    _any: AnyResource,
}

/// What a connector is for: there is nothing but container registries, so the answer changes nothing.
#[derive(Args)]
pub(in crate::cli) struct AnyResource {
    /// `docker-registry`, as ZenML has it
    #[arg(short = 'r', long = "resource-type", hide = true, value_parser = ["docker-registry"])]
    _resource_type: Option<String>,
}

/// Which connectors, or types of them, are listed.
#[derive(Args)]
pub(in crate::cli) struct Filter {
    /// Only those of a type
    #[arg(short = 't', long = "type", visible_alias = "connector-type", value_name = "TYPE")]
    connector_type: Option<String>,
    /// Only those of an auth method
    #[arg(short, long, value_name = "METHOD")]
    auth_method: Option<String>,
    #[command(flatten)]
    _any: AnyResource,
}

impl Filter {
    /// Whether a connector of this type and auth method is listed.
    pub(super) fn admits(&self, connector_type: &str, method: &str) -> bool {
        self.connector_type.as_ref().is_none_or(|wanted| wanted == connector_type)
            && self.auth_method.as_ref().is_none_or(|wanted| wanted == method)
    }
}

impl ProveArgs {
    /// The options for the use case.
    pub(super) fn into_options(self) -> ProveOptions {
        ProveOptions { flavor: self.flavor, options: self.options.into_iter().collect() }
    }
}
