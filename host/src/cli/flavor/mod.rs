//! `crhost flavor`.

mod describe;
mod register;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::catalog::Catalog;
use crate::grant::{Grant, HostPattern};
use crate::store::{FlavorRecord, Name};
use crate::text::quoted;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register a flavor from its component
    #[command(after_help = REGISTER_HELP)]
    Register {
        /// The component, a `.wasm` file
        file: PathBuf,
        /// Take the place of a registered flavor of the same name
        #[arg(long)]
        replace: bool,
        /// Grant all that it asks for, without a question
        #[arg(short, long)]
        yes: bool,
        #[command(flatten)]
        allowed: Allowed,
    },
    /// List all flavors
    List,
    /// Show what a flavor is, what it is granted and what its last runs used
    Describe {
        /// The flavor's name
        name: String,
    },
    /// Grant hosts to a flavor, or take them away
    #[command(arg_required_else_help = true)]
    Grant {
        /// The flavor's name
        name: String,
        /// For this registry alone
        #[arg(long)]
        registry: Option<Name>,
        #[command(flatten)]
        allowed: Allowed,
        /// Take a host away, as `crhost flavor describe` shows it
        #[arg(long, value_name = "PATTERN")]
        revoke: Vec<HostPattern>,
    },
    /// Forget a registered flavor
    #[command(visible_alias = "delete")]
    Remove {
        /// The flavor's name
        name: String,
    },
}

const REGISTER_HELP: &str = "\
A flavor reaches nothing but what it is granted. With --allow-host it is granted exactly the hosts that are named, without
it all that it asks for, after a question or with --yes. Other bytes under the same name are asked for again; the same bytes
keep what they have.";

/// Hosts that the user writes out.
#[derive(Debug, Args)]
pub(super) struct Allowed {
    /// Let it reach a host, e.g. `https://api.example.com`, `https://*.example.com` or `http://127.0.0.1:5557`; an
    /// address inside a private network and plain http have to be written out like that
    #[arg(long, value_name = "PATTERN")]
    allow_host: Vec<HostPattern>,
    /// The same, and let it send secrets of connectors there, also where its auth method does not name the host
    #[arg(long, value_name = "PATTERN")]
    allow_secret_host: Vec<HostPattern>,
}

impl Allowed {
    /// The grants that it stands for.
    pub(super) fn grants(self) -> Vec<Grant> {
        let hosts = self.allow_host.into_iter().map(Grant::written);
        // Of a pattern that is named twice, the grant with secrets holds.
        hosts.chain(self.allow_secret_host.into_iter().map(Grant::with_secrets)).collect()
    }
}

#[derive(Serialize)]
struct List {
    flavors: Vec<FlavorRecord>,
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    match command {
        Command::Register { file, replace, yes, allowed } => {
            let wish = register::Wish { replace, yes, written: allowed.grants() };
            register::run(context, &catalog, &store, &file, wish).await?;
        }
        Command::List => {
            let flavors = catalog.list().await?;
            if context.is_json() {
                output::print_json(&List { flavors });
            } else {
                let rows =
                    flavors.into_iter().map(|flavor| vec![flavor.name, flavor.version, flavor.origin, flavor.summary]);
                output::print_table(&["NAME", "VERSION", "ORIGIN", "SUMMARY"], rows);
            }
        }
        Command::Describe { name } => describe::run(context, &catalog, &store, &name).await?,
        Command::Grant { name, registry, allowed, revoke } => {
            let (_, record) = catalog.get(&name).await?;
            let hosts = quoted(catalog.grant(&record, registry.as_ref(), &allowed.grants(), &revoke)?);
            let hosts = if hosts.is_empty() { "no host" } else { &hosts };
            let place = registry.map(|registry| format!(" for registry `{registry}`")).unwrap_or_default();
            output::say_line(&format!("flavor `{name}` is granted {hosts}{place}"));
        }
        Command::Remove { name } => {
            catalog.remove(&name)?;
            output::say_line(&format!("removed flavor `{name}`"));
        }
    }
    Ok(())
}
