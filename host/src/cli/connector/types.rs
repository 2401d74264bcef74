//! `crhost connector list-types` and `describe-type`: what flavors say of connectors.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::show::places;
use crate::catalog::Catalog;
use crate::connector;
use crate::flavor::{AuthMethod, Description, Field, FieldKind};
use crate::implicit_sources::ImplicitSource;
use crate::text::printable;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedType {
    #[serde(rename = "type")]
    connector_type: String,
    auth_methods: Vec<String>,
    flavors: Vec<String>,
}

#[derive(Serialize)]
struct List {
    types: Vec<ListedType>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownType<'a> {
    #[serde(rename = "type")]
    connector_type: &'a str,
    auth_methods: Vec<Method<'a>>,
}

/// An auth method, with all flavors that describe it alike.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Method<'a> {
    name: &'a str,
    summary: &'a str,
    implicit: bool,
    flavors: Vec<&'a str>,
    hosts: Vec<String>,
    fields: Vec<ShownField<'a>>,
    #[serde(skip)]
    described: &'a AuthMethod,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownField<'a> {
    name: &'a str,
    summary: &'a str,
    kind: FieldKind,
    required: bool,
    sources: &'a [ImplicitSource],
    public_members: &'a [String],
}

impl<'a> ShownField<'a> {
    fn new(field: &'a Field) -> Self {
        let Field { name, summary, kind, required, sources, public_members } = field;
        Self { name: name.as_str(), summary, kind: *kind, required: *required, sources, public_members }
    }

    /// What it is, in words.
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

pub(super) async fn list(context: &Context) -> Result<(), Failure> {
    let descriptions = descriptions().await?;
    let mut types: BTreeMap<&str, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for description in &descriptions {
        for method in &description.auth_methods {
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
        output::say_line("no flavor uses connectors; `crhost flavor register FILE` adds a flavor");
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

async fn descriptions() -> Result<Vec<Description>, Failure> {
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    Ok(Catalog::new(&runtime, &store).descriptions().await?)
}

pub(super) async fn describe(context: &Context, connector_type: &str, method: Option<&str>) -> Result<(), Failure> {
    let descriptions = descriptions().await?;
    let mut methods: Vec<Method<'_>> = Vec::new();
    for (flavor, method) in connector::of_type(&descriptions, connector_type, method)? {
        let flavor = flavor.name.as_str();
        let hosts = || method.hosts.iter().map(ToString::to_string);
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
