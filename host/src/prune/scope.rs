//! What a clean-up is about: a whole registry, or one repository of it.

use std::fmt;

use super::error::PruneError;
use crate::cleanup;
use crate::image::{Reference, Repository};
use crate::registry::{Destination, Located, RegistryError, RemoteName, Target};
use crate::session::{Intent, Services, SessionError};
use crate::shard::Shard;
use crate::text::Escaped;

/// A registry with the repositories that are looked at.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The registry.
    pub(super) located: Located,
    /// The repositories, in order.
    pub(super) repositories: Vec<Repository>,
    /// Whether they come from the registry's list, and not from the user.
    pub(super) is_listed: bool,
}

impl Scope {
    /// What a text names: a registry by its name, by its URI or by its host alone, and otherwise a repository.
    ///
    /// # Errors
    /// When it names neither, or the registry lists no repositories.
    pub(crate) async fn find(services: &Services<'_>, text: &str, insecure: bool) -> Result<Self, PruneError> {
        if let Some(located) = registry(services, text).await? {
            let repositories = cleanup::repositories(services, &located, insecure).await?;
            return Ok(Self { located, repositories, is_listed: true });
        }
        let name: RemoteName = text.parse()?;
        if name.tag().is_some() || name.digest().is_some() {
            return Err(PruneError::OneImage(Escaped::new(text, 300)));
        }
        let Target { registry, registered, image } = services.locate(&name, None, Intent::Delete).await?;
        let located = Located { registry, registered };
        Ok(Self { located, repositories: vec![image.repository().clone()], is_listed: false })
    }

    /// The part of it that is looked at here.
    #[must_use]
    pub(crate) fn of_shard(mut self, shard: Option<Shard>) -> Self {
        let Self { located, repositories, .. } = &mut self;
        repositories.retain(|repository| is_own(shard, located, repository));
        self
    }

    /// A repository as the target of a session.
    pub(super) fn target(located: &Located, repository: &Repository) -> Target {
        let Located { registry, registered } = located.clone();
        let image = Reference::new(registry.uri.host().clone(), repository.clone(), None, None);
        Target { registry, registered, image }
    }
}

/// Whether a repository is in the part that is looked at here.
pub(super) fn is_own(shard: Option<Shard>, located: &Located, repository: impl fmt::Display) -> bool {
    shard.is_none_or(|shard| shard.has(&format!("{}/{repository}", located.registry.uri.host())))
}

/// The registry that a text names as a whole, if it does.
pub(super) async fn registry(services: &Services<'_>, text: &str) -> Result<Option<Located>, PruneError> {
    let Ok(destination) = text.parse::<Destination>() else { return Ok(None) };
    if let Destination::Name(name) = &destination
        && let Ok(registry) = services.store.registry(name)
    {
        return Ok(Some(Located { registry, registered: true }));
    }
    let typed = text.trim_end_matches('/');
    let registries = services.store.registries().map_err(RegistryError::from).map_err(SessionError::from)?;
    if let Some(registry) = registries.into_iter().find(|registry| registry.uri.to_string() == typed) {
        return Ok(Some(Located { registry, registered: true }));
    }
    // A host alone. A word without a dot or a port is a repository's name.
    let is_host = typed == "localhost" || typed.contains(['.', ':', '[']);
    if typed.contains('/') || !is_host {
        return Ok(None);
    }
    Ok(Some(services.locate_registry(&format!("{typed}/").parse()?).await?))
}
