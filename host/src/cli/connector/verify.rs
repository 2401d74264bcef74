//! `crhost connector verify` and `list-resources`: questions to flavors that need no registry.

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::catalog::Catalog;
use crate::connector::{self, ConnectorError, Proof, ProofUnavailable, ProveOptions};
use crate::error::{Explain as _, Kind};
use crate::store::{ConnectorRecord, Name, Store};

/// A connector whose credentials were accepted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Verified<'a> {
    /// The connector's name.
    name: &'a str,
    /// Always true: otherwise the command fails.
    verified: bool,
    /// The flavor that asked the service.
    flavor: String,
    /// The identity that the service knows the credentials by.
    identity: &'a str,
    /// The registries that use the connector.
    registries: Vec<String>,
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

/// Runs `crhost connector verify`.
pub(super) async fn run(context: &Context, name: &Name, options: &ProveOptions) -> Result<(), Failure> {
    let (store, runtime) = (context.store()?, context.runtime()?);
    let stored = store.connector(name)?;
    let users = store.registries_of_connector(name)?;
    let catalog = Catalog::new(&runtime, &store);
    let proof = connector::prove(&catalog, &context.environment, &stored, options).await?;
    let Proof { flavor, identity } = proof.map_err(|ProofUnavailable { reason, hint }| {
        let ConnectorRecord { connector_type, method, .. } = &stored;
        let message =
            format!("connector `{name}` ({connector_type}/{method}) can't be verified without a registry: {reason}");
        let registry = users.first().map_or("NAME", Name::as_str);
        let own =
            format!("`crhost registry verify {registry}` verifies it with a registry; `--flavor` names who is to ask");
        Failure::new(Kind::Usage, message, hint.unwrap_or(own.into()))
    })?;
    if context.is_json() {
        let registries = users.iter().map(ToString::to_string).collect();
        let flavor = flavor.to_string();
        output::print_json(&Verified { name: name.as_str(), verified: true, flavor, identity: &identity, registries });
        return Ok(());
    }
    output::print_facts(&[
        ("Name", name.to_string()),
        ("Accepted as", identity),
        ("Asked by", format!("flavor `{flavor}`")),
    ]);
    for registry in users {
        output::say("hint", &format!("`crhost registry verify {registry}` shows whether it opens that registry too"));
    }
    Ok(())
}

/// Lists the registries that one connector reaches, or all connectors. Of all, those that fail do not hide the others.
pub(super) async fn resources(context: &Context, name: Option<Name>, options: &ProveOptions) -> Result<(), Failure> {
    let (store, runtime) = (context.store()?, context.runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    let (names, is_one) = match name {
        Some(name) => (vec![name], true),
        None => (store.connectors()?.into_iter().map(|connector| connector.name).collect(), false),
    };
    let (mut resources, mut failures, mut unlisted) = (Vec::new(), Vec::new(), 0);
    for name in &names {
        match reached(context, &store, &catalog, name, options).await {
            Ok(uris) => resources.extend(uris),
            Err(error) if is_one => return Err(error.into()),
            // Of several connectors, one without a list is no failure.
            Err(error @ ConnectorError::NoList { .. }) => {
                unlisted += 1;
                output::say("note", &error.to_string());
            }
            Err(error) => {
                output::say("warning", &format!("connector `{name}`: {error}"));
                failures.push(error);
            }
        }
    }
    if context.is_json() {
        output::print_json(&Resources { resources });
    } else if !resources.is_empty() {
        output::print_table(&["CONNECTOR", "URI"], resources.into_iter().map(|one| vec![one.connector, one.uri]));
    } else if names.is_empty() {
        output::say_line("no connectors; `crhost connector register` adds one");
    } else if failures.is_empty() && unlisted < names.len() {
        output::say_line("these connectors reach no registries");
    }
    match failures.first() {
        None => Ok(()),
        Some(first) => {
            let message = format!("{} of {} connectors could not be asked", failures.len(), names.len());
            Err(Failure::new(first.kind(), message, "`crhost connector list-resources NAME` says what to do about one"))
        }
    }
}

async fn reached(
    context: &Context,
    store: &Store,
    catalog: &Catalog<'_>,
    name: &Name,
    options: &ProveOptions,
) -> Result<Vec<Reached>, ConnectorError> {
    let stored = store.connector(name)?;
    let uris = connector::resources(catalog, &context.environment, &stored, options).await?;
    let method = format!("{}/{}", stored.connector_type, stored.method);
    let uris = uris.map_err(|why| ConnectorError::NoList { connector: name.clone(), method: method.into(), why })?;
    Ok(uris.into_iter().map(|uri| Reached { connector: name.to_string(), uri: uri.to_string() }).collect())
}
