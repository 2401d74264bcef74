//! The configuration of Docker's command line and of its kin: `config.json`, `DOCKER_AUTH_CONFIG`, `auth.json`.
//!
//! Follows `cli/config/configfile/file.go` of <https://github.com/docker/cli>, described for users at
//! <https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties>, and
//! containers-auth.json(5) of Podman and skopeo.
//!
//! What can't be read or asked is told in a warning and kept: it is an error only where the registry turns out to want
//! credentials. Left-over settings of another machine then stop no push to a registry that wants none.

pub(super) mod audit;
mod error;
mod file;
pub(super) mod places;

use std::path::{Path, PathBuf};

use super::auths::Found;
use super::helper::Helpers;
use super::json_file;
use crate::credential::Credential;
use crate::environment::{EnvVars, Environment};
use crate::image::{Host, Repository};
use crate::text::Escaped;
pub(crate) use error::{ConfigError, CredentialError};
use file::File;

/// The configuration of Docker's command line. Deliberately without `Debug`: it holds secrets.
pub(crate) struct Configuration {
    /// `$DOCKER_CONFIG` or `~/.docker`; absent for a user without a home directory.
    directory: Option<PathBuf>,
    /// The credentials of `DOCKER_AUTH_CONFIG`.
    overlay: File,
    /// The files in the order in which they are looked at, which is that of containers-auth.json(5).
    files: Vec<(Escaped, File)>,
    /// The names of all files that are looked at, in that order, whether they are there or not.
    looked_at: Vec<Escaped>,
    /// Why Docker's own file has no context.
    broken_file: Option<ConfigError>,
    /// All that can't be used.
    broken: Vec<ConfigError>,
    helpers: Helpers,
}

/// What is configured for a repository.
pub(crate) struct Configured {
    /// The credential.
    pub(crate) credential: Credential,
    /// Where it is from, such as `` `~/.docker/config.json` ``; absent where there is none.
    pub(crate) origin: Option<Escaped>,
    /// Why there is none, or no better one, where something is broken.
    pub(crate) failure: Option<CredentialError>,
    /// The places that were looked at, in their order.
    pub(crate) looked_at: Vec<Escaped>,
}

/// The result of a search.
enum Search {
    /// A credential, and where it is from.
    Found(Credential, Escaped),
    Nothing,
    /// What there is depends on a helper, which was not to be asked.
    Helper,
}

impl Configuration {
    /// Reads `DOCKER_AUTH_CONFIG`, the files of Podman and skopeo, and `$DOCKER_CONFIG/config.json`, else
    /// `~/.docker/config.json`. An absent one counts as empty, and so does one that can't be used, with a warning.
    #[must_use]
    pub(crate) fn load(environment: &Environment) -> Self {
        let directory = places::of_docker(environment);
        let helpers = Helpers::new(environment);
        let (overlay, files, looked_at, broken_file, broken) =
            (File::default(), Vec::new(), Vec::new(), None, Vec::new());
        let mut all = Self { directory, overlay, files, looked_at, broken_file, broken, helpers };
        if let Some(text) = environment.text(EnvVars::DOCKER_AUTH_CONFIG) {
            all.looked_at.push("`DOCKER_AUTH_CONFIG`".into());
            all.overlay = all.usable(variable(&text)).unwrap_or_default();
        }
        let own = all.directory.clone();
        for path in places::of_credentials(environment, own.as_deref()) {
            let docker = own.as_deref().filter(|own| path.parent() == Some(*own));
            let read = docker.map_or_else(|| read(&path), |directory| read_dockers(directory, &path));
            if docker.is_some() {
                all.broken_file = read.as_ref().err().cloned();
            }
            all.add(environment, &path, read);
        }
        all
    }

    fn add(&mut self, environment: &Environment, path: &Path, read: Result<Option<File>, ConfigError>) {
        let shown = places::shown(environment, path);
        self.looked_at.push(shown.clone());
        if let Some(file) = self.usable(read).flatten() {
            if file.is_bare && !path.ends_with(places::OLD_FILE) {
                tracing::warn!("`{}` has no `auths` around its registries; it is read as if it had", path.display());
            }
            self.files.push((shown, file));
        }
    }

    /// The value, or a warning.
    fn usable<T>(&mut self, read: Result<T, ConfigError>) -> Option<T> {
        read.inspect_err(|error| {
            tracing::warn!("{error}; it is not used");
            self.broken.push(error.clone());
        })
        .ok()
    }

