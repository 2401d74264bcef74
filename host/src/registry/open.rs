//! Opening a registry with what its flavor gives, before anything depends on it.

use super::error::RegistryError;
use crate::access::{Access, AccessContext};
use crate::catalog::Catalog;
use crate::credential::Credential;
use crate::distribution::{Client, Opened, RepositoryClient};
use crate::docker::Configuration;
use crate::image::{Reference, ReferenceError, RegistryUri, Repository};
use crate::store::{RegistryRecord, Store};

/// The repository that is spoken of where no image is named. Nothing is ever stored there.
const PLACEHOLDER: &str = "crhost-verify";

/// What opens registries.
pub(crate) struct Opener<'a> {
    /// The distribution client.
    pub(crate) client: &'a Client,
    /// Docker's configuration.
    pub(crate) docker: &'a Configuration,
}

impl Opener<'_> {
    /// What it takes to get in.
    pub(super) fn means<'a>(&'a self, store: &'a Store, catalog: &'a Catalog<'a>) -> AccessContext<'a> {
        AccessContext { store, catalog, docker: self.docker }
    }

    /// Has its connector open a registry that is not stored yet, at least not like this. Gives a warning if nobody looked at
    /// the credentials.
    pub(super) async fn prove(
        &self,
        registry: &RegistryRecord,
        access: &Access<'_>,
    ) -> Result<Option<String>, RegistryError> {
        let image = placeholder(&registry.uri)?;
        let proved = async {
            let login = access.fresh_login(&image).await?;
            let has_credentials = !matches!(login.credential, Credential::Anonymous);
            let (_, opened) = self.open(&image, login.credential).await?;
            Ok((opened, has_credentials))
        };
        let unproved = |reason| RegistryError::Unproved { registry: registry.name.clone(), reason: Box::new(reason) };
        match proved.await {
            Ok((Opened::ToAnybody, true)) => {
                let host = registry.uri.host();
                Ok(Some(format!("`{host}` opens to anybody, so the credentials are not proved")))
            }
            Ok(_) => Ok(None),
            Err(reason) => {
                access.forget(&image);
                Err(unproved(reason))
            }
        }
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
