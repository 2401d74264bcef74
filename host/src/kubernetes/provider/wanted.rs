//! The registry that a request is about, and for which images its credentials are.

use serde::Serialize;

use super::super::error::KubernetesError;
use super::request::Request;
use crate::clients;
use crate::store::{RegistryRecord, Store};

/// For which images the kubelet keeps an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum CacheKeyType {
    /// For this image alone.
    Image,
    /// For all images on its host.
    Registry,
}

/// The registry that a request is about.
pub(crate) struct Wanted {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// The images that its credentials are for, as the kubelet looks them up.
    pub(super) key: String,
    /// For which images the kubelet may keep them.
    pub(super) cache_key_type: CacheKeyType,
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
