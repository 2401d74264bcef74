//! A Secret that pulls images: type `kubernetes.io/dockerconfigjson`, with the end of its credentials.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::error::KubernetesError;
use super::names::{Namespace, ObjectName};
use crate::access::RegistryLogin;
use crate::credential::Credential;
use crate::store::RegistryRecord;

/// A registry with its credentials.
pub(crate) struct Entry {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// Its credentials.
    pub(crate) login: RegistryLogin,
}

/// The manifest of a Secret (`core/v1`). Without `Debug`: it has passwords.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Secret {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    /// Such a Secret has this type for ever.
    r#type: &'static str,
    data: Data,
}

/// What is known of an object.
#[derive(Serialize)]
struct Metadata {
    name: ObjectName,
    /// The namespace; without one, it is that of whoever applies the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
    labels: BTreeMap<&'static str, &'static str>,
    annotations: BTreeMap<&'static str, String>,
}

/// Its only member.
#[derive(Serialize)]
struct Data {
    #[serde(rename = ".dockerconfigjson", serialize_with = "exposed")]
    docker_config: SecretString,
}

/// An account in Docker's configuration, as `kubectl create secret docker-registry` writes it.
#[derive(Serialize)]
struct Account<'a> {
    username: &'a str,
    password: &'a str,
    /// Both, for clients that read this alone.
    auth: &'a str,
}

/// Who made the Secret.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "crhost");
/// When the first of its credentials ends, as RFC 3339 has it; absent where no end is known.
const EXPIRES_AT: &str = "crhost/expires-at";
/// The registries whose credentials it has, by their names in crhost.
const REGISTRIES: &str = "crhost/registries";

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

impl Secret {
    /// Its name.
    #[must_use]
    pub(crate) fn name(&self) -> &ObjectName {
        &self.metadata.name
    }

    /// A text of another program without the Secret's data, should it repeat that.
    #[must_use]
    pub(super) fn redacted(&self, text: &str) -> String {
        text.replace(self.data.docker_config.expose_secret(), "…")
    }

    /// Its namespace, where one was named.
    #[must_use]
    pub(crate) fn namespace(&self) -> Option<&Namespace> {
        self.metadata.namespace.as_ref()
    }
}

/// The Secret with the credentials of these registries. `until` is the end of the first of them, as RFC 3339 has it.
///
/// # Errors
/// When there are no credentials for one of them, or the kubelet can't use them.
pub(crate) fn pull_secret(
    name: ObjectName,
    namespace: Option<Namespace>,
    entries: &[Entry],
    until: Option<String>,
) -> Result<Secret, KubernetesError> {
    let mut pairs = Vec::with_capacity(entries.len());
    for Entry { registry, login } in entries {
        let (username, password) = basic(registry, &login.credential)?;
        let pair = Zeroizing::new(format!("{username}:{password}"));
        pairs.push((username, password, Zeroizing::new(STANDARD.encode(pair.as_bytes()))));
    }
    let mut auths = BTreeMap::new();
    let mut owners: BTreeMap<String, &RegistryRecord> = BTreeMap::new();
    for (Entry { registry, .. }, (username, password, auth)) in entries.iter().zip(&pairs) {
        let key = key(registry, entries);
        if let Some(other) = owners.insert(key.clone(), registry) {
            return Err(KubernetesError::SameUri(other.name.clone(), registry.name.clone()));
        }
        auths.insert(key, Account { username, password, auth });
    }
    // Maps of strings, which JSON can always represent.
    let config = Zeroizing::new(serde_json::to_vec(&BTreeMap::from([("auths", auths)])).unwrap_or_default());
    let names: Vec<&str> = entries.iter().map(|entry| entry.registry.name.as_str()).collect();
    let mut annotations = BTreeMap::from([(REGISTRIES, names.join(","))]);
    annotations.extend(until.map(|until| (EXPIRES_AT, until)));
    Ok(Secret {
        api_version: "v1",
        kind: "Secret",
        metadata: Metadata { name, namespace, labels: BTreeMap::from([MANAGED_BY]), annotations },
        r#type: "kubernetes.io/dockerconfigjson",
        data: Data { docker_config: STANDARD.encode(&*config).into() },
    })
}

