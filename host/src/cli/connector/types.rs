//! `crhost connector list-types` and `describe-type`: the connectors that flavors describe.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::arguments::Filter;
use super::show::places;
use crate::catalog::Catalog;
use crate::connector;
use crate::flavor::{AuthMethod, Description, Field, FieldKind};
use crate::implicit_sources::ImplicitSource;
use crate::text::printable;

/// A type of connectors.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ListedType {
    /// The type.
    #[serde(rename = "type")]
    connector_type: String,
    /// The names of its auth methods.
    auth_methods: Vec<String>,
    /// The flavors that describe it.
    flavors: Vec<String>,
}

/// All types of connectors.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct List {
    /// In the order of their names.
    types: Vec<ListedType>,
}

/// A type of connectors, with its auth methods.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct ShownType<'a> {
    /// The type.
    #[serde(rename = "type")]
    connector_type: &'a str,
    /// Its auth methods; one that flavors describe differently occurs several times.
    auth_methods: Vec<Method<'a>>,
}

/// An auth method, with all flavors that agree on its description.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Method<'a> {
    /// Its name.
    name: &'a str,
    /// Its description, in one line.
    summary: &'a str,
    /// Whether omitted fields are read from their sources on this machine.
    implicit: bool,
    /// The flavors that describe it.
    flavors: Vec<&'a str>,
    /// Patterns of the hosts that its secrets may be sent to.
    hosts: Vec<String>,
    /// Its fields.
    fields: Vec<ShownField<'a>>,
    #[serde(skip)]
    described: &'a AuthMethod,
}

/// A field of an auth method.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ShownField<'a> {
    /// Its name.
    name: &'a str,
    /// Its description, in one line.
    summary: &'a str,
    /// Its kind.
    kind: FieldKind,
    /// Whether the user must give it.
    required: bool,
    /// Where its value may be found on this machine.
    sources: &'a [ImplicitSource],
    /// Members of a secret JSON object that flavors may read.
    public_members: &'a [String],
}

impl<'a> ShownField<'a> {
    fn new(field: &'a Field) -> Self {
        let Field { name, summary, kind, required, sources, public_members } = field;
        Self { name: name.as_str(), summary, kind: *kind, required: *required, sources, public_members }
    }

    /// The row of the table.
    fn row(&self) -> Vec<String> {
        let kind = match self.kind {
            FieldKind::Text => "text",
            FieldKind::Secret => "secret",
            FieldKind::SecretJson => "secret JSON",
            FieldKind::SecretIni => "secret INI",
        };
        let required = if self.required { "yes" } else { "no" };
        let read = match self.kind {
            FieldKind::Text => "all".to_owned(),
            FieldKind::Secret => "nothing".to_owned(),
            FieldKind::SecretJson | FieldKind::SecretIni if self.public_members.is_empty() => "nothing".to_owned(),
            FieldKind::SecretJson | FieldKind::SecretIni => {
                self.public_members.iter().map(|name| printable(name, 80)).collect::<Vec<_>>().join(", ")
            }
        };
        let (name, summary) = (self.name.to_owned(), self.summary.to_owned());
        vec![name, kind.to_owned(), required.to_owned(), summary, read, places(self.sources)]
    }
}

/// Runs `crhost connector list-types`.
pub(super) async fn list(context: &Context, filter: &Filter) -> Result<(), Failure> {
    let descriptions = descriptions(context).await?;
    let mut types: BTreeMap<&str, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for description in &descriptions {
        let admitted = |method: &&AuthMethod| filter.admits(method.connector_type.as_str(), method.name.as_str());
        for method in description.auth_methods.iter().filter(admitted) {
            let (methods, flavors) = types.entry(method.connector_type.as_str()).or_default();
            add(methods, method.name.as_str());
            add(flavors, description.name.as_str());
        }
    }
    let types = types.into_iter().map(|(name, (auth_methods, flavors))| {
        let connector_type = name.to_owned();
        ListedType { connector_type, auth_methods, flavors }
    });
    let types: Vec<ListedType> = types.collect();
    if context.is_json() {
        output::print_json(&List { types });
    } else if types.is_empty() {
        output::say_line("no flavor uses such connectors; `crhost flavor register FILE` adds a flavor");
    } else {
        let row =
            |shown: ListedType| vec![shown.connector_type, shown.auth_methods.join(", "), shown.flavors.join(", ")];
        output::print_table(&["TYPE", "AUTH METHODS", "FLAVORS"], types.into_iter().map(row));
    }
    Ok(())
}

fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

async fn descriptions(context: &Context) -> Result<Vec<Description>, Failure> {
    let (store, runtime) = (context.store()?, context.runtime()?);
    Ok(Catalog::new(&runtime, &store).descriptions().await?)
}

/// Runs `crhost connector describe-type`.
pub(super) async fn describe(context: &Context, connector_type: &str, method: Option<&str>) -> Result<(), Failure> {
    let descriptions = descriptions(context).await?;
    let mut methods: Vec<Method<'_>> = Vec::new();
    for (flavor, method) in connector::of_type(&descriptions, connector_type, method)? {
        let flavor = flavor.name.as_str();
        let registry = method.registry_password.as_ref().map(|_| "https://{registry}".to_owned());
        let hosts = || {
            let hosts = method.operations.iter().flat_map(|operation| &operation.hosts).map(ToString::to_string);
            hosts.chain(registry.clone()).collect::<BTreeSet<_>>().into_iter()
        };
        match methods
            .iter_mut()
            .find(|known| known.name == method.name.as_str() && connector::agree(known.described, method))
        {
            Some(known) => {
                known.flavors.push(flavor);
                hosts().for_each(|host| add(&mut known.hosts, &host));
            }
            None => methods.push(Method {
                name: method.name.as_str(),
                summary: &method.summary,
                implicit: method.implicit,
                flavors: vec![flavor],
                hosts: hosts().collect(),
                fields: method.fields.iter().map(ShownField::new).collect(),
                described: method,
            }),
        }
    }
    if context.is_json() {
        output::print_json(&ShownType { connector_type, auth_methods: methods });
        return Ok(());
    }
    for (number, method) in methods.iter().enumerate() {
        if number > 0 {
            output::print("");
        }
        print_method(method);
    }
    Ok(())
}

fn print_method(method: &Method<'_>) {
    let mut facts = vec![
        ("Auth method", method.described.to_string()),
        ("Summary", method.summary.to_owned()),
        ("Flavors", method.flavors.join(", ")),
        ("Secrets go to", if method.hosts.is_empty() { "no host".to_owned() } else { method.hosts.join(", ") }),
    ];
    if method.implicit {
        let words = "fields that you leave out are read on this machine; `--allow-implicit` allows it";
        facts.push(("Implicit", words.to_owned()));
    }
    output::print_facts(&facts);
    if !method.fields.is_empty() {
        output::print("");
        let head = if method.implicit { "READ FROM" } else { "OFTEN FOUND IN" };
        let rows = method.fields.iter().map(ShownField::row);
        output::print_table(&["FIELD", "KIND", "REQUIRED", "SUMMARY", "FLAVOR READS", head], rows);
    }
}
