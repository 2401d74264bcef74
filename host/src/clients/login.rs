//! A login in the file of clients that have no helper: `config.json` or `auth.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

use super::edits::{self, Undone};
use super::error::ClientError;
use super::install::MEMBER as HELPERS;
use super::program;
use crate::credential::Credential;
use crate::docker::ClientFile;
use crate::docker::protocol::OWN_HELPER;
use crate::environment::Environment;
use crate::image::RegistryUri;
use crate::json::Document;
use crate::store::{RegistryRecord, Store};
use crate::text::shell_word;

/// The member of the file that has logins.
const MEMBER: &str = "auths";

/// Checks that clients would read a login of a registry in a file.
///
/// # Errors
/// When they ask a helper instead, or the file can't be read.
pub(crate) fn check_is_read(
    environment: &Environment,
    file: &ClientFile,
    registry: &RegistryRecord,
) -> Result<(), ClientError> {
    let Some(helper) = helper(&file.read()?, registry) else { return Ok(()) };
    let (host, authfile) = (registry.uri.host().clone(), Box::new(authfile_option(file).into()));
    let (registry, file) = (registry.name.clone(), file.path().into());
    if helper == OWN_HELPER && !program::is_found(environment) {
        return Err(ClientError::HelperNotFound { registry, host, file, authfile });
    }
    Err(ClientError::Unread { registry, host, file, authfile, helper: helper.into() })
}

/// The option that names a file in a command, with a blank in front and quoted for a shell where that is needed; empty
/// for Docker's own file, which is taken without it.
#[must_use]
pub(crate) fn authfile_option(file: &ClientFile) -> String {
    if file.is_of_docker() {
        return String::new();
    }
    let path = file.path().display().to_string();
    // Letters of any language.
    format!(" --authfile {}", shell_word(&path, char::is_alphanumeric))
}

/// Writes credentials of a registry into a file of other clients. What was there under the same key comes back with
/// [`logout`]. Whether clients read it there says [`check_is_read`].
///
/// # Errors
/// When there are no credentials, or the file can't be edited.
pub(crate) fn write_login(
    store: &Store,
    file: &ClientFile,
    registry: &RegistryRecord,
    credential: &Credential,
) -> Result<(), ClientError> {
    let entry = entry(credential).ok_or_else(|| ClientError::Anonymous(registry.name.clone()))?;
    edits::set(store, file, MEMBER, &[(key(file, &registry.uri), entry)])?;
    Ok(())
}

/// Takes a login away that crhost wrote, of a registry that need not be registered any more. Returns whether there was
/// one.
///
/// # Errors
/// When the file or the store can't be read or written.
pub(crate) fn logout(store: &Store, file: &ClientFile, uri: &RegistryUri) -> Result<bool, ClientError> {
    let target = file.target().display().to_string();
    let key = key(file, uri);
    store.edit_clients(|recorded| {
        let undone = file.edit(|document| edits::undo(recorded, &target, document, (MEMBER, &key)))?;
        edits::forget(recorded, &target, MEMBER, [&key])?;
        Ok(undone == Some(Undone::Restored))
    })
}

/// The key of a registry's login. Docker knows hosts only; the other tools look for the longest path
/// (containers-auth.json(5)).
fn key(file: &ClientFile, uri: &RegistryUri) -> String {
    match file.is_of_docker() {
        true => uri.host().credential_key().to_owned(),
        false => uri.to_string(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_in_a_command_as_a_shell_reads_it() {
        for (path, option) in [
            ("q.json", " --authfile q.json"),
            ("/run/user/1000/containers/auth.json", " --authfile /run/user/1000/containers/auth.json"),
            ("my files/auth.json", " --authfile 'my files/auth.json'"),
            ("ann's", r" --authfile 'ann'\''s'"),
            ("~/x", " --authfile '~/x'"),
        ] {
            assert_eq!(authfile_option(&ClientFile::at(path.into())), option);
        }
        let home = Environment::from_iter([("DOCKER_CONFIG", "/docker")]);
        assert_eq!(authfile_option(&ClientFile::of_docker(&home).unwrap()), "");
    }
}
