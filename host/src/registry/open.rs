//! Opening a registry with what its flavor gives, before anything depends on it.

use super::error::RegistryError;
use crate::credential::Credential;
use crate::distribution::{Client, Opened, RepositoryClient};
use crate::docker::Configuration;
use crate::flavor::{Asked, ConnectorView, Flavor, FlavorCredential, RegistryView};
use crate::image::{Reference, ReferenceError, RegistryUri, Repository};

/// The repository that is spoken of where no image is named. Nothing is ever stored there.
const PLACEHOLDER: &str = "crhost-verify";

/// What opens registries.
pub struct Opener<'a> {
    /// The distribution client.
    pub client: &'a Client,
    /// Docker's configuration.
    pub docker: &'a Configuration,
}

impl Opener<'_> {
    /// Has a connector open a registry, of which nothing is stored yet.
    pub(super) async fn prove(
        &self,
        flavor: &Flavor,
        registry: &RegistryView,
        connector: &ConnectorView,
    ) -> Result<(), RegistryError> {
        let image = placeholder(&registry.uri)?;
        let proved = async {
            let credential =
                self.credential(flavor, Asked { registry, connector: Some(connector), image: &image }).await?;
            self.open(&image, credential).await
        };
        let unproved = |reason| RegistryError::Unproved { registry: registry.name.clone(), reason: Box::new(reason) };
        proved.await.map(|_| ()).map_err(unproved)
    }

    /// The credentials that a flavor chooses.
    pub(super) async fn credential(&self, flavor: &Flavor, asked: Asked<'_>) -> Result<Credential, RegistryError> {
        Ok(match flavor.credentials(asked).await? {
            FlavorCredential::Anonymous => Credential::Anonymous,
            FlavorCredential::Basic { username, password, .. } => Credential::Basic { username, password },
            FlavorCredential::DockerConfig => self.docker.credential(asked.image.host()).await?,
        })
    }

    /// Shows credentials to the registry.
    pub(super) async fn open(
        &self,
        image: &Reference,
        credential: Credential,
    ) -> Result<(RepositoryClient, Opened), RegistryError> {
        let repository = self.client.repository(image.host(), image.repository(), credential)?;
        let opened = repository.ping().await?;
        Ok((repository, opened))
    }
}

/// An image below a registry's URI, for questions that need one.
pub(super) fn placeholder(uri: &RegistryUri) -> Result<Reference, ReferenceError> {
    let path = uri.path().map_or("", Repository::as_str);
    let repository = PLACEHOLDER.parse::<Repository>()?.below(path)?;
    Ok(Reference::new(uri.host().clone(), repository, None, None))
}
