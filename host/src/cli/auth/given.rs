//! Credentials of a registry, for commands that show them.

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::moment::Moment;
use super::super::output;
use crate::access::{AccessContext, RegistryLogin};
use crate::catalog::Catalog;
use crate::clients;
use crate::credential::Credential;
use crate::docker::Configuration;
use crate::store::{RegistryRecord, Store};

/// New credentials of a registry.
pub(in crate::cli) async fn given_by_flavor(
    context: &Context,
    store: &Store,
    registry: &RegistryRecord,
) -> Result<RegistryLogin, Failure> {
    let (runtime, docker) = (context.runtime()?, Configuration::load(&context.environment));
    let catalog = Catalog::new(&runtime, store);
    let access = AccessContext { store, catalog: &catalog, docker: &docker, environment: &context.environment };
    Ok(clients::ask(access, registry).await?)
}

/// Tells that credentials have ended, which a registry would refuse: new ones that are over are a matter of clocks.
pub(in crate::cli) fn warn_if_over(login: &RegistryLogin) {
    if login.expires_at.is_some_and(|end| Moment(end).is_over()) {
        output::say("warning", "these credentials have ended already");
        output::say(
            "hint",
            "`date -u` shows whether this machine's clock is right; `crhost auth status` asks the registry",
        );
    }
}

/// Whose credentials these are; absent for a token, which names nobody, and where there are none.
pub(in crate::cli) fn username(credential: &Credential) -> Option<String> {
    match credential {
        Credential::Basic { username, .. } if !username.is_empty() => Some(username.clone()),
        _ => None,
    }
}
