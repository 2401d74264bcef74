//! Credentials of a registry, for commands that show them.

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::access::{Access, AccessContext, RegistryLogin};
use crate::catalog::Catalog;
use crate::clients;
use crate::credential::Credential;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::error::Kind;
use crate::registry::{self, Authenticator, RegistryError};
use crate::store::{RegistryRecord, Store};
use crate::text::Moment;

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

/// New credentials of a registry that it accepts. Where there are none, it is not asked. A registry that does not look
/// at them is told.
///
/// # Errors
/// As for [`given_by_flavor`], and when the registry refuses the credentials or can't be asked.
pub(in crate::cli) async fn accepted(
    context: &Context,
    store: &Store,
    registry: &RegistryRecord,
) -> Result<RegistryLogin, Failure> {
    let (runtime, docker) = (context.runtime()?, Configuration::load(&context.environment));
    let client = Client::new(ClientOptions::new(context.certificate_directories()))?;
    let catalog = Catalog::new(&runtime, store);
    let authenticator = Authenticator { client: &client, docker: &docker, environment: &context.environment };
    let parts = AccessContext { store, catalog: &catalog, docker: &docker, environment: &context.environment };
    let access = Access::to(parts, registry).await?;
    let login = access.registry_login().await?;
    if matches!(login.credential, Credential::Anonymous) {
        return Ok(login);
    }
    let image = registry::image_to_push(store, registry, None, None)?;
    match authenticator.verify(registry, &access, &image, login.credential.clone()).await {
        Ok(unverified) => {
            unverified.iter().for_each(|warning| output::say("warning", warning));
            Ok(login)
        }
        Err(error) => {
            // Clients that ask later are not to get them from the cache.
            access.forget(&image);
            Err(not_verified(error))
        }
    }
}

/// A failure to verify credentials. There is no advice to write those that are known to be wrong.
fn not_verified(error: RegistryError) -> Failure {
    let failure = Failure::from(error);
    if failure.kind() == Kind::Auth {
        return failure;
    }
    let (message, hint) = failure.words();
    let hint = hint.map_or_else(String::new, |hint| format!("{hint}; "));
    Failure::new(failure.kind(), message, format!("{hint}`--no-verify` writes the login without asking the registry"))
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
