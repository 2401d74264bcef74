//! `crhost connector update`.

use super::super::context::Context;
use super::super::failure::Failure;
use super::arguments::StoreArgs;
use super::field_flags::FieldFlags;
use super::register::{field_values, split_visible, warn_of_visible};
use super::show;
use crate::catalog::Catalog;
use crate::connector::{self, Change};
use crate::error::Kind;
use crate::store::Name;

/// The changes, apart from new values.
pub(super) struct ChangeArgs {
    /// The connector.
    pub(super) name: Name,
    /// Its new name.
    pub(super) rename: Option<Name>,
    /// The fields to remove.
    pub(super) removed: Vec<String>,
    /// Whether its secrets may be used for all that its auth method declares now.
    pub(super) renew: bool,
}

/// Runs the command.
pub(super) async fn run(
    context: &Context,
    arguments: ChangeArgs,
    store_args: StoreArgs,
    fields: FieldFlags,
) -> Result<(), Failure> {
    let ChangeArgs { name, rename, removed, renew } = arguments;
    let (visible, fields) = split_visible(field_values(context, fields).await?);
    let has_origins = store_args.id_token_from.is_some() || !store_args.allow_command.is_empty();
    let changes_fields = renew || !removed.is_empty() || !fields.is_empty() || has_origins;
    if rename.is_none() && !changes_fields {
        let message = format!("nothing of connector `{name}` is to be changed");
        return Err(Failure::new(Kind::Usage, message, "give `--FIELD=VALUE`, `--remove-field FIELD` or `--name NEW`"));
    }
    let (store, runtime) = (context.store()?, context.runtime()?);
    // As on the flags: in names, `_` counts as `-`.
    let removed = removed.into_iter().map(|name| name.replace('_', "-")).collect();
    let StoreArgs { no_verify, allow_implicit, id_token_from, allow_command: allow_commands, prove } = store_args;
    let (flavor, prove) = (prove.flavor.clone(), (!no_verify).then(|| prove.into_options()));
    let change =
        Change { name, rename, flavor, fields, id_token_from, allow_commands, removed, allow_implicit, renew, prove };
    let catalog = Catalog::new(&runtime, &store);
    let registered = connector::update(&store, &catalog, &context.environment, change).await?;
    warn_of_visible(&registered.connector, &visible);
    show::registered(context, registered);
    Ok(())
}
