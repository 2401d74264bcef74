//! `crhost registry`.

use std::collections::BTreeMap;

use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::flavor::Allowed;
use super::output;
use crate::flavor::Catalog;
use crate::grant::Grant;
use crate::registry::{self, Registration};
use crate::store::{Grantee, Name, RegistryRecord, Store};
use crate::text::quoted;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register a registry
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
        #[arg(long = "option", value_name = "NAME=VALUE", value_parser = option)]
        options: Vec<(String, String)>,
        #[command(flatten)]
        allowed: Allowed,
        /// The connector whose credentials its flavor may use
        #[arg(short, long)]
        connector: Option<Name>,
    },
    /// List all registries
    List,
    /// Show a registry
    Describe {
        /// Its name
        name: Name,
    },
    /// Make a registry the one that is meant where none is named
    Use {
        /// Its name
        name: Name,
    },
    /// Forget a registry; nothing happens to its images
    #[command(visible_alias = "delete")]
    Remove {
        /// Its name
        name: Name,
    },
}

fn option(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

#[derive(Serialize)]
struct Shown {
    name: String,
    flavor: String,
    uri: String,
    options: BTreeMap<String, String>,
    grants: Vec<Grant>,
    connector: Option<String>,
    current: bool,
}

#[derive(Serialize)]
struct List {
    registries: Vec<Shown>,
}

impl Shown {
    fn new(store: &Store, registry: RegistryRecord, current: Option<&Name>) -> Result<Self, Failure> {
        let flavor = store.flavor(&registry.flavor)?;
        let grantee = Grantee { flavor: &registry.flavor, digest: flavor.as_ref().map(|flavor| &flavor.digest) };
        Ok(Self {
            grants: store.registry_grants(grantee, &registry.name)?,
            current: current == Some(&registry.name),
            name: registry.name.to_string(),
            flavor: registry.flavor,
            uri: registry.uri.to_string(),
            options: registry.options,
            connector: registry.connector.map(|name| name.to_string()),
        })
    }
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let store = Context::store()?;
    match command {
        Command::Register { name, flavor, uri, options, allowed, connector } => {
            let runtime = Context::runtime()?;
            let catalog = Catalog::new(&runtime, &store);
            let (options, grants) = (options.into_iter().collect(), allowed.grants());
            let registration = Registration { name, flavor, uri, options, grants, connector };
            let (registry, warnings) = registry::register(&store, &catalog, registration).await?;
            for warning in warnings {
                output::say("warning", &format!("flavor `{}`: {warning}", registry.flavor));
            }
            if context.is_json() {
                output::print_json(&Shown::new(&store, registry, store.current_registry()?.as_ref())?);
            } else {
                output::say_line(&format!("registered registry `{}` ({})", registry.name, registry.uri));
            }
        }
        Command::List => {
            let current = store.current_registry()?;
            let registries = store.registries()?.into_iter();
            let registries: Vec<Shown> =
                registries.map(|registry| Shown::new(&store, registry, current.as_ref())).collect::<Result<_, _>>()?;
            if context.is_json() {
                output::print_json(&List { registries });
            } else if registries.is_empty() {
                output::say_line("no registries; `crhost registry register` adds one");
            } else {
                let rows = registries.into_iter().map(|registry| {
                    let mark = if registry.current { "*" } else { "" };
                    let connector = registry.connector.unwrap_or_default();
                    vec![mark.to_owned(), registry.name, registry.flavor, registry.uri, connector]
                });
                output::print_table(&["", "NAME", "FLAVOR", "URI", "CONNECTOR"], rows);
            }
        }
        Command::Describe { name } => {
            let shown = Shown::new(&store, store.registry(&name)?, store.current_registry()?.as_ref())?;
            if context.is_json() { output::print_json(&shown) } else { describe(shown) }
        }
        Command::Use { name } => {
            store.use_registry(&name)?;
            output::say_line(&format!("`{name}` is the registry in use"));
        }
        Command::Remove { name } => {
            store.remove_registry(&name)?;
            output::say_line(&format!("removed registry `{name}`"));
        }
    }
    Ok(())
}

fn describe(shown: Shown) {
    let options: Vec<String> = shown.options.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let hosts = quoted(shown.grants.iter().map(|grant| &grant.pattern));
    output::print_facts(&[
        ("Name", shown.name),
        ("Flavor", shown.flavor),
        ("URI", shown.uri),
        ("Options", if options.is_empty() { "none".to_owned() } else { options.join(", ") }),
        ("Allowed hosts", if hosts.is_empty() { "those of its flavor".to_owned() } else { hosts }),
        ("Connector", shown.connector.unwrap_or_else(|| "none".to_owned())),
        ("In use", if shown.current { "yes" } else { "no" }.to_owned()),
    ]);
}
