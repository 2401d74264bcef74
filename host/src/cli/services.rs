//! What commands that work with registries open them with.

use std::time::Duration;

use super::context::Context;
use super::failure::Failure;
use super::rate::RateArguments;
use crate::catalog::Catalog;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::flavor::Runtime;
use crate::session::Services;
use crate::store::Store;

/// The parts that live as long as the command.
pub(super) struct Parts {
    store: Store,
    runtime: Runtime,
    client: Client,
}

impl Parts {
    /// Opens the store and makes a client that gives a request up after `idle_timeout` without a byte.
    pub(super) fn open(context: &Context, idle_timeout: Option<Duration>) -> Result<Self, Failure> {
        Self::open_limited(context, idle_timeout, RateArguments::default())
    }

    /// The same, with a client that stays below a rate.
    pub(super) fn open_limited(
        context: &Context,
        idle_timeout: Option<Duration>,
        rate: RateArguments,
    ) -> Result<Self, Failure> {
        Self::with_store(context, context.store()?, idle_timeout, rate)
    }

    /// The same with a store that is open.
    pub(super) fn with_store(
        context: &Context,
        store: Store,
        idle_timeout: Option<Duration>,
        rate: RateArguments,
    ) -> Result<Self, Failure> {
        let runtime = context.runtime()?;
        let defaults = ClientOptions::new(context.certificate_directories());
        let idle_timeout = idle_timeout.unwrap_or(defaults.idle_timeout);
        let client = Client::new(ClientOptions { idle_timeout, limit_rate: rate.limit(), ..defaults })?;
        Ok(Self { store, runtime, client })
    }

    /// What sessions are opened with.
    pub(super) fn services<'a>(&'a self, context: &'a Context) -> Services<'a> {
        Services {
            store: &self.store,
            catalog: Catalog::new(&self.runtime, &self.store),
            client: self.client.clone(),
            environment: &context.environment,
            docker: Configuration::load(&context.environment),
        }
    }
}
