//! Authentication at a registry with the credentials from its flavor, before anything depends on it.

use super::error::{RegistryError, Unproved};
use super::plain_http::plain_http;
use crate::access::{Access, AccessContext};
use crate::catalog::Catalog;
use crate::credential::Credential;
use crate::distribution::{Actions, Client, Opened, RepositoryClient};
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::image::{Reference, ReferenceError, RegistryUri, Repository};
use crate::store::{RegistryRecord, Store};

/// The repository to ask about where no image is named. Nothing is ever stored there.
const PLACEHOLDER: &str = "crhost-verify";

/// Authenticates at registries.
pub(crate) struct Authenticator<'a> {
    /// The distribution client.
    pub(crate) client: &'a Client,
    /// Docker's configuration.
    pub(crate) docker: &'a Configuration,
    /// The environment of the process, for connectors with implicit values.
    pub(crate) environment: &'a Environment,
}

impl Authenticator<'_> {
    /// The parts that an [`Access`] is made of.
    pub(super) fn access_context<'a>(&'a self, store: &'a Store, catalog: &'a Catalog<'a>) -> AccessContext<'a> {
        AccessContext { store, catalog, docker: self.docker, environment: self.environment }
    }

    /// Proves that the connector of a registry, which is not stored yet in this form, opens it. Returns a warning if
    /// the registry did not look at the credentials.
    pub(super) async fn prove(
        &self,
        registry: &RegistryRecord,
        access: &Access<'_>,
    ) -> Result<Option<String>, RegistryError> {
        let image = placeholder(&registry.uri)?;
        let proved = async {
            let login = access.fresh_login(&image).await?;
            self.verify(registry, access, &image, login.credential).await
        };
        proved.await.map_err(|reason| {
            access.forget(&image);
            Unproved { registry: registry.name.clone(), reason: Box::new(reason) }.into()
        })
    }

    /// Shows credentials to the registry. Returns a warning if it did not look at them.
    ///
    /// # Errors
    /// When it refuses them, or can't be asked.
    pub(crate) async fn verify(
        &self,
        registry: &RegistryRecord,
        access: &Access<'_>,
        image: &Reference,
        credential: Credential,
    ) -> Result<Option<String>, RegistryError> {
        let has_credentials = !matches!(credential, Credential::Anonymous);
        let (_, opened) = self.authenticate(registry, access, image, credential).await?;
        let host = registry.uri.host();
        Ok((opened == Opened::ToAnybody && has_credentials)
            .then(|| format!("`{host}` accepts anonymous access, so the credentials are not verified")))
    }

    /// Shows credentials to the registry.
    pub(super) async fn authenticate(
        &self,
        registry: &RegistryRecord,
        access: &Access<'_>,
        image: &Reference,
        credential: Credential,
    ) -> Result<(RepositoryClient, Opened), RegistryError> {
        let repository = self.client.repository(
            image.host(),
            image.repository(),
            plain_http(registry, false),
            credential,
            Actions::Push,
        )?;
        match repository.ping().await {
            Ok(opened) => Ok((repository, opened)),
            Err(error) => Err(access.explain(error).map_or_else(RegistryError::from, RegistryError::from)),
        }
    }
}

/// An image below a registry's URI, for requests that need one.
pub(super) fn placeholder(uri: &RegistryUri) -> Result<Reference, ReferenceError> {
    let path = uri.path().map_or("", Repository::as_str);
    let repository = PLACEHOLDER.parse::<Repository>()?.below(path)?;
    Ok(Reference::new(uri.host().clone(), repository, None, None))
}
