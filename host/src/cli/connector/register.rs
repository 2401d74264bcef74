//! `crhost connector register`.

use std::collections::BTreeMap;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::arguments::StoreArgs;
use super::field_flags::FieldFlags;
use super::field_value::{self, FieldValue};
use super::prompt::{self, PartialRegistration};
use super::show;
use crate::catalog::Catalog;
use crate::connector::{self, GivenValue, Registration};
use crate::error::Kind;
use crate::store::{ConnectorRecord, IfTaken, StoredKind};

/// Runs the command.
pub(super) async fn run(
    context: &Context,
    mut partial: PartialRegistration,
    interactive: bool,
    if_taken: IfTaken,
    store_args: StoreArgs,
    fields: FieldFlags,
) -> Result<(), Failure> {
    partial.fields = field_values(context, fields).await?;
    let (store, runtime) = (context.store()?, context.runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    if interactive {
        partial = prompt::run(&catalog, &store, store_args.prove.flavor.as_deref(), partial, if_taken).await?;
    }
    let PartialRegistration { method, fields, allow_implicit, allow_commands, .. } = partial;
    let (Some(name), Some(connector_type)) = (partial.name, partial.connector_type) else {
        // Not reached: clap requires both without `--interactive`, and with it they were asked for.
        return Err(Failure::new(Kind::Usage, "a name or a type is missing", "give NAME and `--type TYPE`"));
    };
    let (visible, fields) = split_visible(fields);
    let flavor = store_args.prove.flavor.clone();
    let (prove, id_token_from) =
        ((!store_args.no_verify).then(|| store_args.prove.into_options()), store_args.id_token_from);
    let registration = Registration {
        name,
        connector_type,
        method,
        flavor,
        fields,
        id_token_from,
        allow_commands,
        allow_implicit,
        prove,
    };
    let registered = connector::register(&store, &catalog, &context.environment, registration, if_taken).await?;
    warn_of_visible(&registered.connector, &visible);
    show::registered(context, registered);
    Ok(())
}

/// Reads the values of fields from the sources that the flags name.
pub(super) async fn field_values(
    context: &Context,
    fields: FieldFlags,
) -> Result<BTreeMap<String, FieldValue>, Failure> {
    // On a thread of its own: standard input or a pipe may block.
    let environment = context.environment.clone();
    let values = tokio::task::spawn_blocking(move || field_value::read_all(fields, &environment)).await;
    Ok(values.map_err(|error| Failure::general(error.to_string()))??)
}

/// The names of fields whose values were on the command line, and all values.
pub(super) fn split_visible(values: BTreeMap<String, FieldValue>) -> (Vec<String>, BTreeMap<String, GivenValue>) {
    let visible = values.iter().filter(|(_, field)| field.visible).map(|(name, _)| name.clone()).collect();
    (visible, values.into_iter().map(|(name, field)| (name, field.value)).collect())
}

/// Warns of secrets that were on the command line, where other users and the shell's history see them.
pub(super) fn warn_of_visible(connector: &ConnectorRecord, visible: &[String]) {
    if connector.fields.iter().any(|field| field.kind != StoredKind::Text && visible.contains(&field.name)) {
        output::say("warning", "a secret on the command line can be seen by others, and stays in the shell's history");
        output::say("hint", "`--FIELD=@FILE`, `--FIELD=@env:VARIABLE` and `--FIELD=-` keep it to yourself");
    }
}
