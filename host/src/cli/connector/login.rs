//! `crhost connector login`: `crhost login` for the registry that a connector opens.

use clap::Args;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::login;
use super::arguments::AnyResource;
use crate::error::Kind;
use crate::store::{Name, Store};
use crate::text::quoted;

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The connector, which one registry uses, or a registry
    name: Name,
    /// Of several registries that use the connector, the one of this host or URI
    #[arg(long, value_name = "URI")]
    resource_id: Option<String>,
    #[command(flatten)]
    to: login::FileArgs,
    #[command(flatten)]
    _any: AnyResource,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, resource_id, to, .. } = arguments;
    let registry = registry(&context.store()?, name, resource_id.as_deref())?.to_string();
    login::login(context, login::Arguments { registry, to }).await
}

/// The registry that uses a connector, or the registry of that name where no connector has it.
fn registry(store: &Store, name: Name, resource_id: Option<&str>) -> Result<Name, Failure> {
    if !store.has_connector(&name)? {
        return Ok(name);
    }
    let mut users = store.registries_of_connector(&name)?;
    if let Some(id) = resource_id {
        let mut wanted = Vec::new();
        for user in users {
            wanted.extend(store.registry(&user)?.uri.is_named(id).then_some(user));
        }
        users = wanted;
    }
    match users.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let message = format!("no registry uses connector `{name}`, so where to log in is not known");
            let hint = format!("`crhost registry connect REGISTRY --connector {name}` has one use it");
            Err(Failure::new(Kind::Usage, message, hint))
        }
        [first, ..] => {
            let message = format!("several registries use connector `{name}`: {}", quoted(&users));
            Err(Failure::new(Kind::Usage, message, format!("name one: `crhost login {first}`")))
        }
    }
}
