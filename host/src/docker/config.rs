//! Docker's configuration: `config.json` and `DOCKER_AUTH_CONFIG`.
//!
//! Follows `cli/config/configfile/file.go` of <https://github.com/docker/cli>; described for users at
//! <https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::auths::{Auths, Entry, EntryError, or_default};
use super::environment::Environment;
use super::file::{FileError, Place, object, read_json};
use super::helper::{HelperError, Helpers};
use crate::credential::Credential;
use crate::error::{Explain, Kind};
use crate::image::Host;

/// What Docker's command line was told on this machine. Deliberately without `Debug`: it holds secrets.
pub(crate) struct Configuration {
    /// `$DOCKER_CONFIG` or `~/.docker`; nothing for a user without a home.
    directory: Option<PathBuf>,
    overlay: Auths,
    file: File,
    helpers: Helpers,
}

/// The members of `config.json` that matter here; all others are left to Docker.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    #[serde(deserialize_with = "or_default")]
    auths: Auths,
    #[serde(deserialize_with = "or_default")]
    cred_helpers: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    creds_store: String,
    #[serde(deserialize_with = "or_default")]
    current_context: String,
}

/// `DOCKER_AUTH_CONFIG`: only `auths` counts in it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Overlay {
    #[serde(deserialize_with = "or_default")]
    auths: Auths,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// `config.json`.
    #[error(transparent)]
    File(#[from] FileError),
    /// The environment variable.
    #[error("`DOCKER_AUTH_CONFIG` is not a valid configuration: it is wrong at {0}")]
    Variable(Place),
}

impl Explain for ConfigError {
    fn kind(&self) -> Kind {
        match self {
            Self::File(e) => e.kind(),
            Self::Variable(_) => Kind::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::File(e) => e.hint(),
            Self::Variable(_) => Some(r#"it looks like `{"auths":{"registry.example.com":{"auth":"…"}}}`"#.to_owned()),
        }
    }
}

/// Credentials that are configured but cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialError {
    /// A broken entry among the plain credentials.
    #[error("the credentials for `{key}` in {origin} cannot be used: {reason}")]
    Entry {
        /// Where the entry stands.
        origin: String,
        /// The key it has there.
        key: String,
        /// What is wrong with it.
        reason: EntryError,
    },
    /// The credential helper that the configuration names.
    #[error(transparent)]
    Helper(#[from] HelperError),
}

impl Explain for CredentialError {
    fn kind(&self) -> Kind {
        Kind::Auth
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Entry { reason, .. } => reason.hint(),
            Self::Helper(e) => e.hint(),
        }
    }
}

impl Configuration {
    /// Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`, and `DOCKER_AUTH_CONFIG`. What is absent is
    /// empty.
    ///
    /// # Errors
    /// When one of them is there and unreadable or malformed. (Docker itself only warns about the variable and goes on
    /// without it; a push should not start with other credentials than those that were meant.)
    pub(crate) fn load(environment: &Environment) -> Result<Self, ConfigError> {
        let directory = environment.docker_directory();
        let file = match &directory {
            Some(directory) => read_json(&directory.join("config.json"))?.unwrap_or_default(),
            None => File::default(),
        };
        let overlay = match environment.text("DOCKER_AUTH_CONFIG") {
            Some(json) => object(json.as_bytes()).map_err(ConfigError::Variable)?,
            None => Overlay::default(),
        };
        let helpers = Helpers::new(environment.get("PATH").unwrap_or_default());
        Ok(Self { directory, overlay: overlay.auths, file, helpers })
    }

    /// The credentials for a registry, in Docker's order: `DOCKER_AUTH_CONFIG`, then the host's own helper
    /// (`credHelpers`, under exactly Docker's key), then the helper for all hosts (`credsStore`), and only if no helper
    /// is configured the plain `auths`. A helper's empty name means none, and a helper that knows nothing of the host
    /// means [`Credential::Anonymous`], as does a host that is named nowhere.
    ///
    /// # Errors
    /// When the place that comes first in this order is broken; the next one is not tried then.
    pub(crate) async fn credential(&self, host: &Host) -> Result<Credential, CredentialError> {
        if let Some(found) = self.overlay.find(host) {
            return plain(found, || "`DOCKER_AUTH_CONFIG`".to_owned());
        }
        let key = host.credential_key();
        let helper = self.file.cred_helpers.get(key).unwrap_or(&self.file.creds_store);
        if !helper.is_empty() {
            return Ok(self.helpers.get(helper, key).await?.unwrap_or(Credential::Anonymous));
        }
        match self.file.auths.find(host) {
            Some(found) => plain(found, || format!("`{}`", self.path().display())),
            None => Ok(Credential::Anonymous),
        }
    }

    /// The context that `docker context use` chose.
    pub(super) fn current_context(&self) -> Option<&str> {
        Some(self.file.current_context.as_str()).filter(|name| !name.is_empty())
    }

    /// Where Docker keeps its configuration and contexts.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    fn path(&self) -> PathBuf {
        self.directory.clone().unwrap_or_default().join("config.json")
    }
}

fn plain((key, entry): (&str, &Entry), origin: impl Fn() -> String) -> Result<Credential, CredentialError> {
    entry.credential().map_err(|reason| CredentialError::Entry { origin: origin(), key: key.to_owned(), reason })
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
