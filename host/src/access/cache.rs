//! Credentials that are kept: found, added and forgotten, by all that they depend on.

use super::{Access, kept};
use crate::connector::OpenConnector;
use crate::flavor::{CredentialScope, credential_cache_key};
use crate::image::Reference;
use crate::store::CachedCredential;

impl Access<'_> {
    /// Removes the cached credentials of an image's repository: the registry refused them, or new ones are requested.
    pub(crate) fn forget(&self, image: &Reference) {
        let Some(flavor) = &self.flavor else { return };
        for scope in [CredentialScope::Registry, CredentialScope::Repository, CredentialScope::Lasting] {
            let key = credential_cache_key(flavor.identity(), self.credential_context(Some(image)), scope);
            let _ = self.context.store.as_cache(self.context.store.remove_cached_credential(&key));
        }
    }

    /// Kept credentials for an image's repository.
    pub(super) fn cached(&self, image: &Reference) -> Option<CachedCredential> {
        if self.is_issued() {
            return None;
        }
        let (flavor, context) = (self.flavor.as_ref()?, self.credential_context(Some(image)));
        let scopes = [CredentialScope::Registry, CredentialScope::Repository];
        scopes.into_iter().find_map(|scope| kept::find(self.context.store, flavor.identity(), context, scope))
    }

    /// Keeps credentials for those who ask later.
    pub(super) fn cache(&self, image: Option<&Reference>, scope: CredentialScope, credential: &CachedCredential) {
        let Some(flavor) = &self.flavor else { return };
        let key = credential_cache_key(flavor.identity(), self.credential_context(image), scope);
        let _ = self.context.store.as_cache(self.context.store.cache_credential(&key, credential));
    }

    /// Whether the credentials may come from the machine itself, e.g. from its cloud role, which is no part of the
    /// cache key.
    pub(super) fn depends_on_machine(&self) -> bool {
        let method = self.connector.as_ref().map(OpenConnector::kept).and_then(|connector| {
            let flavor = self.flavor.as_ref()?;
            flavor.description().auth_method(&connector.connector_type, &connector.method)
        });
        method.is_some_and(|method| method.implicit)
    }

    /// Whether something of the connector is issued for each call.
    pub(super) fn is_issued(&self) -> bool {
        self.connector.as_ref().is_some_and(OpenConnector::is_issued)
    }
}
