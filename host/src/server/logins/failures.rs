//! Failures of flavors that all servers are told of: a provider that throttles is asked once, and not by each of them.
//! They are kept as credentials are, sealed and with an end; a change of what is registered ends them.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::login::LoginKey;
use super::no_login::{Asked, NoLogin};
use crate::error::Kind;
use crate::store::{CachedCredential, Store};
use crate::text::Moment;

/// A failure, as it is kept.
#[derive(Serialize, Deserialize)]
struct Told {
    kind: Kind,
    detail: Option<String>,
    hint: Option<String>,
    log: String,
}

/// Tells other servers of a failure, if it is one of the flavor or its provider.
pub(super) fn tell(store: &Store, key: &LoginKey, revision: i64, error: &NoLogin) {
    let Some(asked) = error.asked else { return };
    let told = Told {
        kind: error.kind,
        detail: error.detail.clone().map(String::from),
        hint: error.hint.clone().map(String::from),
        log: error.log.clone().into(),
    };
    let name = if asked.is_of_registry { of_registry(key, revision) } else { of_login(key, revision) };
    // Texts, which JSON can always represent. The place of a user name: it is sealed, too.
    let kept = CachedCredential {
        username: serde_json::to_string(&told).unwrap_or_default(),
        password: SecretString::default(),
        expires_at: asked.until,
        given_at: None,
    };
    store.as_cache(store.cache_credential(&name, &kept));
}

/// Whether nothing is against asking the flavor.
///
/// # Errors
/// A failure of this server or another one that is still told.
pub(super) fn check(store: &Store, key: &LoginKey, revision: i64) -> Result<(), NoLogin> {
    for (name, is_of_registry) in [(of_registry(key, revision), true), (of_login(key, revision), false)] {
        let found = store.as_cache(store.cached_credential(&name, Moment::now().0)).flatten();
        let Some(found) = found else { continue };
        let Ok(Told { kind, detail, hint, log }) = serde_json::from_str(&found.username) else { continue };
        let asked = Some(Asked { until: found.expires_at, is_of_registry });
        return Err(NoLogin {
            kind,
            detail: detail.map(Into::into),
            hint: hint.map(Into::into),
            log: log.into(),
            asked,
        });
    }
    Ok(())
}

fn of_registry(key: &LoginKey, revision: i64) -> Vec<u8> {
    format!("throttled\0{revision}\0{}", key.registry).into_bytes()
}

fn of_login(key: &LoginKey, revision: i64) -> Vec<u8> {
    let repository = key.repository.as_ref().map_or("", |repository| repository.as_str());
    let tag = key.tag.as_ref().map_or("", |tag| tag.as_str());
    format!("failed\0{revision}\0{}\0{}\0{repository}\0{tag}", key.registry, key.operation).into_bytes()
}
