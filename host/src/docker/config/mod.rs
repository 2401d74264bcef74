//! Docker's configuration: `config.json` and `DOCKER_AUTH_CONFIG`.
//!
//! Follows `cli/config/configfile/file.go` of <https://github.com/docker/cli>; described for users at
//! <https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties>.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::auths::{Auths, Entry, EntryError};
use super::helper::{HelperError, Helpers};
use super::json_file::{FileError, Position, object, or_default, read_json};
use crate::credential::Credential;
use crate::environment::{EnvVars, Environment};
use crate::error::Explain;
use crate::image::Host;
use crate::text::Escaped;

/// The configuration of Docker's command line. Deliberately without `Debug`: it holds secrets.
pub(crate) struct Configuration {
    /// `$DOCKER_CONFIG` or `~/.docker`; absent for a user without a home directory.
    directory: Option<PathBuf>,
    /// The credentials of `DOCKER_AUTH_CONFIG`.
    overlay: Auths,
    file: File,
    helpers: Helpers,
}

/// The members of `config.json` that matter here.
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

/// `DOCKER_AUTH_CONFIG`, of which Docker reads `auths` alone.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Overlay {
    #[serde(deserialize_with = "or_default")]
    auths: Auths,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum ConfigError {
    /// `config.json`.
    #[error(transparent)]
    #[explain(transparent)]
    File(#[from] FileError),
    /// The environment variable.
    #[error("`DOCKER_AUTH_CONFIG` is not a valid configuration: it is wrong at {0}")]
    #[explain(kind = Usage, hint = r#"it looks like `{{"auths":{{"registry.example.com":{{"auth":"…"}}}}}}`"#)]
    Variable(Position),
}

/// Configured credentials that cannot be used.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum CredentialError {
    /// A broken entry among the plain credentials.
    #[error("the credentials for `{key}` in {origin} cannot be used: {reason}")]
    #[explain(kind = Auth, hint = reason.hint().map(String::from))]
    Entry {
        /// The file or variable that holds the entry, in quotes.
        origin: Escaped,
        /// The entry's key.
        key: Escaped,
        /// The entry's mistake.
        reason: EntryError,
    },
    /// The configured credential helper.
    #[error(transparent)]
    #[explain(transparent)]
    Helper(#[from] HelperError),
}

impl Configuration {
    /// Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`, and `DOCKER_AUTH_CONFIG`. An absent one counts
    /// as empty.
    ///
    /// # Errors
    /// When one of them exists and is unreadable or malformed. (Docker warns about the variable and goes on without it;
    /// a push should not start with other credentials than the user configured.)
    pub(crate) fn load(environment: &Environment) -> Result<Self, ConfigError> {
        let home = || Some(environment.home()?.join(".docker"));
        let directory = environment.path(EnvVars::DOCKER_CONFIG).or_else(home);
        let file = match &directory {
            Some(directory) => read_json(&directory.join("config.json"))?.unwrap_or_default(),
            None => File::default(),
        };
        let overlay = match environment.text(EnvVars::DOCKER_AUTH_CONFIG) {
            Some(json) => object(json.as_bytes()).map_err(ConfigError::Variable)?,
            None => Overlay::default(),
        };
        let helpers = Helpers::new(environment.get(EnvVars::PATH).unwrap_or_default());
        Ok(Self { directory, overlay: overlay.auths, file, helpers })
    }

    /// The credentials for a registry, in Docker's order: `DOCKER_AUTH_CONFIG`, then the host's own helper
    /// (`credHelpers`, under exactly Docker's key), then the helper for all hosts (`credsStore`), and only if no helper
    /// is configured the plain `auths`. An empty helper's name counts as no helper. [`Credential::Anonymous`] if the
    /// helper has no credentials for the host, or the host is not configured.
    ///
    /// # Errors
    /// When the first source in this order is broken; the next one is not tried then.
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

    /// The context of `docker context use`.
    pub(super) fn current_context(&self) -> Option<&str> {
        Some(self.file.current_context.as_str()).filter(|name| !name.is_empty())
    }

    /// The directory of Docker's configuration and contexts.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    fn path(&self) -> PathBuf {
        self.directory.clone().unwrap_or_default().join("config.json")
    }
}

fn plain((key, entry): (&str, &Entry), origin: impl Fn() -> String) -> Result<Credential, CredentialError> {
    entry.credential().map_err(|reason| CredentialError::Entry { origin: origin().into(), key: key.into(), reason })
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
