//! What commands that look at a registry's images, or change them, have in common.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::daemon::DaemonArguments;
use crate::cli::failure::Failure;
use crate::cli::in_use;
use crate::cli::rate::RateArguments;
use crate::cli::services::Parts;
use crate::docker::Chosen;
use crate::inspect::Inspector;
use crate::registry::Destination;
use crate::session::Services;
use crate::store::Store;

/// Whether a registry may be spoken to in plain HTTP.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct InsecureArgument {
    /// Allow plain HTTP to the registry if it does not speak https: every machine on the way reads the password and the
    /// image. `crhost registry update NAME --insecure` stores that with the registry
    #[arg(long)]
    insecure: bool,
}

impl InsecureArgument {
    /// Plain HTTP is not allowed.
    pub(in crate::cli) const NO: Self = Self { insecure: false };
}

/// The parts that live as long as the command.
pub(in crate::cli) struct Tools {
    parts: Parts,
    in_use: Option<Destination>,
    daemon: Chosen,
    insecure: bool,
}

impl Tools {
    /// Opens the store and the rest.
    pub(in crate::cli) fn open(context: &Context, insecure: InsecureArgument) -> Result<Self, Failure> {
        let (parts, in_use) = (Parts::open(context, None)?, in_use::registry(&context.environment)?);
        Ok(Self { parts, in_use, daemon: Chosen::default(), insecure: insecure.insecure })
    }

    /// The same with a store that is open.
    pub(in crate::cli) fn with_store(
        context: &Context,
        store: Store,
        insecure: InsecureArgument,
    ) -> Result<Self, Failure> {
        let parts = Parts::with_store(context, store, None, RateArguments::default())?;
        let in_use = in_use::registry(&context.environment)?;
        Ok(Self { parts, in_use, daemon: Chosen::default(), insecure: insecure.insecure })
    }

    /// The same with a Docker daemon that was named.
    pub(in crate::cli) fn with_daemon(self, daemon: DaemonArguments) -> Self {
        Self { daemon: daemon.into(), ..self }
    }

    /// What opens registries.
    pub(in crate::cli) fn services<'a>(&'a self, context: &'a Context) -> Services<'a> {
        self.parts.services(context)
    }

    /// The registry in use that a variable names.
    pub(in crate::cli) fn in_use(&self) -> Option<&Destination> {
        self.in_use.as_ref()
    }

    /// What opens images.
    pub(in crate::cli) fn inspector<'a>(&'a self, services: &'a Services<'a>) -> Inspector<'a> {
        let Self { in_use, daemon, insecure, .. } = self;
        Inspector { services, in_use: in_use.as_ref(), insecure: *insecure, daemon }
    }
}
