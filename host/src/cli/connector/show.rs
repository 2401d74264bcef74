//! What is shown of stored connectors: never a secret.

use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::connector::{Kept, Proof, Untold};
use crate::flavor::limits;
use crate::implicit_sources::ImplicitSource;
use crate::store::{ConnectorRecord, ConnectorSummary, StoredField, StoredKind, StoredValue};
use crate::text::printable;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    #[serde(rename = "type")]
    connector_type: String,
    auth_method: String,
}

#[derive(Serialize)]
struct List {
    connectors: Vec<Listed>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    listed: Listed,
    fields: Vec<ShownField>,
}

/// A connector that was just stored.
#[derive(Serialize)]
struct Stored {
    #[serde(flatten)]
    shown: Shown,
    verified: bool,
    identity: Option<String>,
}

/// A field; its value only if that is no secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownField {
    name: String,
    kind: StoredKind,
    public_members: Vec<String>,
    set: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<ImplicitSource>,
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
        let ConnectorRecord { name, connector_type, method, fields } = connector;
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
            StoredValue::Sought(sources) => (None, sources),
        };
        Self { name, kind, public_members, set: sources.is_empty(), sources, value }
    }
}

pub(super) fn list(context: &Context) -> Result<(), Failure> {
    let connectors: Vec<Listed> = Context::store()?.connectors()?.into_iter().map(Listed::new).collect();
    if context.is_json() {
        output::print_json(&List { connectors });
    } else if connectors.is_empty() {
        output::say_line("no connectors; `crhost connector register` adds one");
    } else {
        let rows = connectors.into_iter().map(|listed| vec![listed.name, listed.connector_type, listed.auth_method]);
        output::print_table(&["NAME", "TYPE", "AUTH METHOD"], rows);
    }
    Ok(())
}

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

/// A connector that was registered or changed, and whether its credentials were proved.
pub(super) fn stored(context: &Context, done: &str, kept: Kept) {
    let Kept { connector, proof } = kept;
    if context.is_json() {
        let identity = proof.and_then(Result::ok).map(|proof| proof.identity);
        let verified = identity.is_some();
        output::print_json(&Stored { shown: Shown::new(connector), verified, identity });
        return;
    }
    let ConnectorRecord { name, connector_type, method, .. } = connector;
    output::say_line(&format!("{done} connector `{name}` ({connector_type}/{method})"));
    match proof {
        Some(Ok(Proof { flavor, identity })) => {
            output::say_line(&format!("flavor `{flavor}`: it is accepted as `{identity}`"));
        }
        Some(Err(Untold { reason, .. })) => {
            output::say_line(&format!("it can't be proved alone: {reason}; it is when a registry uses it"));
        }
        None => {}
    }
}

/// Places on this machine as people read them.
pub(super) fn places(sources: &[ImplicitSource]) -> String {
    sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
