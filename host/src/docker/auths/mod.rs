//! The member `auths` of Docker's configuration: plain credentials by registry.
//!
//! Follows `cli/config/configfile/file.go` and `cli/config/credentials/file_store.go` of
//! <https://github.com/docker/cli>.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::credential::Credential;
use crate::error::Explain;
use crate::image::{Host, Repository};
use crate::json;

/// Credentials by key. A key is a host, a host with a path that repositories lie below (containers-auth.json(5)), or a
/// URL with that host as older versions of Docker and other tools write it.
#[derive(Default, Deserialize)]
pub(super) struct Auths(BTreeMap<String, Slot>);

/// An entry that may be of another form, which matters only where it is needed.
#[derive(Deserialize)]
struct Slot(#[serde(deserialize_with = "json::if_valid")] Option<Entry>);

/// The credentials under one key. The members `email` and `serveraddress` have nothing to do with access and are
/// ignored.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    #[serde(deserialize_with = "secret")]
    auth: SecretString,
    username: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    identitytoken: SecretString,
    #[serde(deserialize_with = "secret")]
    registrytoken: SecretString,
    /// It is not an object of texts.
    #[serde(skip)]
    is_malformed: bool,
}

/// An entry that is for a repository.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    /// Its key.
    pub(super) key: &'a str,
    /// The entry.
    pub(super) entry: &'a Entry,
    /// Whether it is for a path on the host, so that it is more exact than what is there for the host.
    pub(super) is_for_path: bool,
}

/// An entry that cannot be used. It names the mistake and never quotes the entry.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Auth, hint = "run `docker login` for this registry again")]
pub(crate) enum EntryError {
    /// It is no object of texts.
    #[error("it is not an object with `auth`")]
    Malformed,
    /// `auth` is not base64.
    #[error("`auth` is not base64")]
    Encoding,
    /// The decoded `auth` is not UTF-8 text.
    #[error("`auth` does not decode to UTF-8 text")]
    Text,
    /// The decoded `auth` is not `user:password`.
    #[error("`auth` does not decode to `user:password`")]
    Form,
    /// A `registrytoken` alone: a token of a registry's token server, for one scope and some minutes. Docker's own
    /// login never stores one.
    #[error("it has a `registrytoken` only, which lasts for minutes and is not supported")]
    RegistryToken,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

/// Stands for an entry that could not be read.
static MALFORMED: LazyLock<Entry> = LazyLock::new(|| Entry { is_malformed: true, ..Entry::default() });

impl Auths {
    /// The entry for a repository, or for the whole registry.
    ///
    /// First comes the longest path that the repository is, or lies below. Next is Docker's own key of the host, then
    /// keys that have the same host and port in any case, with any scheme and with any name of the default registry; of
    /// several the shortest, which is nearest to the bare host. The path of a URL, which old versions of Docker wrote,
    /// limits nothing. Last come patterns such as `*.gcr.io`, which Kubernetes has in such files, the longest first.
    pub(super) fn find(&self, host: &Host, repository: Option<&Repository>) -> Option<Found<'_>> {
        let found = |key: &str, is_for_path| {
            let (key, slot) = self.0.get_key_value(key)?;
            Some(Found { key, entry: slot.0.as_ref().unwrap_or(&MALFORMED), is_for_path })
        };
        let keys = || self.0.keys().filter(|key| Self::names(key, host)).map(String::as_str);
        let is_above = |key: &&str| {
            let path = path(key);
            !path.is_empty() && repository.is_some_and(|repository| repository.is_within(path))
        };
        let below = keys().filter(is_above).max_by_key(|key| path(key).len());
        if let Some(key) = below {
            return found(key, true);
        }
        let is_hosts = |key: &&str| is_url(key) || path(key).is_empty();
        found(host.credential_key(), false)
            .or_else(|| found(keys().filter(is_hosts).min_by_key(|key| key.len())?, false))
            .or_else(|| {
                let fits = |key: &&String| is_pattern_of(key, host, repository);
                found(self.0.keys().filter(fits).max_by_key(|key| key.len())?, false)
            })
    }

