//! The kubelet's credential provider: an image on standard input, credentials on standard output.
//!
//! The protocol is that of `k8s.io/kubelet/pkg/apis/credentialprovider`; the kubelet's side of it is
//! `pkg/credentialprovider/plugin`.

mod request;
mod response;
mod service_account;
#[cfg(test)]
mod tests;

use super::error::KubernetesError;
use crate::access::{self, Access, AccessContext, AccessError, RegistryLogin};
use crate::clients;
use crate::environment::Environment;
use crate::flavor::Purpose;
use crate::store::{RegistryRecord, Store};
pub(crate) use request::{Request, versions};
use response::CacheKeyType;
pub(crate) use response::answer;
pub(crate) use service_account::{ServiceAccountUse, VariableName};

/// The name under which the program answers without further arguments.
pub(crate) const PROGRAM: &str = "crhost-credential-provider";

/// The newest version of the protocol, for a configuration.
pub(super) const VERSION: &str = request::VERSIONS[0];

/// The registry that a request is about.
pub(crate) struct Wanted {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// The images that its credentials are for, as the kubelet looks them up.
    key: String,
    cache_key_type: CacheKeyType,
}

/// The registry of a request's image: the one with the longest URI; `None` where none is registered.
///
/// # Errors
/// When the store can't be read, or several registries are as good.
pub(crate) fn wanted(store: &Store, request: &Request) -> Result<Option<Wanted>, KubernetesError> {
    let Some(registry) = clients::registered(store, &request.server)? else { return Ok(None) };
    let host = registry.uri.host();
    let on_host = store.registries()?.iter().filter(|other| other.uri.host() == host).count();
    // Where all images on a host are this registry's, one answer is for all of them.
    let (key, cache_key_type) = match registry.uri.path() {
        None if on_host == 1 => (request.host.clone(), CacheKeyType::Registry),
        None => (request.host.clone(), CacheKeyType::Image),
        Some(path) => (format!("{}/{path}", request.host), CacheKeyType::Image),
    };
    Ok(Some(Wanted { registry, key, cache_key_type }))
}

/// Kept credentials of a registry. Nothing is compiled, sent or written.
///
/// # Errors
/// When the store can't be read, or the registry's connector can't be used.
pub(crate) fn find_kept(
    store: &Store,
    environment: &Environment,
    registry: &RegistryRecord,
) -> Result<Option<RegistryLogin>, AccessError> {
    access::kept(store, environment, registry, Purpose::Pull)
}

/// New credentials of a registry, for a pull. Those of one pod are kept for no other.
///
/// # Errors
/// When the flavor can't be loaded, refuses or fails, or the connector can't be used.
pub(crate) async fn ask(
    context: AccessContext<'_>,
    registry: &RegistryRecord,
    is_of_one_pod: bool,
) -> Result<RegistryLogin, AccessError> {
    let access = Access::to(context, registry).await?.for_pull();
    let access = if is_of_one_pod { access.for_one_caller() } else { access };
    access.registry_login().await
}
