//! `crhost registry connect`, `disconnect` and `update`.

use clap::Args;
use dialoguer::Select;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::terminal;
use super::super::{assignment, boolean};
use super::admit::{Admitted, admit};
use super::arguments::ProveArgs;
use super::show;
use crate::catalog::Catalog;
use crate::error::Kind;
use crate::registry::{self, Change, TypedUri};
use crate::store::{ConnectorSummary, Name, RegistryRecord, Store};
use crate::text::printable;

#[derive(Debug, Args)]
pub(in crate::cli) struct Connect {
    /// The registry's name
    name: Name,
    #[command(flatten)]
    connector: ConnectorChoice,
    /// The registry as the connector has it: the host of this one, or its URI
    #[arg(short, long, hide = true)]
    resource_id: Option<String>,
    #[command(flatten)]
    prove: ProveArgs,
}

#[derive(Debug, Args)]
#[group(required = true)]
struct ConnectorChoice {
    /// The connector
    #[arg(short, long)]
    connector: Option<Name>,
    /// Choose among the connectors that fit
    #[arg(short, long)]
    interactive: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Update {
    /// Its name
    name: Name,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    prove: ProveArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Where it is now: `host[:port][/path]`
    #[arg(short, long)]
    uri: Option<String>,
    /// A value for one of the flavor's options, new or in the place of another
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    options: Vec<(String, String)>,
    /// An option that gets its default back
    #[arg(long, value_name = "NAME")]
    remove_option: Vec<String>,
    /// The connector whose credentials its flavor may use
    #[arg(short, long)]
    connector: Option<Name>,
    /// Allow plain HTTP to it if it does not speak https: every machine on the way reads password and image;
    /// `--insecure=false` forbids it again
    #[arg(long, num_args = 0..=1, require_equals = true, value_parser = boolean::parse, default_missing_value = "true")]
    insecure: Option<bool>,
}

/// Runs `crhost registry connect`.
pub(super) async fn connect(context: &Context, store: &Store, arguments: Connect) -> Result<(), Failure> {
    let Connect { name, connector, resource_id, prove } = arguments;
    if let Some(id) = resource_id {
        check_resource(&store.registry(&name)?, &id)?;
    }
    let runtime = context.runtime()?;
    let catalog = Catalog::new(&runtime, store);
    let connector = match connector.connector {
        Some(connector) => connector,
        None => choose(&name, registry::fitting_connectors(store, &catalog, &name).await?).await?,
    };
    let change = Change { connector: Some(connector.clone()), ..Change::default() };
    let admitted = apply(context, store, &catalog, &name, change, &prove).await?;
    let done = format!("connected registry `{name}` to connector `{connector}`");
    show::admitted(context, store, admitted, Some(&done))
}

/// Checks `--resource-id`: a connector opens the registered registry, so the option can't name another one.
fn check_resource(registry: &RegistryRecord, id: &str) -> Result<(), Failure> {
    let (name, uri) = (&registry.name, &registry.uri);
    if uri.is_named(id) {
        return Ok(());
    }
    let message = format!("registry `{name}` is `{uri}`, and not `{}`", printable(id, 80));
    Err(Failure::new(Kind::Usage, message, format!("`crhost registry update {name} --uri URI` says where it is")))
}

/// Runs no flavor: a registry can lose its connector even if its flavor is damaged.
pub(super) fn disconnect(context: &Context, store: &Store, name: &Name) -> Result<(), Failure> {
    let connected = store.registry(name)?;
    store.update_registry(&connected, &RegistryRecord { connector: None, ..connected.clone() })?;
    show::changed(context, store, name, &format!("registry `{name}` has no connector now"))
}

/// Runs `crhost registry update`.
pub(super) async fn update(context: &Context, store: &Store, arguments: Update) -> Result<(), Failure> {
    let Update { name, changes, prove } = arguments;
    let Changes { uri, options, remove_option, connector, insecure } = changes;
    let uri = uri.map(|uri| uri.parse::<TypedUri>()).transpose()?;
    let runtime = context.runtime()?;
    let change = Change { uri, options: options.into_iter().collect(), without: remove_option, connector, insecure };
    let admitted = apply(context, store, &Catalog::new(&runtime, store), &name, change, &prove).await?;
    show::admitted(context, store, admitted, None)
}

async fn apply(
    context: &Context,
    store: &Store,
    catalog: &Catalog<'_>,
    name: &Name,
    change: Change,
    prove: &ProveArgs,
) -> Result<Admitted, Failure> {
    let has_connector = change.connector.is_some() || store.registry(name)?.connector.is_some();
    let access = prove.access(context, has_connector)?;
    let candidate = registry::update(store, catalog, name, change).await?;
    admit(store, catalog, candidate, access).await
}

/// Asks the user to choose a connector.
async fn choose(registry: &Name, connectors: Vec<ConnectorSummary>) -> Result<Name, Failure> {
    if !terminal::is_interactive() {
        return Err(Failure::new(
            Kind::Usage,
            "there is no terminal to ask you at",
            "`--connector NAME` says which connector is meant; `crhost connector list` shows them all",
        ));
    }
    let label = |connector: &ConnectorSummary| {
        format!("{} ({}/{})", connector.name, connector.connector_type, connector.method)
    };
    let items: Vec<String> = connectors.iter().map(label).collect();
    let prompt = format!("Which connector is for registry `{registry}`");
    terminal::begin_questions();
    let answer =
        tokio::task::spawn_blocking(|| Select::new().with_prompt(prompt).items(items).default(0).interact_opt());
    let chosen = match answer.await {
        Ok(Ok(Some(index))) => connectors.into_iter().nth(index),
        _ => None,
    };
    let refused = || Failure::new(Kind::General, "no connector was chosen", "`--connector NAME` says which is meant");
    chosen.map(|connector| connector.name).ok_or_else(refused)
}
