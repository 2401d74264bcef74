//! Shows stored connectors, without their secrets.

use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::{if_taken, output};
use super::arguments::Filter;
use crate::connector::{Proof, ProofUnavailable, Registered};
use crate::flavor::limits;
use crate::implicit_sources::ImplicitSource;
use crate::store::{ConnectorRecord, ConnectorSummary, Difference, Outcome, Put, StoredField, StoredKind, StoredValue};
use crate::text::printable;

/// A connector, without its fields.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Listed {
    /// The user's name for it.
    name: String,
    /// Its type.
    #[serde(rename = "type")]
    connector_type: String,
    /// Its auth method.
    auth_method: String,
}

/// All connectors.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct List {
    /// In the order of their names.
    connectors: Vec<Listed>,
}

/// A connector.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Shown {
    #[serde(flatten)]
    listed: Listed,
    /// Its fields, without secret values.
    fields: Vec<ShownField>,
}

/// A connector that was just registered or changed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Changed {
    #[serde(flatten)]
    shown: Shown,
    /// What became of the connector that was given.
    outcome: Outcome,
    /// In what it differs from the stored one that was kept or replaced; of secrets, without their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
    /// Whether its credentials were proved.
    verified: bool,
    /// The identity that the service knows the credentials by, if they were proved.
    identity: Option<String>,
}

/// A field; with its value only if that is not secret.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ShownField {
    /// Its name.
    name: String,
    /// Its kind.
    kind: StoredKind,
    /// Members of a secret JSON object that flavors may read.
    public_members: Vec<String>,
    /// Whether its value is stored; otherwise it is read from its sources.
    set: bool,
    /// The sources of an implicit field, in the order in which they are tried.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<ImplicitSource>,
    /// Its value; only of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl Listed {
    fn new(connector: ConnectorSummary) -> Self {
        let ConnectorSummary { name, connector_type, method } = connector;
        Self { name: name.to_string(), connector_type, auth_method: method }
    }
}

impl Shown {
    fn new(connector: ConnectorRecord) -> Self {
        let ConnectorRecord { name, connector_type, method, fields, uses: _ } = connector;
        let listed = Listed { name: name.to_string(), connector_type, auth_method: method };
        Self { listed, fields: fields.into_iter().map(ShownField::new).collect() }
    }
}

impl ShownField {
    fn new(field: StoredField) -> Self {
        let StoredField { name, kind, public_members, value } = field;
        let (value, sources) = match value {
            StoredValue::Given(text) if kind == StoredKind::Text => (Some(text.expose_secret().to_owned()), Vec::new()),
            StoredValue::Given(_) => (None, Vec::new()),
            StoredValue::Implicit(sources) => (None, sources),
        };
        Self { name, kind, public_members, set: sources.is_empty(), sources, value }
    }
}

/// Runs `crhost connector list`.
pub(super) fn list(context: &Context, filter: &Filter) -> Result<(), Failure> {
    let connectors = context.store()?.connectors()?;
    let has_any = !connectors.is_empty();
    let admitted = connectors.into_iter().filter(|one| filter.admits(&one.connector_type, &one.method));
    let connectors: Vec<Listed> = admitted.map(Listed::new).collect();
    if context.is_json() {
        output::print_json(&List { connectors });
    } else if connectors.is_empty() && has_any {
        output::say_line("no connector is such a one; `crhost connector list` shows all");
    } else if connectors.is_empty() {
        output::say_line("no connectors; `crhost connector register` adds one");
    } else {
        let rows = connectors.into_iter().map(|listed| vec![listed.name, listed.connector_type, listed.auth_method]);
        output::print_table(&["NAME", "TYPE", "AUTH METHOD"], rows);
    }
    Ok(())
}

/// Runs `crhost connector describe`.
pub(super) fn describe(context: &Context, connector: ConnectorRecord) -> Result<(), Failure> {
    let shown = Shown::new(connector);
    if context.is_json() {
        output::print_json(&shown);
        return Ok(());
    }
    let Shown { listed, fields } = shown;
    output::print_facts(&[("Name", listed.name), ("Type", listed.connector_type), ("Auth method", listed.auth_method)]);
    if !fields.is_empty() {
        output::print("");
        let rows = fields.into_iter().map(|field| {
            let value = match field.value {
                Some(text) => printable(&text, limits::TEXT_CHARS),
                None if field.set => "set".to_owned(),
                None => format!("read from {}", places(&field.sources)),
            };
            vec![field.name, field.kind.as_str().to_owned(), value]
        });
        output::print_table(&["FIELD", "KIND", "VALUE"], rows);
    }
    Ok(())
}

/// Shows a connector that was registered or changed, and whether its credentials were proved.
pub(super) fn registered(context: &Context, registered: Registered) {
    let Registered { connector, put, proof } = registered;
    if let Some(warning) = if_taken::warning(&put, &format!("connector `{}`", connector.name)) {
        output::say("warning", &warning);
    }
    if context.is_json() {
        let identity = proof.and_then(Result::ok).map(|proof| proof.identity);
        let verified = identity.is_some();
        let Put { outcome, differences } = put;
        output::print_json(&Changed { shown: Shown::new(connector), outcome, differences, verified, identity });
        return;
    }
    let ConnectorRecord { name, connector_type, method, .. } = connector;
    output::say_line(&if_taken::done(&put, &format!("connector `{name}` ({connector_type}/{method})")));
    if_taken::hint(&put);
    match proof {
        Some(Ok(Proof { flavor, identity })) => {
            output::say_line(&format!("flavor `{flavor}`: it is accepted as `{identity}`"));
        }
        Some(Err(ProofUnavailable { .. })) => {
            output::say_line("not verified yet: a registry that uses it will verify it");
        }
        None => {}
    }
}

/// Implicit sources, for people.
pub(super) fn places(sources: &[ImplicitSource]) -> String {
    sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
