//! The logins that a builder gets: those for the registries of the images that it builds from, and none for the
//! registries that the result is pushed to, which crhost alone logs in to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::error::BuildError;
use super::temporary;
use crate::bounded;
use crate::credential::Credential;
use crate::docker;
use crate::image::{Host, Reference};
use crate::json;

/// Largest `config.json` that is copied, in bytes.
const MAX_CONFIG: usize = 4 << 20;

/// Logins for pulls. Deliberately without `Debug`.
pub(super) struct Logins(Vec<(Host, Credential)>);

impl Logins {
    /// The logins for the registries of these images, but for those that are pushed to. Builders know one for each
    /// host.
    pub(super) async fn find(
        login: impl AsyncFn(&Host, &BTreeSet<Reference>) -> Credential,
        images: BTreeSet<Reference>,
        targets: &BTreeSet<Host>,
    ) -> Self {
        let mut of_hosts: BTreeMap<Host, BTreeSet<Reference>> = BTreeMap::new();
        for image in images {
            of_hosts.entry(image.host().clone()).or_default().insert(image);
        }
        let mut logins = Vec::new();
        for (host, images) in of_hosts {
            if targets.contains(&host) {
                tracing::debug!("the builder gets no login for `{host}`, which is pushed to");
                continue;
            }
            let found = login(&host, &images).await;
            if !found.is_anonymous() {
                logins.push((host, found));
            }
        }
        Self(logins)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the session of BuildKit: an identity token has no user name there.
    pub(super) fn served(&self) -> Vec<(Host, String, SecretString)> {
        let one = |(host, credential): &(Host, Credential)| {
            let (user, secret) = parts(credential)?;
            Some((host.clone(), user.unwrap_or_default().to_owned(), secret.clone()))
        };
        self.0.iter().filter_map(one).collect()
    }

    /// For the classic builder: the header `X-Registry-Config`; absent if there are none.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        if self.is_empty() {
            return None;
        }
        let all: Map<String, Value> = self.entries(|user, secret| match user {
            Some(user) => json!({"username": user, "password": secret}),
            None => json!({"identitytoken": secret}),
        });
        docker::login_header(&Value::Object(all)).ok()
    }

    /// For a program: a directory in the place of Docker's own, with all that is in it but the logins. It goes away
    /// with the build. Its `config.json` serves Podman and Buildah as their file of logins, too.
    ///
    /// # Errors
    /// When nothing can be kept.
    pub(super) fn directory(&self, own: Option<&Path>) -> Result<TempDir, BuildError> {
        let directory = temporary::directory()?;
        let mut config = Map::new();
        if let Some(own) = own {
            #[cfg(unix)]
            for entry in fs::read_dir(own).into_iter().flatten().flatten() {
                // Builders of buildx, contexts, plugins and certificates: they stay where they are.
                if entry.file_name() != CONFIG {
                    let link = directory.path().join(entry.file_name());
                    std::os::unix::fs::symlink(entry.path(), link).map_err(BuildError::keep)?;
                }
            }
            let file = fs::File::open(own.join(CONFIG)).ok();
            let text = file.and_then(|file| bounded::read(file, MAX_CONFIG).ok());
            config = text.and_then(|text| json::read(&text).ok()).unwrap_or_default();
            for logins in ["auths", "credsStore", "credHelpers"] {
                config.remove(logins);
            }
        }
        let auths = self.entries(|user, secret| match user {
            Some(user) => json!({"auth": STANDARD.encode(format!("{user}:{secret}"))}),
            None => json!({"auth": STANDARD.encode("<token>:"), "identitytoken": secret}),
        });
        config.insert("auths".to_owned(), Value::Object(auths));
        temporary::write(&directory.path().join(CONFIG), Value::Object(config).to_string().as_bytes())?;
        Ok(directory)
    }

    fn entries(&self, entry: impl Fn(Option<&str>, &str) -> Value) -> Map<String, Value> {
        let one = |(host, credential): &(Host, Credential)| {
            let (user, secret) = parts(credential)?;
            Some((host.credential_key().to_owned(), entry(user, secret.expose_secret())))
        };
        self.0.iter().filter_map(one).collect()
    }
}

/// Docker's configuration file.
pub(super) const CONFIG: &str = "config.json";

/// A user name and a password, or an identity token alone.
fn parts(credential: &Credential) -> Option<(Option<&str>, &SecretString)> {
    match credential {
        Credential::Anonymous => None,
        Credential::Basic { username, password } => Some((Some(username), password)),
        Credential::IdentityToken(token) => Some((None, token)),
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE;

    use super::*;
    use crate::docker::Configuration;
    use crate::environment::Environment;

    #[tokio::test]
    async fn a_builder_gets_the_logins_for_what_it_pulls_and_none_for_what_is_pushed() {
        let own = tempfile::tempdir().unwrap();
        let auth = |user: &str| json!({"auth": STANDARD.encode(format!("{user}:pw-{user}"))});
        let config = json!({
            "auths": {"base.example.com": auth("base"), "prod.example.com": auth("prod"), "x.example.com": auth("x")},
            "credsStore": "", "currentContext": "far",
        });
        fs::write(own.path().join(CONFIG), config.to_string()).unwrap();
        fs::create_dir(own.path().join("contexts")).unwrap();
        let environment: Environment = [("DOCKER_CONFIG", own.path())].into_iter().collect();
        let docker = Configuration::load(&environment);
        let host = |text: &str| text.parse::<Host>().unwrap();
        let image = |text: &str| text.parse::<Reference>().unwrap();
        let images = BTreeSet::from(["base.example.com/x", "prod.example.com/x"].map(image));
        let login = async |host: &Host, _: &BTreeSet<Reference>| docker.credential(host, None).await.credential;
        let logins = Logins::find(login, images, &BTreeSet::from([host("prod.example.com")])).await;
        let directory = logins.directory(Some(own.path())).unwrap();
        let text = fs::read_to_string(directory.path().join(CONFIG)).unwrap();
        let written: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(written, json!({"auths": {"base.example.com": auth("base")}, "currentContext": "far"}));
        assert!(directory.path().join("contexts").is_dir());
        #[cfg(unix)]
        for path in [directory.path().to_owned(), directory.path().join(CONFIG)] {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o077, 0, "{path:?}: {mode:o}");
        }
        let header = URL_SAFE.decode(logins.header().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header, json!({"base.example.com": {"username": "base", "password": "pw-base"}}));
        assert_eq!(logins.served().len(), 1);
    }
}
