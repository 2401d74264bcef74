//! Options that several commands about registries share.

use clap::Args;

use super::super::context::Context;
use super::super::failure::Failure;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::environment::{EnvVars, Environment};
use crate::registry::Authenticator;

/// Options for the connection to a registry.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConnectionArgs {
    /// Allow plain HTTP to a registry that is not on this machine
    #[arg(long, env = EnvVars::CRHOST_INSECURE, value_parser = clap::builder::FalseyValueParser::new())]
    insecure: bool,
}

/// Options for proving that a connector opens a registry.
#[derive(Debug, Args)]
pub(in crate::cli) struct ProveArgs {
    /// Store it even if its connector does not open it
    #[arg(long)]
    no_verify: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// The parts of an [`Authenticator`], which borrows them.
pub(super) struct RegistryAccess<'a> {
    client: Client,
    docker: Configuration,
    environment: &'a Environment,
}

impl ConnectionArgs {
    /// The parts of an authenticator with these options.
    pub(super) fn access<'a>(&self, context: &'a Context) -> Result<RegistryAccess<'a>, Failure> {
        let defaults = ClientOptions::new(context.certificate_directories());
        let client = Client::new(ClientOptions { insecure: self.insecure, ..defaults })?;
        let environment = &context.environment;
        Ok(RegistryAccess { client, docker: Configuration::load(environment)?, environment })
    }
}

impl ProveArgs {
    /// Absent if nothing has to be proved: with `--no-verify`, and without a connector. Docker's configuration, which
    /// may be damaged, is not read then.
    pub(super) fn access<'a>(
        &self,
        context: &'a Context,
        has_connector: bool,
    ) -> Result<Option<RegistryAccess<'a>>, Failure> {
        if self.no_verify || !has_connector { Ok(None) } else { self.connection.access(context).map(Some) }
    }
}

impl RegistryAccess<'_> {
    /// The authenticator.
    pub(super) fn authenticator(&self) -> Authenticator<'_> {
        Authenticator { client: &self.client, docker: &self.docker, environment: self.environment }
    }
}