/// A user name and a password, which is all that the kubelet knows.
///
/// # Errors
/// When there is none, or it is a token of another kind.
pub(super) fn basic<'a>(
    registry: &RegistryRecord,
    credential: &'a Credential,
) -> Result<(&'a str, &'a str), KubernetesError> {
    match credential {
        Credential::Anonymous => Err(KubernetesError::Anonymous(registry.name.clone())),
        Credential::IdentityToken(_) => Err(KubernetesError::IdentityToken(registry.name.clone())),
        Credential::Basic { username, password } => Ok((username, password.expose_secret())),
    }
}

/// The key of a registry's account: its host, which all clients understand; where several accounts share the host, its
/// URI, of which the kubelet takes the longest that an image begins with.
fn key(registry: &RegistryRecord, entries: &[Entry]) -> String {
    let host = registry.uri.host();
    let shares = entries.iter().filter(|entry| entry.registry.uri.host() == host).count() > 1;
    if shares && registry.uri.path().is_some() { registry.uri.to_string() } else { host.credential_key().to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(name: &str, uri: &str, user: &str) -> Entry {
        let password = format!("of-{user}").into();
        let credential = Credential::Basic { username: user.to_owned(), password };
        let login = RegistryLogin { credential, given_at: None, expires_at: None };
        Entry { registry: RegistryRecord::example(name, uri), login }
    }

    fn made(entries: &[Entry], until: Option<&str>) -> Result<Value, KubernetesError> {
        let (name, namespace) = ("pull".parse().unwrap(), Some("team".parse().unwrap()));
        let secret = pull_secret(name, namespace, entries, until.map(str::to_owned))?;
        Ok(serde_json::to_value(secret).unwrap())
    }

    fn auths(entries: &[Entry]) -> Value {
        let secret = made(entries, None).unwrap();
        let config = STANDARD.decode(secret["data"][".dockerconfigjson"].as_str().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&config).unwrap()["auths"].take()
    }

    #[test]
    fn a_secret_says_what_it_is_and_when_it_ends() {
        let mut secret = made(&[entry("a", "ghcr.io/acme", "ann")], Some("2026-11-29T12:00:00Z")).unwrap();
        secret["data"].take();
        assert_eq!(
            secret,
            json!({
                "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "data": null,
                "metadata": {
                    "name": "pull", "namespace": "team",
                    "labels": {"app.kubernetes.io/managed-by": "crhost"},
                    "annotations": {"crhost/expires-at": "2026-11-29T12:00:00Z", "crhost/registries": "a"},
                },
            })
        );
        let secret = made(&[entry("a", "ghcr.io", "ann"), entry("b", "quay.io", "bob")], None).unwrap();
        assert_eq!(secret["metadata"]["annotations"], json!({"crhost/registries": "a,b"}));
    }

    #[test]
    fn an_account_has_the_key_of_its_host_and_of_its_path_where_several_share_the_host() {
        let one = entry("one", "ghcr.io/acme", "ann");
        assert_eq!(
            auths(&[one]),
            json!({"ghcr.io": {"username": "ann", "password": "of-ann", "auth": "YW5uOm9mLWFubg=="}})
        );
        let several = [
            entry("a", "ghcr.io/acme", "ann"),
            entry("m", "ghcr.io/acme/ml", "mel"),
            entry("w", "ghcr.io", "wes"),
            entry("h", "docker.io/acme", "hub"),
            entry("l", "localhost:5000/team", "loc"),
        ];
        let auths = auths(&several);
        let users: BTreeMap<&str, &str> = auths
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| (key.as_str(), value["username"].as_str().unwrap()))
            .collect();
        let expected = [
            ("ghcr.io/acme", "ann"),
            ("ghcr.io/acme/ml", "mel"),
            ("ghcr.io", "wes"),
            ("https://index.docker.io/v1/", "hub"),
            ("localhost:5000", "loc"),
        ];
        assert_eq!(users, BTreeMap::from(expected));
    }

    #[test]
    fn two_accounts_of_one_uri_are_refused_and_so_is_what_the_kubelet_does_not_know() {
        let error = made(&[entry("a", "ghcr.io", "ann"), entry("b", "ghcr.io", "bob")], None).unwrap_err();
        assert!(error.to_string().contains("`a` and `b`"), "{error}");
        for (credential, words) in
            [(Credential::Anonymous, "no credentials"), (Credential::IdentityToken("t".into()), "identity token")]
        {
            let login = RegistryLogin { credential, given_at: None, expires_at: None };
            let error = made(&[Entry { registry: RegistryRecord::example("a", "ghcr.io"), login }], None).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
