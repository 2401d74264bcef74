//! Whether a registry may be spoken to in plain HTTP.

use crate::distribution::PlainHttp;
use crate::store::RegistryRecord;

/// The permission that is stored with a registry, or the user's word for one command (`for_now`).
#[must_use]
pub(crate) fn plain_http(registry: &RegistryRecord, for_now: bool) -> PlainHttp {
    match registry.insecure || for_now {
        true => PlainHttp::Allowed,
        false => PlainHttp::LoopbackOnly,
    }
}
