//! Who the user is at a registry: whose credentials there are, until when, and what the registry says to them.

use super::authenticator::{Authenticator, placeholder};
use super::error::RegistryError;
use super::verify::image_of;
use crate::access::{Access, RegistryLogin};
use crate::catalog::Catalog;
use crate::flavor::Purpose;
use crate::image::{Reference, Repository};
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

/// The image to ask about whether it may be pushed: of the name that the user gave, else in the repository that the
/// user typed, else in the one of the last push that is known, else in one that nobody has.
///
/// # Errors
/// When the name is none, or the store can't be read.
pub(crate) fn image_to_push(
    store: &Store,
    registry: &RegistryRecord,
    name: Option<&str>,
    typed: Option<&Repository>,
) -> Result<Reference, RegistryError> {
    if let Some(name) = name {
        return image_of(registry, name);
    }
    let host = registry.uri.host();
    let last = || -> Result<Option<Repository>, RegistryError> {
        let known = store.repositories_of(host, registry.connector.as_ref())?;
        Ok(known.into_iter().find(|repository| registry.uri.is_above(repository)))
    };
    let repository = typed.cloned().map_or_else(last, |typed| Ok(Some(typed)))?;
    match repository {
        Some(repository) => Ok(Reference::new(host.clone(), repository, None, None)),
        None => Ok(placeholder(&registry.uri)?),
    }
}

/// Finds out the standing at a registry, registered or not, with kept credentials where there are some. With an image
/// to push, an upload is opened and given up; nothing is prepared for it, so that nothing is created.
pub(crate) async fn standing(
    store: &Store,
    catalog: &Catalog<'_>,
    authenticator: &Authenticator<'_>,
    registry: &RegistryRecord,
    push: Option<&Reference>,
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
    push: Option<&Reference>,
) -> Result<(), RegistryError> {
    let context = authenticator.access_context(store, catalog);
    let access = match registry.name == Name::unregistered() {
        true => Access::unregistered(context, registry).await?,
        false => Access::to(context, registry).await?,
    };
    // Rules tell those who pull from those who push.
    let access = match access.is_by_server() && push.is_none() {
        true => access.with_purpose(Purpose::Pull),
        false => access,
    };
    let login = match push.filter(|_| access.is_by_server()) {
        Some(image) => access.repository_login(image, false).await?,
        None => access.kept_registry_login().await?,
    };
    standing.whose = access.whose();
    let image = push.cloned().map_or_else(|| placeholder(&registry.uri), Ok)?;
    let credential = login.credential.clone();
    standing.login = Some(login);
    let (repository, _) = authenticator.authenticate(registry, &access, &image, credential).await?;
    standing.accepted = true;
    if push.is_some() {
        standing.push = Some(false);
        match repository.start_upload().await {
            Ok(upload) => upload.cancel().await,
            Err(error) => return Err(access.explain(error).map_or_else(RegistryError::from, RegistryError::from)),
        }
        standing.push = Some(true);
    }
    Ok(())
}
