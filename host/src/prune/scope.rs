//! What a clean-up is about: a whole registry, or one repository of it.

use super::error::PruneError;
use crate::cleanup;
use crate::image::{Reference, Repository};
use crate::registry::{Destination, Located, RemoteName, Target};
use crate::session::{Intent, Services};
use crate::text::Escaped;

/// A registry with the repositories that are looked at.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The registry.
    pub(super) located: Located,
    /// The repositories, in order.
    pub(super) repositories: Vec<Repository>,
}

impl Scope {
    /// What a text names: a registry by its name, by its URI or by its host alone, and otherwise a repository.
    ///
    /// # Errors
    /// When it names neither, or the registry lists no repositories.
    pub(crate) async fn find(services: &Services<'_>, text: &str, insecure: bool) -> Result<Self, PruneError> {
        if let Some(located) = registry(services, text).await? {
            let repositories = cleanup::repositories(services, &located, insecure).await?;
            return Ok(Self { located, repositories });
        }
        let name: RemoteName = text.parse()?;
        if name.tag().is_some() || name.digest().is_some() {
            return Err(PruneError::OneImage(Escaped::new(text, 300)));
        }
        let Target { registry, registered, image } = services.locate(&name, None, Intent::Delete).await?;
        let located = Located { registry, registered };
        Ok(Self { located, repositories: vec![image.repository().clone()] })
    }

    /// A repository as the target of a session.
    pub(super) fn target(located: &Located, repository: &Repository) -> Target {
        let Located { registry, registered } = located.clone();
        let image = Reference::new(registry.uri.host().clone(), repository.clone(), None, None);
        Target { registry, registered, image }
    }
}

/// The registry that a text names as a whole, if it does.
pub(super) async fn registry(services: &Services<'_>, text: &str) -> Result<Option<Located>, PruneError> {
    let Ok(destination) = text.parse::<Destination>() else { return Ok(None) };
    match &destination {
        Destination::Name(name) => match services.store.registry(name) {
            Ok(registry) => Ok(Some(Located { registry, registered: true })),
            // The name of a repository in the registry in use looks the same.
            Err(_) => Ok(None),
        },
        Destination::Uri(uri) => {
            let registries = services.store.registries().map_err(crate::registry::RegistryError::from);
            let registries = registries.map_err(crate::session::SessionError::from)?;
            let typed = uri.to_string();
            let typed = typed.trim_end_matches('/');
            let known = registries.into_iter().find(|registry| registry.uri.to_string() == typed);
            match known {
                Some(registry) => Ok(Some(Located { registry, registered: true })),
                None if !typed.contains('/') => Ok(Some(services.locate_registry(&destination).await?)),
                None => Ok(None),
            }
        }
    }
}
