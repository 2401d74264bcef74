//! `crhost connector verify`: a question to a flavor that needs no registry.

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::catalog::Catalog;
use crate::connector::{self, Proof, ProofUnavailable, ProveOptions};
use crate::error::Kind;
use crate::store::{ConnectorRecord, Name};

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
