//! `crhost connector`.

mod error;
mod value;
mod words;

use std::collections::BTreeMap;

use clap::Subcommand;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::connector::{self, Registration};
use crate::flavor::{Catalog, limits};
use crate::machine::Source;
use crate::store::{ConnectorRecord, ConnectorSummary, Name, StoredField, StoredKind, StoredValue};
use crate::text::printable;
use value::Given;
use words::Words;

const USAGE: &str = "crhost connector register [OPTIONS] --type <TYPE> <NAME> [--<FIELD>=<VALUE>]...";

const FIELDS: &str = "\
Fields:
  Each field of the auth method is a flag, after NAME: `--access-key-id=…`
  --FIELD=@FILE      a file's content, without the line break at its end
  --FIELD=@env:NAME  the value of an environment variable
  --FIELD=-          standard input
  --FIELD=VALUE      the value itself; no way for a secret, as others can see it
  --FIELD=@@VALUE    a value that begins with `@`
  A field that is called like an option of crhost goes behind `--`";

/// Without `Debug`: its words may be secrets.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Store credentials, for flavors to use
    #[command(override_usage = USAGE, after_help = FIELDS)]
    Register {
        /// Your name for them
        name: Name,
        /// What they are for, as flavors call it
        #[arg(short = 't', long = "type", value_name = "TYPE")]
        connector_type: String,
        /// How they authenticate; may be left out where the type knows only one way
        #[arg(short, long, value_name = "METHOD")]
        auth_method: Option<String>,
        /// The flavor that says which fields there are, should flavors not agree
        #[arg(short, long)]
        flavor: Option<String>,
        /// Let an implicit method read this machine: the environment variables and files that it names
        #[arg(long)]
        allow_implicit: bool,
        #[command(flatten)]
        fields: Words,
    },
    /// List all connectors
    List,
    /// Show a connector; of its secrets only that they are there
    Describe {
        /// Its name
        name: Name,
    },
    /// Forget a connector; its secrets are gone then
    #[command(visible_alias = "delete")]
    Remove {
        /// Its name
        name: Name,
    },
}

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

/// A field; its value only if that is no secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownField {
    name: String,
    kind: StoredKind,
    public_members: Vec<String>,
    set: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source>,
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

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Register { name, connector_type, auth_method, flavor, allow_implicit, fields } => {
            // On a thread of its own: standard input or a pipe may take its time.
            let given = tokio::task::spawn_blocking(move || value::all(fields)).await;
            let given = given.map_err(|error| Failure::general(error.to_string()))??;
            let registration =
                |fields| Registration { name, connector_type, method: auth_method, flavor, fields, allow_implicit };
            register(context, given, registration).await?;
        }
        Command::List => list(context)?,
        Command::Describe { name } => {
            let shown = Shown::new(Context::store()?.connector(&name)?);
            if context.is_json() { output::print_json(&shown) } else { describe(shown) }
        }
        Command::Remove { name } => {
            Context::store()?.remove_connector(&name)?;
            output::say_line(&format!("removed connector `{name}`"));
        }
    }
    Ok(())
}

async fn register(
    context: &Context,
    given: BTreeMap<String, Given>,
    registration: impl FnOnce(BTreeMap<String, SecretString>) -> Registration,
) -> Result<(), Failure> {
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    let visible: Vec<String> = given.iter().filter(|(_, given)| given.visible).map(|(name, _)| name.clone()).collect();
    let registration = registration(given.into_iter().map(|(name, given)| (name, given.value)).collect());
    let connector = connector::register(&store, &Catalog::new(&runtime, &store), registration).await?;
    if connector.fields.iter().any(|field| field.kind != StoredKind::Text && visible.contains(&field.name)) {
        output::say("warning", "a secret on the command line can be seen by others, and stays in the shell's history");
        output::say("hint", "`--FIELD=@FILE`, `--FIELD=@env:VARIABLE` and `--FIELD=-` keep it to yourself");
    }
    if context.is_json() {
        output::print_json(&Shown::new(connector));
    } else {
        let ConnectorRecord { name, connector_type, method, .. } = connector;
        output::say_line(&format!("registered connector `{name}` ({connector_type}/{method})"));
    }
    Ok(())
}

fn list(context: &Context) -> Result<(), Failure> {
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

fn describe(shown: Shown) {
    let Shown { listed, fields } = shown;
    output::print_facts(&[("Name", listed.name), ("Type", listed.connector_type), ("Auth method", listed.auth_method)]);
    if !fields.is_empty() {
        output::print("");
        let rows = fields.into_iter().map(|field| {
            let sources = field.sources.iter().map(ToString::to_string).collect::<Vec<_>>();
            let value = match field.value {
                Some(text) => printable(&text, limits::TEXT_CHARS),
                None if field.set => "set".to_owned(),
                None => format!("read from {}", sources.join(", ")),
            };
            vec![field.name, field.kind.as_str().to_owned(), value]
        });
        output::print_table(&["FIELD", "KIND", "VALUE"], rows);
    }
}
