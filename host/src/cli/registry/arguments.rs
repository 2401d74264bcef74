//! Options that several commands about registries share.

use clap::Args;

use super::super::context::Context;
use super::super::failure::Failure;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::registry::Authenticator;

/// Options for proving that a connector opens a registry.
#[derive(Debug, Args)]
pub(in crate::cli) struct ProveArgs {
    /// Store it even if its connector does not open it
    #[arg(long)]
    no_verify: bool,
}

/// The parts of an [`Authenticator`], which borrows them.
pub(super) struct RegistryAccess<'a> {
    client: Client,
    docker: Configuration,
    environment: &'a Environment,
}

impl ProveArgs {
    /// Absent if nothing has to be proved: with `--no-verify`, and without a connector. Docker's configuration, which
    /// may be damaged, is not read then.
    pub(super) fn access<'a>(
        &self,
        context: &'a Context,
        has_connector: bool,
    ) -> Result<Option<RegistryAccess<'a>>, Failure> {
        if self.no_verify || !has_connector { Ok(None) } else { RegistryAccess::new(context).map(Some) }
    }
}

impl<'a> RegistryAccess<'a> {
    /// The parts of an authenticator.
    pub(super) fn new(context: &'a Context) -> Result<Self, Failure> {
        let client = Client::new(ClientOptions::new(context.certificate_directories()))?;
        let environment = &context.environment;
        Ok(Self { client, docker: Configuration::load(environment), environment })
    }

    /// The authenticator.
    pub(super) fn authenticator(&self) -> Authenticator<'_> {
        Authenticator { client: &self.client, docker: &self.docker, environment: self.environment }
    }
}