    /// The credentials for a repository of a registry, or for the whole registry, in this order: an entry of
    /// `DOCKER_AUTH_CONFIG`, and its helper, as GitLab's runner reads it; then of each file an entry of `auths` for a
    /// path that the repository lies below, the host's own helper (`credHelpers`) or the one for all hosts
    /// (`credsStore`), and the entry for the host.
    pub(crate) async fn credential(&self, host: &Host, repository: Option<&Repository>) -> Configured {
        let mut failure = None;
        let name = repository.map_or_else(|| host.to_string(), |repository| format!("{host}/{repository}"));
        let (credential, origin) = match self.search(host, repository, &mut failure, true).await {
            Search::Found(credential, origin) => (credential, Some(origin)),
            Search::Nothing | Search::Helper => (Credential::Anonymous, None),
        };
        match &origin {
            Some(origin) => tracing::info!("credentials for `{name}`: {}", credential.of(origin)),
            None => tracing::info!("no credentials for `{name}` in Docker's configuration"),
        }
        match (&origin, &failure) {
            (Some(origin), Some(failure)) => tracing::warn!("{failure}; the credentials in {origin} are used instead"),
            (None, Some(failure)) => tracing::warn!("{failure}; the registry is asked without credentials"),
            (_, None) => {}
        }
        let failure = failure.or_else(|| self.broken.first().cloned().map(CredentialError::from));
        Configured { credential, origin, failure, looked_at: self.looked_at.clone() }
    }

    /// Whether a helper has to be asked for a repository's credentials. Some take a minute to find out that they have
    /// none, for a registry that may want none.
    pub(crate) async fn needs_helper(&self, host: &Host, repository: Option<&Repository>) -> bool {
        matches!(self.search(host, repository, &mut None, false).await, Search::Helper)
    }

    async fn search(
        &self,
        host: &Host,
        repository: Option<&Repository>,
        failure: &mut Option<CredentialError>,
        asks_helpers: bool,
    ) -> Search {
        let variable: Escaped = "`DOCKER_AUTH_CONFIG`".into();
        if let Some(found) = self.overlay.auths.find(host, repository) {
            // An entry without credentials says that there are none, whatever the files have.
            return plain(found, &variable, failure)
                .map_or(Search::Nothing, |credential| Search::Found(credential, variable));
        }
        for (origin, file) in std::iter::once((&variable, &self.overlay)).chain(self.files.iter().map(|(o, f)| (o, f)))
        {
            let entry = file.auths.find(host, repository);
            let usable = |found, failure: &mut _| {
                plain(found, origin, failure).filter(|credential| !matches!(credential, Credential::Anonymous))
            };
            let for_path = entry.filter(|found| found.is_for_path).and_then(|found| usable(found, failure));
            if let Some(credential) = for_path {
                return Search::Found(credential, origin.clone());
            }
            if let Some(name) = file.helper(host) {
                if !asks_helpers {
                    return Search::Helper;
                }
                match self.helpers.get(name, host.credential_key()).await {
                    Ok(Some(credential)) => {
                        let origin = format!("the helper `docker-credential-{name}`");
                        return Search::Found(credential, origin.into());
                    }
                    Ok(None) => {}
                    Err(error) => _ = failure.get_or_insert(error.into()),
                }
            }
            if let Some(credential) = entry.filter(|found| !found.is_for_path).and_then(|found| usable(found, failure))
            {
                return Search::Found(credential, origin.clone());
            }
        }
        Search::Nothing
    }

    /// The context of `docker context use`.
    ///
    /// # Errors
    /// When the file that would tell it can't be used.
    pub(super) fn current_context(&self) -> Result<Option<&str>, ConfigError> {
        if let Some(error) = &self.broken_file {
            return Err(error.clone());
        }
        let contexts = self.files.iter().map(|(_, file)| file.current_context.as_str());
        Ok(contexts.into_iter().find(|name| !name.is_empty()))
    }

    /// The directory of Docker's configuration and contexts.
    pub(crate) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }
}

/// Reads Docker's own file in its directory.
fn read_dockers(directory: &Path, path: &Path) -> Result<Option<File>, ConfigError> {
    // Not `path.is_file()`: what can't be looked at is no reason to say that it is a file.
    match std::fs::metadata(directory) {
        Ok(found) if found.is_file() => Err(ConfigError::NoDirectory(directory.into())),
        Err(_) if directory.starts_with("~") => Err(ConfigError::Tilde(directory.into())),
        _ => read(path),
    }
}

fn read(path: &Path) -> Result<Option<File>, ConfigError> {
    let parse = |text: Vec<u8>| {
        File::parse(&text).map_err(|reason| json_file::FileError::Malformed { path: path.into(), reason })
    };
    Ok(json_file::read(path)?.map(parse).transpose()?)
}

/// The content of `DOCKER_AUTH_CONFIG`.
fn variable(text: &str) -> Result<File, ConfigError> {
    // No JSON begins so, and a relative path has no blank and no brace.
    let is_path = text.starts_with(['/', '~']) || (!text.contains(['{', ' ', '\n']) && Path::new(text).exists());
    let file = File::parse(text.as_bytes()).map_err(|reason| match is_path {
        true => ConfigError::VariableIsPath,
        false => ConfigError::Variable(reason),
    })?;
    if file.is_bare {
        tracing::warn!("`DOCKER_AUTH_CONFIG` has no `auths` around its registries; it is read as if it had");
    }
    Ok(file)
}

/// The credential of an entry; what is wrong with it is kept.
fn plain(found: Found<'_>, origin: &Escaped, failure: &mut Option<CredentialError>) -> Option<Credential> {
    let broken = |reason| CredentialError::Entry { origin: origin.clone(), key: found.key.into(), reason };
    found.entry.credential().map_err(|reason| failure.get_or_insert(broken(reason))).ok()
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