    /// The entries that can't be used, by their keys.
    pub(super) fn faults(&self) -> impl Iterator<Item = (&str, EntryError)> {
        let entries = self.0.iter().map(|(key, slot)| (key, slot.0.as_ref().unwrap_or(&MALFORMED)));
        entries.filter_map(|(key, entry)| Some((key.as_str(), entry.credential().err()?)))
    }

    /// Whether a key has this host and port.
    pub(super) fn names(key: &str, host: &Host) -> bool {
        let (name, _) = split(key);
        name.parse::<Host>().is_ok_and(|named| named == *host)
    }
}

/// Whether a key is a pattern that a host fits, with a path that the repository lies below, as the kubelet reads it
/// (<https://kubernetes.io/docs/concepts/containers/images/#config-json>): as many labels, a `*` for any part of one,
/// and the same port. One `*` in a label is enough for every pattern that is seen.
fn is_pattern_of(key: &str, host: &Host, repository: Option<&Repository>) -> bool {
    let (name, path) = (split(key).0, path(key));
    let (name, port) = name.rsplit_once(':').map_or((name, None), |(name, port)| (name, Some(port)));
    let fits = |(pattern, label): (&str, &str)| match pattern.split_once('*') {
        None => pattern.eq_ignore_ascii_case(label),
        Some((start, end)) => label.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
    };
    let (labels, of_host) = (name.split('.'), host.name().split('.'));
    name.contains('*')
        && port == host.port().map(|port| port.to_string()).as_deref()
        && labels.clone().count() == of_host.clone().count()
        && labels.zip(of_host).all(fits)
        && (path.is_empty() || repository.is_some_and(|repository| repository.is_within(path)))
}

/// A key without its scheme, at the first slash.
fn split(key: &str) -> (&str, &str) {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split_once('/').unwrap_or((rest, ""))
}

fn is_url(key: &str) -> bool {
    key.contains("://")
}

/// The path of a key, without slashes at its ends and without that of the API.
fn path(key: &str) -> &str {
    let path = split(key).1.trim_matches('/');
    if matches!(path, "v1" | "v2") { "" } else { path }
}

impl Entry {
    /// The entry's credential; [`Credential::Anonymous`] for an empty one, which Docker writes beside a `credsStore`.
    ///
    /// # Errors
    /// When the entry cannot be used.
    pub(super) fn credential(&self) -> Result<Credential, EntryError> {
        if self.is_malformed {
            return Err(EntryError::Malformed);
        }
        let beside = || (self.username.clone(), self.password.clone());
        let (username, password) = match decode(&self.auth) {
            _ if is_empty(&self.auth) => beside(),
            // The same in plain text, which older versions of Docker wrote.
            Err(_) if !self.username.is_empty() && !is_empty(&self.password) => beside(),
            decoded => decoded?,
        };
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

/// The alphabet of `auth`. Docker Desktop leaves the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn decode(auth: &SecretString) -> Result<(String, SecretString), EntryError> {
    // The command `base64` breaks lines after 76 characters; other programs write the alphabet that is safe in URLs.
    let letters = auth.expose_secret().chars().filter(|letter| !letter.is_ascii_whitespace());
    let letters: Zeroizing<String> = letters
        .map(|letter| match letter {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect::<String>()
        .into();
    let bytes = BASE64.decode(letters.as_bytes()).map_err(|_| EntryError::Encoding)?;
    let text = SecretString::from(String::from_utf8(bytes).map_err(|_| EntryError::Text)?);
    match text.expose_secret().split_once(':') {
        // An old version of Docker padded passwords with NULs; it trims them since.
        Some((user, password)) if !user.is_empty() => Ok((user.to_owned(), password.trim_matches('\0').into())),
        _ => Err(EntryError::Form),
    }
}

#[cfg(test)]
mod tests;
