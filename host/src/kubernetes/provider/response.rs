//! The answer to the kubelet.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::super::error::KubernetesError;
use super::super::go_duration::go_duration;
use super::super::pull_secret::basic;
use super::request::Request;
use super::wanted::{CacheKeyType, Wanted};
use crate::access::{RegistryLogin, left};
use crate::credential::Credential;

/// The kubelet gives a credential to pulls that begin until its duration is over; a pull has so much time to begin, and
/// two clocks may differ by as much.
const MARGIN: Duration = Duration::from_secs(120);

/// The answer's document (`CredentialProviderResponse`). The kubelet refuses members that it does not know. Without
/// `Debug`: it has a password.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response<'a> {
    api_version: &'static str,
    kind: &'static str,
    cache_key_type: CacheKeyType,
    /// Absent where no end is known: the kubelet's `defaultCacheDuration` holds then.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_duration: Option<String>,
    /// `null` where there are no credentials: the kubelet goes on without.
    auth: Option<BTreeMap<String, Account<'a>>>,
}

/// An account.
#[derive(Serialize)]
struct Account<'a> {
    username: &'a str,
    password: &'a str,
}

/// The answer to a request: the credentials of the registry that it is about, or none.
///
/// # Errors
/// When the credentials are of a kind that the kubelet does not know.
pub(crate) fn answer<'a>(
    request: &Request,
    found: Option<(&Wanted, &'a RegistryLogin)>,
    now: u64,
) -> Result<Response<'a>, KubernetesError> {
    let (api_version, kind) = (request.version, "CredentialProviderResponse");
    let with =
        |cache_key_type, cache_duration, auth| Response { api_version, kind, cache_key_type, cache_duration, auth };
    // Not kept: a registry that is registered since is found at the next pull.
    let nothing = || with(CacheKeyType::Image, Some(go_duration(Duration::ZERO)), None);
    let Some((wanted, login)) = found else { return Ok(nothing()) };
    if matches!(login.credential, Credential::Anonymous) {
        return Ok(nothing());
    }
    let (username, password) = basic(&wanted.registry, &login.credential)?;
    let usable = |end: u64| left(end, now).saturating_sub(MARGIN);
    let auth = BTreeMap::from([(wanted.key.clone(), Account { username, password })]);
    Ok(with(wanted.cache_key_type, login.expires_at.map(usable).map(go_duration), Some(auth)))
}
