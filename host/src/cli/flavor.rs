//! `crhost flavor`.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::flavor::{Catalog, Description};
use crate::store::{Added, FlavorRecord};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register a flavor from its component
    Register {
        /// The component, a `.wasm` file
        file: PathBuf,
        /// Take the place of a registered flavor of the same name
        #[arg(long)]
        replace: bool,
    },
    /// List all flavors
    List,
    /// Show what a flavor is and what it needs
    Describe {
        /// The flavor's name
        name: String,
    },
    /// Forget a registered flavor
    #[command(visible_alias = "delete")]
    Remove {
        /// The flavor's name
        name: String,
    },
}

#[derive(Serialize)]
struct List {
    flavors: Vec<FlavorRecord>,
}

#[derive(Serialize)]
struct Described<'a> {
    #[serde(flatten)]
    record: &'a FlavorRecord,
    description: &'a Description,
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    match command {
        Command::Register { file, replace } => {
            let (flavor, record, added) = catalog.register(&file, replace).await?;
            show_registered(context, &record, added, flavor.description());
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
        Command::Describe { name } => {
            let (flavor, record) = catalog.get(&name).await?;
            let description = flavor.description();
            if context.is_json() {
                output::print_json(&Described { record: &record, description });
            } else {
                describe(&record, description);
            }
        }
        Command::Remove { name } => {
            catalog.remove(&name)?;
            output::say_line(&format!("removed flavor `{name}`"));
        }
    }
    Ok(())
}

fn show_registered(context: &Context, record: &FlavorRecord, added: Added, description: &Description) {
    if context.is_json() {
        output::print_json(&Described { record, description });
    } else {
        let done = match added {
            Added::New => "registered",
            Added::Unchanged => "already registered:",
            Added::Replaced => "replaced",
        };
        let FlavorRecord { name, version, digest, .. } = record;
        output::say_line(&format!("{done} flavor `{name}` {version} ({digest})"));
    }
    let hosts: Vec<&str> = hosts(description).collect();
    if !hosts.is_empty() {
        let message =
            format!("it asks to reach {}; nothing is granted, so its requests will be denied", hosts.join(", "));
        output::say("warning", &message);
    }
}

/// All hosts that a flavor asks for.
fn hosts(description: &Description) -> impl Iterator<Item = &str> {
    let of_methods = description.auth_methods.iter().flat_map(|method| &method.hosts);
    description.hosts.iter().chain(of_methods).map(String::as_str)
}

fn describe(record: &FlavorRecord, description: &Description) {
    let mut facts =
        vec![("Name", record.name.clone()), ("Version", record.version.clone()), ("Summary", record.summary.clone())];
    facts.extend(description.documentation.clone().map(|url| ("Documentation", url)));
    facts.extend([
        ("Origin", record.origin.clone()),
        ("Digest", record.digest.to_string()),
        ("Size", format!("{} bytes", record.size)),
        ("Contract", format!("crhost:flavor {}", record.contract)),
        ("URI examples", description.uri_examples.join(", ")),
    ]);
    let methods = description.auth_methods.iter().map(|method| format!("{}/{}", method.connector_type, method.name));
    let methods: Vec<String> = methods.collect();
    facts.push(("Auth methods", if methods.is_empty() { "none".to_owned() } else { methods.join(", ") }));
    let hosts: Vec<&str> = hosts(description).collect();
    facts.push(("Asks to reach", if hosts.is_empty() { "nothing".to_owned() } else { hosts.join(", ") }));
    output::print_facts(&facts);
    if !description.options.is_empty() {
        output::print("");
        let rows = description.options.iter().map(|option| {
            let default = option.default.clone().unwrap_or_default();
            let default = if option.required && option.default.is_none() { "(required)".to_owned() } else { default };
            vec![option.name.to_string(), default, option.summary.clone()]
        });
        output::print_table(&["OPTION", "DEFAULT", "SUMMARY"], rows);
    }
}
