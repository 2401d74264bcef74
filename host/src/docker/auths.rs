//! The member `auths` of Docker's configuration: plain credentials by registry.
//!
//! Follows `cli/config/configfile/file.go` and `cli/config/credentials/file_store.go` of
//! <https://github.com/docker/cli>.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};

use super::json_file::or_default;
use crate::credential::Credential;
use crate::error::Explain;
use crate::image::Host;

/// Credentials by key. A key is a host, or a URL with that host as older versions of Docker and other tools write it.
#[derive(Default, Deserialize)]
pub(super) struct Auths(#[serde(deserialize_with = "or_default")] BTreeMap<String, Entry>);

/// The credentials under one key. The members `email` and `serveraddress` have nothing to do with access and are
/// ignored.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    #[serde(deserialize_with = "secret")]
    auth: SecretString,
    #[serde(deserialize_with = "or_default")]
    username: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    identitytoken: SecretString,
    #[serde(deserialize_with = "secret")]
    registrytoken: SecretString,
}

/// An entry that cannot be used. It names the mistake and never quotes the entry.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Auth, hint = "run `docker login` for this registry again")]
pub(crate) enum EntryError {
    /// `auth` is not base64 of UTF-8 text.
    #[error("`auth` is not base64")]
    Encoding,
    /// The decoded `auth` is not `user:password`.
    #[error("`auth` does not decode to `user:password`")]
    Form,
    /// A `registrytoken` alone: a token of a registry's token server, for one scope and some minutes. Docker's own
    /// login never stores one.
    #[error("it has a `registrytoken` only, which lasts for minutes and is not supported")]
    RegistryToken,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    or_default::<String, D>(from).map(SecretString::from)
}

impl Auths {
    /// The entry for a host, with its key.
    ///
    /// Docker's own key comes first. Next are keys that, without scheme and path, have the same host and port, in any
    /// case and with any name of the default registry; of several the shortest, which is nearest to the bare host.
    pub(super) fn find(&self, host: &Host) -> Option<(&str, &Entry)> {
        let exact = self.0.get_key_value(host.credential_key());
        let same_host = || self.0.iter().filter(|(key, _)| names(key, host)).min_by_key(|(key, _)| key.len());
        exact.or_else(same_host).map(|(key, entry)| (key.as_str(), entry))
    }
}

fn names(key: &str, host: &Host) -> bool {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    let name = rest.split_once('/').map_or(rest, |(name, _)| name);
    name.parse::<Host>().is_ok_and(|named| named == *host)
}

impl Entry {
    /// The entry's credential; [`Credential::Anonymous`] for an empty one, which Docker writes beside a `credsStore`.
    ///
    /// # Errors
    /// When the entry cannot be used.
    pub(super) fn credential(&self) -> Result<Credential, EntryError> {
        let (username, password) =
            if is_empty(&self.auth) { (self.username.clone(), self.password.clone()) } else { decode(&self.auth)? };
        if !is_empty(&self.identitytoken) {
            Ok(Credential::IdentityToken(self.identitytoken.clone()))
        } else if !username.is_empty() || !is_empty(&password) {
            Ok(Credential::Basic { username, password })
        } else if !is_empty(&self.registrytoken) {
            Err(EntryError::RegistryToken)
        } else {
            Ok(Credential::Anonymous)
        }
    }
}

/// Whether a secret is the empty text, which Docker uses for its absence.
pub(super) fn is_empty(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}

