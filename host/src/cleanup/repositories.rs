//! The repositories of a registry.

use std::collections::HashSet;

use super::error::{CleanupError, NoCatalog};
use super::limits::MAX_PARTS;
use crate::access::Access;
use crate::image::Repository;
use crate::registry::Located;
use crate::retrying::all_pages;
use crate::session::{Services, SessionError};
use crate::text::Escaped;

/// The repositories of a registry below its URI, each once, in the order in which its flavor lists them, else its
/// catalog.
///
/// # Errors
/// When neither lists them.
pub(crate) async fn repositories(
    services: &Services<'_>,
    located: &Located,
    insecure: bool,
) -> Result<Vec<Repository>, CleanupError> {
    let found = match by_flavor(services, located).await {
        Ok(Some(found)) => found,
        Ok(None) => by_catalog(services, located, insecure).await?,
        Err(CleanupError::Access(error)) => {
            tracing::warn!("the registry's own catalog is used: {error}");
            by_catalog(services, located, insecure).await?
        }
        Err(error) => return Err(error),
    };
    let path = located.registry.uri.path();
    let mut seen = HashSet::new();
    let is_meant = |repository: &Repository| {
        path.is_none_or(|path| repository.is_within(path.as_str())) && seen.insert(repository.clone())
    };
    Ok(found.into_iter().filter(is_meant).collect())
}

async fn by_flavor(
    services: &Services<'_>,
    Located { registry, registered }: &Located,
) -> Result<Option<Vec<Repository>>, CleanupError> {
    let access = match registered {
        true => Access::to(services.access(), registry).await,
        false => Access::unregistered(services.access(), registry).await,
    };
    let access = access.map_err(SessionError::from)?;
    let (mut found, mut next) = (Vec::new(), None::<String>);
    for _ in 0..MAX_PARTS {
        let Some(page) = access.list_repositories(next.as_deref()).await? else { return Ok(None) };
        page.left_out.iter().for_each(|name| tracing::debug!("the flavor lists what is no repository: {name}"));
        found.extend(page.entries);
        match page.next {
            // A flavor that gives the same part again would go on for ever.
            Some(following) if next.as_ref() != Some(&following) => next = Some(following),
            Some(_) => break,
            None => return Ok(Some(found)),
        }
    }
    Err(CleanupError::Endless { what: "repositories", flavor: registry.flavor.clone().into() })
}

async fn by_catalog(
    services: &Services<'_>,
    located: &Located,
    insecure: bool,
) -> Result<Vec<Repository>, CleanupError> {
    let session = services.open_registry(located, insecure).await?;
    let refused = |reason: SessionError| {
        CleanupError::NoCatalog(Box::new(NoCatalog { host: Escaped::of(located.registry.uri.host()), reason }))
    };
    all_pages(&session.registry.repositories()).await.map_err(|error| refused(session.explain(error)))
}
