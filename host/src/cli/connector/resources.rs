//! `crhost connector list-resources`: the registries that connectors reach.

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::arguments::ProveArgs;
use crate::catalog::Catalog;
use crate::connector::{self, ConnectorError, ProveOptions};
use crate::error::Explain as _;
use crate::image::RegistryUri;
use crate::store::{Name, Store};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The connector's name; without it, all of them
    name: Option<Name>,
    /// Only connectors of a type
    #[arg(short, long, visible_alias = "type", value_name = "TYPE")]
    connector_type: Option<String>,
    /// Only the registry of this host or URI
    #[arg(long, value_name = "URI")]
    resource_id: Option<String>,
    /// Don't tell of connectors that fail
    #[arg(short, long)]
    exclude_errors: bool,
    #[command(flatten)]
    prove: ProveArgs,
}

/// A registry that a connector reaches.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reached {
    /// The connector's name.
    connector: String,
    /// The registry's URI.
    uri: String,
}

/// The registries that connectors reach.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Resources {
    /// In the order of the connectors' names.
    resources: Vec<Reached>,
}

/// Runs the command. Of several connectors, those that fail do not hide the others.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, connector_type, resource_id, exclude_errors, prove } = arguments;
    let (store, runtime, options) = (context.store()?, context.runtime()?, prove.into_options());
    let catalog = Catalog::new(&runtime, &store);
    let is_one = name.is_some();
    let is_of_type = |of: &str| connector_type.as_deref().is_none_or(|wanted| wanted == of);
    let names: Vec<Name> = match name {
        Some(name) => vec![name],
        None => {
            let all = store.connectors()?.into_iter();
            all.filter(|one| is_of_type(&one.connector_type)).map(|one| one.name).collect()
        }
    };
    let is_wanted = |uri: &RegistryUri| resource_id.as_deref().is_none_or(|id| uri.is_named(id));
    let (mut resources, mut failures, mut unlisted) = (Vec::new(), Vec::new(), 0);
    for name in &names {
        match reached(context, &store, &catalog, name, &options).await {
            Ok(uris) => resources.extend(uris.into_iter().filter(is_wanted).map(|uri| (name.to_string(), uri))),
            Err(error) if is_one => return Err(error.into()),
            // Of several connectors, one without a list is no failure.
            Err(error @ ConnectorError::NoList { .. }) => {
                unlisted += 1;
                output::say("note", &error.to_string());
            }
            Err(_) if exclude_errors => unlisted += 1,
            Err(error) => {
                output::say("warning", &format!("connector `{name}`: {error}"));
                failures.push(error);
            }
        }
    }
    let reached = |(connector, uri): (String, RegistryUri)| Reached { connector, uri: uri.to_string() };
    let resources: Vec<Reached> = resources.into_iter().map(reached).collect();
    if context.is_json() {
        output::print_json(&Resources { resources });
    } else if !resources.is_empty() {
        output::print_table(&["CONNECTOR", "URI"], resources.into_iter().map(|one| vec![one.connector, one.uri]));
    } else if names.is_empty() {
        output::say_line(&match connector_type {
            Some(of) => format!("no connectors of type `{of}`; `crhost connector register` adds one"),
            None => "no connectors; `crhost connector register` adds one".to_owned(),
        });
    } else if failures.is_empty() && unlisted < names.len() {
        output::say_line(match resource_id {
            Some(_) => "these connectors do not reach that registry, as far as it can be listed",
            None => "these connectors reach no registries",
        });
    }
    if unlisted > 0 && !exclude_errors && !output::is_json() {
        let hint = "once a registry uses it (`crhost registry connect`), that registry is listed for it";
        output::say("hint", hint);
    }
    match failures.first() {
        None => Ok(()),
        Some(first) => {
            let message = format!("{} of {} connectors could not be asked", failures.len(), names.len());
            Err(Failure::new(first.kind(), message, "`crhost connector list-resources NAME` says what to do about one"))
        }
    }
}

/// The registries that a connector reaches: those that its flavor lists, or where no flavor can, the registered ones
/// that use it.
async fn reached(
    context: &Context,
    store: &Store,
    catalog: &Catalog<'_>,
    name: &Name,
    options: &ProveOptions,
) -> Result<Vec<RegistryUri>, ConnectorError> {
    let stored = store.connector(name)?;
    let method = format!("{}/{}", stored.connector_type, stored.method);
    match connector::resources(catalog, &context.environment, &stored, options).await? {
        Ok(uris) => Ok(uris),
        Err(why) => {
            let users = store.registries_of_connector(name)?;
            let of_users: Vec<RegistryUri> =
                users.iter().map(|user| Ok(store.registry(user)?.uri)).collect::<Result<_, ConnectorError>>()?;
            let connector = name.clone();
            if of_users.is_empty() {
                return Err(ConnectorError::NoList { connector, method: method.into(), why });
            }
            Ok(of_users)
        }
    }
}
