//! How registries are opened before something is stored, and whether.

use clap::Args;

use super::super::failure::Failure;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::registry::Opener;

/// How a registry may be spoken to.
#[derive(Debug, Args)]
pub(in crate::cli) struct Way {
    /// Allow plain HTTP to a registry that is not on this machine
    #[arg(long, env = "CRHOST_INSECURE", value_parser = clap::builder::FalseyValueParser::new())]
    insecure: bool,
}

/// Whether a connector has to open the registry first.
#[derive(Debug, Args)]
pub(in crate::cli) struct Proof {
    /// Store it even if its connector does not open it
    #[arg(long)]
    no_verify: bool,
    #[command(flatten)]
    way: Way,
}

/// What speaks to registries.
pub(super) struct Tools {
    client: Client,
    docker: Configuration,
}

impl Way {
    pub(super) fn tools(&self) -> Result<Tools, Failure> {
        let options = ClientOptions { insecure: self.insecure, ..ClientOptions::default() };
        let docker = Configuration::load(&Environment::of_this_process())?;
        Ok(Tools { client: Client::new(options)?, docker })
    }
}

impl Proof {
    /// None where nothing has to be proved. Without a connector there is nothing to prove; then nothing is needed of this
    /// machine either.
    pub(super) fn tools(&self, has_connector: bool) -> Result<Option<Tools>, Failure> {
        if self.no_verify || !has_connector { Ok(None) } else { self.way.tools().map(Some) }
    }
}

impl Tools {
    pub(super) fn opener(&self) -> Opener<'_> {
        Opener { client: &self.client, docker: &self.docker }
    }
}
