//! A login in the file of clients that have no helper: `config.json` or `auth.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

use super::edits::{self, Undone};
use super::error::ClientError;
use super::install::MEMBER as HELPERS;
use crate::credential::Credential;
use crate::docker::{ClientFile, Document};
use crate::store::{RegistryRecord, Store};

/// The member of the file that has logins.
const MEMBER: &str = "auths";

/// Writes credentials of a registry into a file of other clients. What was there under the same key comes back with
/// [`logout`].
///
/// # Errors
/// When there are no credentials, clients would not read them there, or the file can't be edited.
pub(crate) fn write_login(
    store: &Store,
    file: &ClientFile,
    registry: &RegistryRecord,
    credential: &Credential,
) -> Result<(), ClientError> {
    let entry = entry(credential).ok_or_else(|| ClientError::Anonymous(registry.name.clone()))?;
    if let Some(helper) = helper(&file.read()?, registry) {
        return Err(ClientError::Unread {
            registry: registry.name.clone(),
            host: registry.uri.host().clone(),
            file: file.path().into(),
            helper: helper.into(),
        });
    }
    edits::set(store, file, MEMBER, &[(key(file, registry), entry)])?;
    Ok(())
}

/// Takes a login away that crhost wrote. Returns whether there was one.
///
/// # Errors
/// When the file or the store can't be read or written.
pub(crate) fn logout(store: &Store, file: &ClientFile, registry: &RegistryRecord) -> Result<bool, ClientError> {
    let target = file.target().display().to_string();
    let key = key(file, registry);
    store.edit_clients(|recorded| {
        let undone = file.edit(|document| edits::undo(recorded, &target, document, (MEMBER, &key)))?;
        edits::forget(recorded, &target, MEMBER, [&key])?;
        Ok(undone == Some(Undone::Restored))
    })
}

/// The key of a registry's login. Docker knows hosts only; the other tools look for the longest path
/// (containers-auth.json(5)).
fn key(file: &ClientFile, registry: &RegistryRecord) -> String {
    match file.is_of_docker() {
        true => registry.uri.host().credential_key().to_owned(),
        false => registry.uri.to_string(),
    }
}

/// The entry that Docker itself would write.
fn entry(credential: &Credential) -> Option<SecretString> {
    let entry = match credential {
        Credential::Anonymous => return None,
        Credential::IdentityToken(token) => json!({"identitytoken": token.expose_secret()}),
        Credential::Basic { username, password } => {
            let pair = Zeroizing::new(format!("{username}:{}", password.expose_secret()));
            json!({"auth": STANDARD.encode(pair.as_bytes())})
        }
    };
    Some(entry.to_string().into())
}

/// The helper that clients ask about a registry's host, and whose answer they prefer to the file.
fn helper(document: &Document, registry: &RegistryRecord) -> Option<String> {
    let text = |json: &str| serde_json::from_str::<String>(json).ok().filter(|name| !name.is_empty());
    let own = document.get(HELPERS, registry.uri.host().credential_key()).and_then(text);
    own.or_else(|| document.member("credsStore").and_then(text))
}
