//! `crhost connector verify` and `list-resources`: what flavors find out with a connector alone.

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::catalog::Catalog;
use crate::connector::{self, ConnectorError, Proof, Question, Untold};
use crate::error::{Explain as _, Kind};
use crate::store::{ConnectorRecord, Name, Store};

#[derive(Serialize)]
struct Verified<'a> {
    name: &'a str,
    verified: bool,
    flavor: String,
    identity: &'a str,
    registries: Vec<String>,
}

#[derive(Serialize)]
struct Reached {
    connector: String,
    uri: String,
}

#[derive(Serialize)]
struct Resources {
    resources: Vec<Reached>,
}

pub(super) async fn run(context: &Context, name: &Name, question: &Question) -> Result<(), Failure> {
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    let stored = store.connector(name)?;
    let users = store.registries_of_connector(name)?;
    let proof = connector::prove(&Catalog::new(&runtime, &store), &stored, question).await?;
    let Proof { flavor, identity } = proof.map_err(|Untold { reason, hint }| {
        let ConnectorRecord { connector_type, method, .. } = &stored;
        let message = format!("connector `{name}` ({connector_type}/{method}) can't be proved alone: {reason}");
        let registry = users.first().map_or("NAME", Name::as_str);
        let own =
            format!("`crhost registry verify {registry}` proves it with a registry; `--flavor` names who is to ask");
        Failure::new(Kind::Usage, message, hint.unwrap_or(own))
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

/// What one connector reaches, or every one. Of several, those that fail do not hide what the others reach.
pub(super) async fn resources(context: &Context, name: Option<Name>, question: &Question) -> Result<(), Failure> {
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    let (names, is_one) = match name {
        Some(name) => (vec![name], true),
        None => (store.connectors()?.into_iter().map(|connector| connector.name).collect(), false),
    };
    let (mut resources, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        match reached(&store, &catalog, name, question).await {
            Ok(uris) => resources.extend(uris),
            Err(error) if is_one => return Err(error.into()),
            // Of several, the others are what was asked for.
            Err(error @ ConnectorError::NoList { .. }) => output::say("note", &error.to_string()),
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
    } else if failures.is_empty() {
        output::say_line("no registries can be reached");
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
    store: &Store,
    catalog: &Catalog<'_>,
    name: &Name,
    question: &Question,
) -> Result<Vec<Reached>, ConnectorError> {
    let stored = store.connector(name)?;
    let uris = connector::resources(catalog, &stored, question).await?;
    let method = format!("{}/{}", stored.connector_type, stored.method);
    let uris = uris.map_err(|why| ConnectorError::NoList { connector: name.clone(), method, why })?;
    Ok(uris.into_iter().map(|uri| Reached { connector: name.to_string(), uri: uri.to_string() }).collect())
}
