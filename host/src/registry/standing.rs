//! Who the user is at a registry: whose credentials there are, until when, and what the registry says to them.

use super::authenticator::{Authenticator, placeholder};
use super::error::RegistryError;
use crate::access::{Access, RegistryLogin};
use crate::catalog::Catalog;
use crate::store::{Name, RegistryRecord, Store};
use crate::text::Escaped;

/// The user's standing at a registry. Without `Debug`: it has credentials.
#[derive(Default)]
pub(crate) struct Standing {
    /// The credentials, as far as there are some.
    pub(crate) login: Option<RegistryLogin>,
    /// Whose they are, and where they are from.
    pub(crate) whose: Option<Escaped>,
    /// Whether the registry accepts them.
    pub(crate) accepted: bool,
    /// Whether an upload could be opened; absent where that was not tried.
    pub(crate) push: Option<bool>,
    /// What failed.
    pub(crate) failure: Option<RegistryError>,
}

/// Finds out the standing at a registry, registered or not, with kept credentials where there are some. With `push`, an
/// upload is opened and given up; nothing is prepared for it, so that nothing is created.
pub(crate) async fn standing(
    store: &Store,
    catalog: &Catalog<'_>,
    authenticator: &Authenticator<'_>,
    registry: &RegistryRecord,
    push: bool,
) -> Standing {
    let mut standing = Standing::default();
    standing.failure = find(&mut standing, store, catalog, authenticator, registry, push).await.err();
    standing
}

async fn find(
    standing: &mut Standing,
    store: &Store,
    catalog: &Catalog<'_>,
    authenticator: &Authenticator<'_>,
    registry: &RegistryRecord,
    push: bool,
) -> Result<(), RegistryError> {
    let context = authenticator.access_context(store, catalog);
    let access = match registry.name == Name::unregistered() {
        true => Access::unregistered(context, registry).await?,
        false => Access::to(context, registry).await?,
    };
    let login = access.kept_registry_login().await?;
    standing.whose = access.whose();
    let (image, credential) = (placeholder(&registry.uri)?, login.credential.clone());
    standing.login = Some(login);
    let (repository, _) = authenticator.authenticate(registry, &access, &image, credential).await?;
    standing.accepted = true;
    if push {
        standing.push = Some(false);
        match repository.start_upload().await {
            Ok(upload) => upload.cancel().await,
            Err(error) => return Err(access.explain(error).map_or_else(RegistryError::from, RegistryError::from)),
        }
        standing.push = Some(true);
    }
    Ok(())
}