fn decode(auth: &SecretString) -> Result<(String, SecretString), EntryError> {
    let bytes = STANDARD.decode(auth.expose_secret().trim()).map_err(|_| EntryError::Encoding)?;
    let text = SecretString::from(String::from_utf8(bytes).map_err(|_| EntryError::Encoding)?);
    match text.expose_secret().split_once(':') {
        // An old version of Docker padded passwords with NULs; it trims them since.
        Some((user, password)) if !user.is_empty() => Ok((user.to_owned(), password.trim_matches('\0').into())),
        _ => Err(EntryError::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auths(json: &str) -> Auths {
        serde_json::from_str(json).unwrap()
    }

    fn found<'a>(auths: &'a Auths, host: &str) -> Option<&'a str> {
        auths.find(&host.parse().unwrap()).map(|(key, _)| key)
    }

    /// `user:password`, `token=…`, `anonymous` or the error, for comparison.
    fn shown(json: &str) -> String {
        match serde_json::from_str::<Entry>(json).unwrap().credential() {
            Ok(Credential::Anonymous) => "anonymous".to_owned(),
            Ok(Credential::Basic { username, password }) => format!("{username}:{}", password.expose_secret()),
            Ok(Credential::IdentityToken(token)) => format!("token={}", token.expose_secret()),
            Err(e) => e.to_string(),
        }
    }

    fn with_auth(plain: &str) -> String {
        format!(r#"{{"auth":"{}"}}"#, STANDARD.encode(plain))
    }

    #[test]
    fn a_key_is_found_in_all_the_forms_that_tools_write() {
        for (key, host) in [
            ("ghcr.io", "ghcr.io"),
            ("GHCR.io", "ghcr.io"),
            ("https://ghcr.io", "ghcr.io"),
            ("https://ghcr.io/v2/", "ghcr.io"),
            ("http://localhost:5000/v1/", "localhost:5000"),
            ("quay.io/acme", "quay.io"),
            ("https://[::1]:5000", "[::1]:5000"),
            ("https://index.docker.io/v1/", "docker.io"),
            ("index.docker.io", "docker.io"),
            ("docker.io", "docker.io"),
            ("https://registry-1.docker.io/v2/", "docker.io"),
        ] {
            assert_eq!(found(&auths(&format!(r#"{{"{key}":{{}}}}"#)), host), Some(key));
        }
    }

    #[test]
    fn another_host_or_port_is_not_found() {
        for (key, host) in [
            ("localhost:5000", "localhost:5001"),
            ("localhost", "localhost:5000"),
            ("ghcr.io:443", "ghcr.io"),
            ("evilghcr.io", "ghcr.io"),
            ("ghcr.io.evil.example", "ghcr.io"),
            ("evil.example/ghcr.io", "ghcr.io"),
            ("https://ghcr.io@evil.example", "ghcr.io"),
            ("https://evil.example@ghcr.io", "ghcr.io"),
            ("docker.io", "ghcr.io"),
            ("", "ghcr.io"),
        ] {
            assert_eq!(found(&auths(&format!(r#"{{"{key}":{{}}}}"#)), host), None, "{key}");
        }
    }

    #[test]
    fn the_exact_key_comes_before_similar_ones_and_the_bare_host_before_paths() {
        let all = auths(r#"{"https://ghcr.io":{},"ghcr.io":{},"GHCR.IO":{}}"#);
        assert_eq!(found(&all, "ghcr.io"), Some("ghcr.io"));
        let all = auths(r#"{"https://index.docker.io/v1/access-token":{},"https://index.docker.io/v1/":{}}"#);
        assert_eq!(found(&all, "docker.io"), Some("https://index.docker.io/v1/"));
        assert_eq!(found(&auths(r#"{"quay.io/a/b":{},"quay.io/a":{}}"#), "quay.io"), Some("quay.io/a"));
    }

    #[test]
    fn an_entry_is_read_as_docker_reads_it() {
        for (json, expected) in [
            ("{}".to_owned(), "anonymous"),
            (r#"{"auth":null,"email":"a@b"}"#.to_owned(), "anonymous"),
            (with_auth("ann:secret"), "ann:secret"),
            (with_auth("ann:se:cr:et"), "ann:se:cr:et"),
            (with_auth("ann:secret\0\0"), "ann:secret"),
            (with_auth("ann:"), "ann:"),
            (with_auth("_json_key:{\"a\": \"ü\"}"), "_json_key:{\"a\": \"ü\"}"),
            (r#"{"username":"ann","password":"p"}"#.to_owned(), "ann:p"),
            (r#"{"auth":"YW5uOnA=","username":"bob","password":"q"}"#.to_owned(), "ann:p"),
            (r#"{"auth":"YW5uOnA=","identitytoken":"t"}"#.to_owned(), "token=t"),
            (r#"{"auth":"YW5uOnA=","registrytoken":"r"}"#.to_owned(), "ann:p"),
        ] {
            assert_eq!(shown(&json), expected, "{json}");
        }
    }

    #[test]
    fn an_entry_that_cannot_be_used_is_an_error_without_its_secret() {
        for json in [
            r#"{"auth":"s3cret!"}"#.to_owned(),
            with_auth("s3cret"),
            with_auth(":s3cret"),
            r#"{"auth":"/////w=="}"#.to_owned(),
            r#"{"registrytoken":"s3cret"}"#.to_owned(),
        ] {
            let error = serde_json::from_str::<Entry>(&json).unwrap().credential().err().expect(&json);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{json}");
        }
    }
}
