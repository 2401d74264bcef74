//! Shows registries.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::{if_taken, output};
use super::admit;
use super::remarks::Remarks;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::flavor::limits;
use crate::grant::Grant;
use crate::implicit_sources::{Command, ImplicitSource};
use crate::store::{Difference, Grantee, Name, Outcome, Put, RegistryRecord, Store, StoredField};
use crate::text::{printable, quoted};

/// Which registries are listed.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(in crate::cli) struct Filter {
    /// Only those of a flavor
    #[arg(short, long)]
    flavor: Option<String>,
    /// Only those with a connector
    #[arg(short, long)]
    connector: Option<Name>,
}

impl Filter {
    fn admits(&self, registry: &RegistryRecord) -> bool {
        let is_of_flavor = self.flavor.as_ref().is_none_or(|flavor| *flavor == registry.flavor);
        is_of_flavor && (self.connector.is_none() || self.connector == registry.connector)
    }
}

/// A registry.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Shown {
    /// The user's name for it.
    name: String,
    /// The name of its flavor.
    flavor: String,
    /// Its canonical URI, without a scheme.
    uri: String,
    /// The values that the user gave to the flavor's options.
    options: BTreeMap<String, String>,
    /// Hosts that the flavor may reach for this registry alone.
    grants: Vec<Grant>,
    /// The name of its connector.
    connector: Option<String>,
    /// The programs that its connector has run, as commands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commands: Vec<String>,
    /// Whether plain HTTP is allowed if it does not speak https.
    insecure: bool,
    /// Whether it is the current registry, which is taken where no registry is named.
    current: bool,
}

/// A registry that its flavor has just accepted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Admitted {
    #[serde(flatten)]
    shown: Shown,
    /// What became of the registry that was given.
    outcome: Outcome,
    /// In what it differs from the stored one that was kept or replaced.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
    #[serde(flatten)]
    remarks: Remarks,
}

/// The end of a default registry.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct NoneInUse {
    /// Always absent: no registry is in use.
    current: Option<String>,
    /// The name of the registry that was in use, if one was.
    was: Option<String>,
}

/// All registries.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct List {
    /// In the order of their names.
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
            commands: Vec::new(),
            insecure: registry.insecure,
        })
    }
}

/// Shows a registry that its flavor has accepted, as a message, or as JSON with what there is to say about it. Without
/// `done`, the message is what became of the registry.
pub(super) fn admitted(
    context: &Context,
    store: &Store,
    admitted: admit::Admitted,
    done: Option<&str>,
) -> Result<(), Failure> {
    let admit::Admitted { registry, put, remarks } = admitted;
    if context.is_json() {
        let shown = Shown::new(store, registry, store.current_registry()?.as_ref())?;
        let Put { outcome, differences } = put;
        output::print_json(&Admitted { shown, outcome, differences, remarks });
    } else {
        let record = || if_taken::done(&put, &format!("registry `{}` ({})", registry.name, registry.uri));
        output::say_line(&done.map_or_else(record, ToOwned::to_owned));
        if_taken::hint(&put);
    }
    Ok(())
}

/// Shows that no registry is in use any more.
pub(super) fn none_in_use(context: &Context, was: Option<&Name>) {
    if context.is_json() {
        output::print_json(&NoneInUse { current: None, was: was.map(ToString::to_string) });
    } else {
        output::say_line("no registry is in use now");
    }
}

/// Shows the change of a registry as a message, or as JSON the changed registry.
pub(super) fn changed(context: &Context, store: &Store, name: &Name, done: &str) -> Result<(), Failure> {
    if context.is_json() {
        output::print_json(&Shown::new(store, store.registry(name)?, store.current_registry()?.as_ref())?);
    } else {
        output::say_line(done);
    }
    Ok(())
}

/// Runs `crhost registry list`.
pub(super) fn list(context: &Context, store: &Store, filter: &Filter) -> Result<(), Failure> {
    let current = store.current_registry()?;
    let registries = store.registries()?.into_iter().filter(|registry| filter.admits(registry));
    let registries: Vec<Shown> =
        registries.map(|registry| Shown::new(store, registry, current.as_ref())).collect::<Result<_, _>>()?;
    if context.is_json() {
        output::print_json(&List { registries });
    } else if registries.is_empty() && *filter != Filter::default() {
        output::say_line("no registry is such a one; `crhost registry list` shows all");
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
    Ok(())
}

/// Runs `crhost registry describe`.
pub(super) fn describe(context: &Context, store: &Store, name: Option<Name>) -> Result<(), Failure> {
    let current = store.current_registry()?;
    let name = name.or_else(|| current.clone()).ok_or_else(|| {
        let hint = "name one, or choose it with `crhost registry use NAME`; `crhost registry list` shows all";
        Failure::new(Kind::NotFound, "no registry is in use", hint)
    })?;
    let registry = store.registry(&name)?;
    let commands = commands(store, registry.connector.as_ref());
    let shown = Shown { commands, ..Shown::new(store, registry, current.as_ref())? };
    if context.is_json() {
        output::print_json(&shown);
        return Ok(());
    }
    let options: Vec<String> = shown.options.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let hosts = quoted(shown.grants.iter().map(|grant| &grant.pattern));
    // A server tells neither, and uses both.
    let unknown = context.environment.text(EnvVars::CRHOST_SERVER).map(|_| "the server has them");
    let none = |what: &str| unknown.unwrap_or(what).to_owned();
    let mut facts = vec![
        ("Name", shown.name),
        ("Flavor", shown.flavor),
        ("URI", shown.uri),
        ("Options", if options.is_empty() { none("none") } else { options.join(", ") }),
        ("Allowed hosts", if hosts.is_empty() { none("those of its flavor") } else { hosts }),
        ("Connector", shown.connector.unwrap_or_else(|| unknown.map_or("none", |_| "the server's").to_owned())),
    ];
    if !shown.commands.is_empty() {
        facts.push((
            "Runs",
            quoted(shown.commands.iter().map(|line| printable(line, limits::TEXT_CHARS)).collect::<Vec<_>>()),
        ));
    }
    facts.extend([
        ("Plain HTTP", if shown.insecure { "allowed" } else { "no" }.to_owned()),
        ("In use", if shown.current { "yes" } else { "no" }.to_owned()),
    ]);
    output::print_facts(&facts);
    Ok(())
}

/// The programs that a connector has run, as commands; none of one that can't be opened, of which its own commands
/// tell.
fn commands(store: &Store, connector: Option<&Name>) -> Vec<String> {
    let fields = connector.and_then(|connector| store.connector(connector).ok()).map(|connector| connector.fields);
    let fields = fields.unwrap_or_default();
    let commands = fields.iter().flat_map(StoredField::sources).filter_map(ImplicitSource::command);
    commands.map(Command::line).collect()
}
