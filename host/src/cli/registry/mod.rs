//! `crhost registry`.

mod admit;
mod arguments;
mod change;
mod remarks;
mod show;
mod verify;

use clap::Subcommand;

use super::assignment;
use super::context::Context;
use super::failure::Failure;
use super::grant::GrantArgs;
use super::if_taken::IfTakenArgs;
use super::{flavor, output, removed};
use crate::catalog::Catalog;
use crate::environment::EnvVars;
use crate::registry::{self, Registration, TypedUri};
use crate::store::Name;
use arguments::ProveArgs;

#[cfg(test)]
pub(super) use show::{Admitted, List, NoneInUse, Shown};
#[cfg(test)]
pub(super) use verify::Report;

/// The commands about registries. Without `Debug`: those about flavors may hold a secret.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Register a registry; its connector is verified first
    Register {
        /// Your name for it
        name: Name,
        /// Its kind; `crhost flavor list` shows them all
        #[arg(short, long)]
        flavor: String,
        /// Where it is: `host[:port][/path]`
        #[arg(short, long)]
        uri: String,
        /// A value for one of the flavor's options
        #[arg(long = "option", value_name = "NAME=VALUE", value_parser = assignment::parse)]
        options: Vec<(String, String)>,
        #[command(flatten)]
        grants: GrantArgs,
        /// The connector whose credentials its flavor may use
        #[arg(short, long)]
        connector: Option<Name>,
        /// Allow plain HTTP to it if it does not speak https: every machine on the way reads password and image
        #[arg(long)]
        insecure: bool,
        #[command(flatten)]
        if_taken: IfTakenArgs,
        #[command(flatten)]
        prove: ProveArgs,
    },
    /// List all registries
    #[command(visible_alias = "ls")]
    List(show::Filter),
    /// Show a registry
    #[command(visible_aliases = ["get", "inspect"])]
    Describe {
        /// Its name; without it, the registry in use
        name: Option<Name>,
    },
    /// Find out whether a push to a registry could work, without pushing
    Verify(verify::Arguments),
    /// Have a registry's flavor use a connector, which is verified first
    Connect(change::Connect),
    /// Have a registry's flavor use no connector
    Disconnect {
        /// Its name
        name: Name,
    },
    /// Change a registry's URI, options or connector; its connector is verified first
    Update(change::Update),
    /// Give a registry another name
    Rename {
        /// Its name
        name: Name,
        /// Its new name
        new: Name,
    },
    /// Register a registry a second time, with its options, its connector and what was granted for it
    Copy {
        /// Its name
        name: Name,
        /// The name of the second one
        new: Name,
    },
    /// Set the default registry, for images whose names have no host
    Use {
        /// Its name
        #[arg(required_unless_present = "none")]
        name: Option<Name>,
        /// Have no default registry
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
    /// Flavors, as `crhost flavor` has them
    #[command(subcommand, hide = true, alias = "flavors")]
    Flavor(flavor::Command),
    /// Forget a registry; nothing happens to its images
    #[command(visible_aliases = ["delete", "rm"])]
    Remove {
        /// Its name
        name: Name,
    },
}

/// Runs a command about registries.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let store = context.store()?;
    match command {
        Command::Register { name, flavor, uri, options, grants, connector, insecure, if_taken, prove } => {
            let uri: TypedUri = uri.parse()?;
            let (runtime, access) = (context.runtime()?, prove.access(context, connector.is_some())?);
            let catalog = Catalog::new(&runtime, &store);
            let grants = match grants.is_empty() {
                true => Vec::new(),
                false => grants.grants(&catalog.entry(&flavor).await?.description)?,
            };
            let (options, insecure) = (options.into_iter().collect(), Some(insecure));
            let registration = Registration { name, flavor, uri, options, grants, connector, insecure };
            let candidate = registry::register(&store, &catalog, registration, if_taken.if_taken()).await?;
            let admitted = admit::admit(&store, &catalog, candidate, access).await?;
            show::admitted(context, &store, admitted, None)
        }
        Command::List(filter) => show::list(context, &store, &filter),
        Command::Describe { name } => show::describe(context, &store, name),
        Command::Flavor(command) => flavor::run(context, command).await,
        Command::Verify(arguments) => verify::run(context, &store, arguments).await,
        Command::Connect(arguments) => change::connect(context, &store, arguments).await,
        Command::Disconnect { name } => change::disconnect(context, &store, &name),
        Command::Update(arguments) => change::update(context, &store, arguments).await,
        Command::Rename { name, new } => {
            store.rename_registry(&name, &new)?;
            show::changed(context, &store, &new, &format!("registry `{name}` is `{new}` now"))
        }
        Command::Copy { name, new } => {
            store.copy_registry(&name, &new)?;
            show::changed(context, &store, &new, &format!("copied registry `{name}` to `{new}`"))
        }
        Command::Use { name: Some(name), .. } => {
            store.use_registry(&name)?;
            if context.environment.get(EnvVars::CRHOST_REGISTRY).is_some() {
                let message = format!("`{}` is set, and goes before it in a push", EnvVars::CRHOST_REGISTRY);
                output::say("warning", &message);
            }
            show::changed(context, &store, &name, &format!("`{name}` is the registry in use"))
        }
        Command::Use { name: None, .. } => {
            let was = store.use_no_registry()?;
            show::none_in_use(context, was.as_ref());
            Ok(())
        }
        Command::Remove { name } => {
            let was_current = store.remove_registry(&name)?;
            removed::show(context, "registry", &name);
            if was_current {
                output::say("note", "it was the registry in use; none is in use now");
            }
            Ok(())
        }
    }
}
