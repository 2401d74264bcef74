//! Asks flavors for credentials to pull with.

use super::super::context::Context;
use super::super::failure::Failure;
use crate::access::AccessContext;
use crate::catalog::Catalog;
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::flavor::Runtime;
use crate::kubernetes::{self, Entry};
use crate::store::{RegistryRecord, Store};

/// What flavors need to answer, once for all of them.
pub(super) struct Asker<'a> {
    store: &'a Store,
    environment: &'a Environment,
    runtime: Runtime,
}

impl<'a> Asker<'a> {
    /// Ready to ask, with the variables of this environment.
    pub(super) fn new(context: &Context, store: &'a Store, environment: &'a Environment) -> Result<Self, Failure> {
        Ok(Self { store, environment, runtime: context.runtime()? })
    }

    /// New credentials of a registry. Those of one pod are kept for no other.
    pub(super) async fn ask(&self, registry: RegistryRecord, is_of_one_pod: bool) -> Result<Entry, Failure> {
        // Read at each question: a service asks for days.
        let (catalog, docker) = (Catalog::new(&self.runtime, self.store), Configuration::load(self.environment));
        let context =
            AccessContext { store: self.store, catalog: &catalog, docker: &docker, environment: self.environment };
        let login = kubernetes::ask(context, &registry, is_of_one_pod).await?;
        Ok(Entry { registry, login })
    }
}
