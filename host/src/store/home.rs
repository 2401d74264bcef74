//! The directories of crhost.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::data_key::OpenedKey;
use super::key_service::KeyServices;
use super::shared_database::SharedDatabase;
use crate::environment::{EnvVars, Environment};
use crate::error::{Explain, Kind};
use crate::text::{Escaped, Printable};

/// The directories of one user: data that must last, and a cache that may be removed at any time.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    data: PathBuf,
    cache: PathBuf,
    trusted: Option<PathBuf>,
    shared: Option<SharedDatabase>,
}

/// No directory for data.
#[derive(Debug, thiserror::Error, Printable)]
#[error("there is no home directory: expected HOME or CRHOST_HOME to be set")]
pub(crate) struct NoHome;

impl Explain for NoHome {
    fn kind(&self) -> Kind {
        Kind::General
    }

    fn hint(&self) -> Option<Escaped> {
        Some("set CRHOST_HOME to a directory that you may write to".into())
    }
}

impl Home {
    /// `CRHOST_HOME` with everything below it, or the directories of the XDG base directory specification.
    ///
    /// # Errors
    /// When neither is known.
    pub(crate) fn find(environment: &Environment) -> Result<Self, NoHome> {
        let trusted = environment.path(EnvVars::CRHOST_TRUST_DIRECTORY);
        let shared = shared(environment);
        if let Some(home) = environment.path(EnvVars::CRHOST_HOME) {
            return Ok(Self { trusted, shared, ..Self::at(&home) });
        }
        let data = environment.data_directory().ok_or(NoHome)?.join("crhost");
        let cache = environment.cache_directory().ok_or(NoHome)?.join("crhost");
        Ok(Self { data, cache, trusted, shared })
    }

    /// Everything below one directory.
    #[must_use]
    pub(crate) fn at(directory: &Path) -> Self {
        Self { data: directory.to_owned(), cache: directory.join("cache"), trusted: None, shared: None }
    }

    /// The directory of data that must last.
    #[must_use]
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The directory that the user answers for: it and those above it are not examined.
    #[must_use]
    pub(crate) fn trusted(&self) -> Option<&Path> {
        self.trusted.as_deref()
    }

    /// The same directories, with the store in a database that many machines share.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn with_shared(self, database: SharedDatabase) -> Self {
        Self { shared: Some(database), ..self }
    }

    /// The same directories; the key of a shared database may be one of these services.
    #[must_use]
    pub(crate) fn with_key_services(mut self, services: KeyServices) -> Self {
        self.shared = self.shared.map(|shared| SharedDatabase { services, ..shared });
        self
    }

    /// The database that many machines share; absent where the store is this machine's alone.
    #[must_use]
    pub(crate) fn shared(&self) -> Option<&SharedDatabase> {
        self.shared.as_ref()
    }

    /// The directory of compiled flavors.
    #[must_use]
    pub(crate) fn compiled(&self) -> PathBuf {
        self.cache.join("compiled")
    }

    /// The directory of components that were fetched for files, by their digests.
    #[must_use]
    pub(crate) fn components(&self) -> PathBuf {
        self.cache.join("components")
    }

    /// The directory with records of blobs that were verified in layouts.
    #[must_use]
    pub(crate) fn verified(&self) -> PathBuf {
        self.cache.join("verified")
    }

    /// The directory of locks, one for each registry whose flavor is asked on behalf of other clients.
    #[must_use]
    pub(crate) fn turns(&self) -> PathBuf {
        self.cache.join("turns")
    }

    /// The directory of images that `crhost serve` keeps.
    #[must_use]
    pub(crate) fn served(&self) -> PathBuf {
        self.data.join("serve")
    }
}

/// The database that the environment names.
fn shared(environment: &Environment) -> Option<SharedDatabase> {
    let secret = |name: &str| environment.text(name).map(|value| SecretString::from(value.into_owned()));
    Some(SharedDatabase {
        url: secret(EnvVars::CRHOST_DATABASE)?,
        password: secret(EnvVars::PGPASSWORD),
        key_file: environment.path(EnvVars::CRHOST_KEY_FILE),
        services: KeyServices::default(),
        opened: OpenedKey::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(windows))]
    #[test]
    fn one_variable_moves_everything_and_else_the_base_directories_hold() {
        let home = |variables: &[(&str, &str)]| Home::find(&variables.iter().copied().collect());
        let moved = home(&[("CRHOST_HOME", "/data"), ("HOME", "/home/ann")]).unwrap();
        assert_eq!((moved.data(), moved.compiled()), (Path::new("/data"), PathBuf::from("/data/cache/compiled")));
        let usual = home(&[("CRHOST_HOME", ""), ("HOME", "/home/ann"), ("XDG_CACHE_HOME", "/cache")]).unwrap();
        assert_eq!(usual.data(), Path::new("/home/ann/.local/share/crhost"));
        assert_eq!(usual.compiled(), Path::new("/cache/crhost/compiled"));
        assert!(home(&[]).is_err());
    }
}
