//! Credentials that a flavor gave before, found again without the flavor.

use secrecy::SecretString;

use super::error::AccessError;
use super::expiry;
use super::view::registry_view;
use crate::catalog::{self, grantee};
use crate::connector::{self, OpenConnector};
use crate::credential::Credential;
use crate::docker::protocol::TOKEN_USER;
use crate::environment::Environment;
use crate::flavor::{CredentialContext, CredentialScope, FlavorIdentity, Purpose, credential_cache_key};
use crate::store::{CachedCredential, RegistryRecord, Store};
use crate::text::Moment;

/// Credentials for a whole registry.
pub(crate) struct RegistryLogin {
    /// The credentials.
    pub(crate) credential: Credential,
    /// Unix time in seconds at which they were given; absent if that is not known.
    pub(crate) given_at: Option<u64>,
    /// Unix time in seconds after which they no longer work; absent if no end is known.
    pub(crate) expires_at: Option<u64>,
}

/// Kept credentials for a whole registered registry, and for this purpose. No component is compiled or run for them,
/// nothing is sent, and nothing is written: the programs that wait for them ask at each of their commands. `None` where
/// none are kept.
///
/// # Errors
/// When the store can't be read, or the registry's connector can't be used.
pub(crate) fn kept(
    store: &Store,
    environment: &Environment,
    registry: &RegistryRecord,
    purpose: Purpose,
) -> Result<Option<RegistryLogin>, AccessError> {
    let Some(entry) = catalog::recorded(store, &registry.flavor)? else { return Ok(None) };
    let grants = store.registry_grants(grantee(&entry.record), &registry.name)?;
    let view = registry_view(registry, &entry.description, grants);
    let connector = connector::of_registry(store, registry, &entry.description, environment)?;
    // Those of another job of this machine are none of this one's.
    if connector.as_ref().is_some_and(OpenConnector::is_issued) {
        return Ok(None);
    }
    let connector = connector.as_ref().map(OpenConnector::kept);
    let flavor = FlavorIdentity { digest: &entry.record.digest, grants: &entry.grants };
    let context = CredentialContext { registry: &view, connector, purpose, image: None };
    Ok(of_registry(store, flavor, context))
}

/// Kept credentials for a whole registry, by all that they depend on.
pub(super) fn of_registry(
    store: &Store,
    flavor: FlavorIdentity<'_>,
    context: CredentialContext<'_>,
) -> Option<RegistryLogin> {
    let found = [CredentialScope::Registry, CredentialScope::Lasting]
        .into_iter()
        .find_map(|scope| find(store, flavor, context, scope).map(|found| (found, scope)));
    found.map(|(CachedCredential { username, password, expires_at, given_at }, scope)| RegistryLogin {
        credential: credential(username, password),
        given_at,
        expires_at: (scope == CredentialScope::Registry).then_some(expires_at),
    })
}

/// Cached credentials that work for a while yet.
pub(super) fn find(
    store: &Store,
    flavor: FlavorIdentity<'_>,
    context: CredentialContext<'_>,
    scope: CredentialScope,
) -> Option<CachedCredential> {
    let key = credential_cache_key(flavor, context, scope);
    store.as_cache(store.cached_credential(&key, expiry::usable_until(Moment::now().0))).flatten()
}

/// The credential of a user name and a password. `docker login` stores identity tokens as such a pair.
pub(super) fn credential(username: String, password: SecretString) -> Credential {
    if username == TOKEN_USER { Credential::IdentityToken(password) } else { Credential::Basic { username, password } }
}
