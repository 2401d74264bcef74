//! The registries of a crhost server, in the place of those that are stored here.

use super::failure::Failure;
use super::runtime;
use crate::environment::Environment;
use crate::error::Explain;
use crate::server_client::{ListedRegistry, ServerClient};
use crate::store::{Grantee, IfTaken, RegistryRecord, Store, StoreError};
use crate::text::Escaped;

/// Why nothing can be registered.
#[derive(Debug, thiserror::Error, Explain)]
enum Fixed {
    /// A server has the registries.
    #[error("registries are those of the server that CRHOST_SERVER names")]
    #[explain(kind = Usage, hint = "unset CRHOST_SERVER to change what this machine has")]
    OfServer,
}

/// A store in memory with the registries of the server that the environment names, which can't be changed; `None`
/// where it names none.
pub(super) fn store(environment: &Environment) -> Result<Option<Store>, Failure> {
    let Some(server) = ServerClient::of(environment)? else { return Ok(None) };
    let store = Store::in_memory()?;
    // Stores are opened in the middle of asynchronous work.
    let listed = runtime::apart("the question to the server", async || Ok::<_, Failure>(server.registries().await?))?;
    store.together("server", |store| {
        for listed in &listed {
            // One that this version can't read is left out, and missed by its name.
            let Some(registry) = record(listed) else {
                tracing::warn!("a registry of the server can't be read: `{}`", Escaped::new(&listed.name, 80));
                continue;
            };
            let grantee = Grantee { flavor: &registry.flavor, digest: None };
            store.put_registry(&registry, grantee, &[], IfTaken::Replace)?;
        }
        Ok::<_, StoreError>(())
    })?;
    // What is registered in memory would be gone with the command.
    Ok(Some(store.fixed(&Fixed::OfServer)))
}

fn record(listed: &ListedRegistry) -> Option<RegistryRecord> {
    Some(RegistryRecord {
        name: listed.name.parse().ok()?,
        flavor: listed.flavor.clone(),
        uri: listed.uri.parse().ok()?,
        options: Default::default(),
        connector: None,
        confirmed: true,
        insecure: listed.insecure,
    })
}
