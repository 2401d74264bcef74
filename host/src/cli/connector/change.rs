//! `crhost connector update`.

use super::super::context::Context;
use super::super::failure::Failure;
use super::Storing;
use super::register::{given, parted, warn_of_visible};
use super::show;
use super::words::Words;
use crate::catalog::Catalog;
use crate::connector::{self, Change};
use crate::error::Kind;
use crate::store::Name;

/// What the user wants to change, besides values.
pub(super) struct Wish {
    pub(super) name: Name,
    pub(super) rename: Option<Name>,
    pub(super) removed: Vec<String>,
}

pub(super) async fn run(context: &Context, wish: Wish, storing: Storing, fields: Words) -> Result<(), Failure> {
    let Wish { name, rename, removed } = wish;
    let (visible, fields) = parted(given(fields).await?);
    let changes_fields = !removed.is_empty() || !fields.is_empty();
    if rename.is_none() && !changes_fields {
        let message = format!("nothing of connector `{name}` is to be changed");
        return Err(Failure::new(Kind::Usage, message, "give `--FIELD=VALUE`, `--remove-field FIELD` or `--name NEW`"));
    }
    let (store, runtime) = (Context::store()?, Context::runtime()?);
    // As on the flags: in names, `_` is as good as `-`.
    let removed = removed.into_iter().map(|name| name.replace('_', "-")).collect();
    let Storing { no_verify, allow_implicit, asking } = storing;
    let (flavor, question) = (asking.flavor.clone(), (!no_verify).then(|| asking.question()));
    let change = Change { name, rename, flavor, fields, removed, allow_implicit, question };
    let kept = connector::update(&store, &Catalog::new(&runtime, &store), change).await?;
    warn_of_visible(&kept.connector, &visible);
    show::stored(context, "changed", kept);
    Ok(())
}
