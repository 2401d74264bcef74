//! Where the storage is, by containers-storage.conf(5): a root directory, its driver, and further stores that are only
//! read.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::StorageError;
use super::location::StorageLocation;
use crate::bounded;
use crate::environment::{EnvVars, Environment};
use crate::text::{Escaped, Foreign};

/// The system's configuration, the more important file first.
const SYSTEM: [&str; 2] = ["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"];
/// Root's storage by default.
const SYSTEM_ROOT: &str = "/var/lib/containers/storage";
/// A user's storage, below the directory for data.
const OWN_ROOT: &str = "containers/storage";
/// Longest file, in bytes: the one that is shipped has some KiB of comments.
const MAX_FILE: usize = 1 << 20;

/// A store to look in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Store {
    /// Its root directory.
    pub(super) root: PathBuf,
    /// The driver that is configured for it.
    pub(super) driver: Option<String>,
}

/// A configuration file, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    storage: Storage,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Storage {
    driver: String,
    graphroot: String,
    rootless_storage_path: String,
    imagestore: String,
    options: Options,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Options {
    additionalimagestores: Vec<String>,
}

/// The stores that a location means, the main one first.
///
/// # Errors
/// When a configuration file can't be used, or no place is known.
pub(in crate::source) fn stores(
    location: &StorageLocation,
    environment: &Environment,
) -> Result<Vec<Store>, StorageError> {
    stores_of(location, environment, is_root(environment), &SYSTEM.map(Path::new))
}

fn stores_of(
    location: &StorageLocation,
    environment: &Environment,
    is_root: bool,
    system: &[&Path],
) -> Result<Vec<Store>, StorageError> {
    let driver = || location.driver.clone().or_else(|| environment.text(EnvVars::STORAGE_DRIVER).map(Into::into));
    if let Some(root) = &location.root {
        return Ok(vec![Store { root: root.clone(), driver: driver() }]);
    }
    let (file, is_own) = configuration(environment, is_root, system)?;
    let Storage { driver: configured, graphroot, rootless_storage_path, imagestore, options } = file.storage;
    let root = match (is_root, is_own) {
        // The system's root directory is not that of its users.
        (false, false) if rootless_storage_path.is_empty() => None,
        (false, false) => Some(expanded(&rootless_storage_path, environment)),
        _ => Some(expanded(&graphroot, environment)).filter(|root| !root.as_os_str().is_empty()),
    };
    let root = match root {
        Some(root) => root,
        None if is_root => SYSTEM_ROOT.into(),
        None => environment.data_directory().ok_or(StorageError::Nowhere)?.join(OWN_ROOT),
    };
    let driver = driver().or(Some(configured)).filter(|driver| !driver.is_empty());
    let others = options.additionalimagestores.into_iter().chain([imagestore]);
    let others = others.filter(|root| !root.is_empty()).map(|root| expanded(&root, environment));
    Ok(std::iter::once(root).chain(others).map(|root| Store { root, driver: driver.clone() }).collect())
}

/// The configuration, and whether it is one that rules this user's root directory: the user's own, or one that a
/// variable names.
fn configuration(environment: &Environment, is_root: bool, system: &[&Path]) -> Result<(File, bool), StorageError> {
    if let Some(path) = environment.path(EnvVars::CONTAINERS_STORAGE_CONF) {
        let absent =
            || StorageError::Configuration { path: path.as_path().into(), reason: "there is no such file".into() };
        return Ok((read(&path)?.ok_or_else(absent)?, true));
    }
    let own = environment.config_directory().filter(|_| !is_root).map(|config| config.join("containers/storage.conf"));
    if let Some(own) = own
        && let Some(file) = read(&own)?
    {
        return Ok((file, true));
    }
    for path in system {
        if let Some(file) = read(path)? {
            return Ok((file, false));
        }
    }
    Ok((File::default(), false))
}

/// A configuration file; `None` where there is none.
fn read(path: &Path) -> Result<Option<File>, StorageError> {
    let failed = |reason: Escaped| StorageError::Configuration { path: path.into(), reason };
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| failed(Escaped::of(Foreign(error))))?,
    };
    let bytes = bounded::read(file, MAX_FILE).map_err(|error| failed(Escaped::of(error)))?;
    let parsed = toml::from_str(&String::from_utf8_lossy(&bytes));
    // The first line of the error has the place, and none of the text.
    parsed.map(Some).map_err(|error| failed(error.message().into()))
}

/// A path with `$HOME`, `$UID` and other variables, as the files have them for rootless users.
fn expanded(path: &str, environment: &Environment) -> PathBuf {
    let part = |part: &str| match part.strip_prefix('$') {
        Some("HOME") => environment.home().map(|home| home.display().to_string()).unwrap_or_default(),
        Some("UID") => user().to_string(),
        Some(name) => environment.text(name).unwrap_or_default().into_owned(),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/").into()
}

/// Whether the storage is root's. In the user namespace of `podman unshare`, a user is root and the storage the user's.
fn is_root(environment: &Environment) -> bool {
    user() == 0 && environment.text(EnvVars::_CONTAINERS_ROOTLESS_UID).is_none_or(|user| user == "0")
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn user() -> u32 {
    u32::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The root directories and drivers that are found, with a file of the system and one of the user.
    fn find(variables: &[(&str, &str)], is_root: bool, system: &str, own: Option<&str>) -> Vec<(String, String)> {
        let directory = tempfile::tempdir().unwrap();
        let (etc, config) = (directory.path().join("storage.conf"), directory.path().join("config"));
        std::fs::write(&etc, system).unwrap();
        std::fs::create_dir_all(config.join("containers")).unwrap();
        own.iter().for_each(|own| std::fs::write(config.join("containers/storage.conf"), own).unwrap());
        let fixed = [("XDG_CONFIG_HOME", config.to_str().unwrap()), ("XDG_DATA_HOME", "/home/ann/data")];
        let environment: Environment = fixed.iter().chain(variables).copied().collect();
        let found = stores_of(&StorageLocation::default(), &environment, is_root, &[&etc]).unwrap();
        let shown = |store: Store| (store.root.display().to_string(), store.driver.unwrap_or_default());
        found.into_iter().map(shown).collect()
    }

    fn one(root: &str, driver: &str) -> Vec<(String, String)> {
        vec![(root.to_owned(), driver.to_owned())]
    }

    const SYSTEM: &str = "[storage]\ndriver = \"overlay\"\ngraphroot = \"/srv/containers\"\nrunroot = \"/run/x\"\n";

    #[test]
    fn root_has_the_systems_storage_and_a_user_the_own_one() {
        assert_eq!(find(&[], true, SYSTEM, Some("[storage]\ndriver = \"vfs\"")), one("/srv/containers", "overlay"));
        assert_eq!(find(&[], true, "", None), one("/var/lib/containers/storage", ""));
        assert_eq!(find(&[], false, SYSTEM, None), one("/home/ann/data/containers/storage", "overlay"));
        let own = "[storage]\ndriver = \"vfs\"\ngraphroot = \"/mnt/ann\"";
        assert_eq!(find(&[], false, SYSTEM, Some(own)), one("/mnt/ann", "vfs"));
        let for_all = format!("{SYSTEM}rootless_storage_path = \"/scratch/$USER/storage\"\n");
        assert_eq!(find(&[("USER", "ann")], false, &for_all, None), one("/scratch/ann/storage", "overlay"));
    }

    #[test]
    fn variables_go_before_files_and_further_stores_come_last() {
        assert_eq!(find(&[("STORAGE_DRIVER", "vfs")], true, SYSTEM, None), one("/srv/containers", "vfs"));
        let more = format!("{SYSTEM}[storage.options]\nadditionalimagestores = [\"/shared\"]\n");
        let found = find(&[], true, &more, None);
        assert_eq!(found.iter().map(|(root, _)| root.as_str()).collect::<Vec<_>>(), ["/srv/containers", "/shared"]);
    }

    #[test]
    fn a_file_that_a_variable_names_is_the_only_one_and_has_to_be_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mine.conf");
        let find = || {
            let environment: Environment =
                [(EnvVars::CONTAINERS_STORAGE_CONF, path.to_str().unwrap())].into_iter().collect();
            stores_of(&StorageLocation::default(), &environment, false, &[])
        };
        assert!(find().unwrap_err().to_string().ends_with("there is no such file"));
        std::fs::write(&path, "[storage]\ngraphroot = \"/mnt/x\"").unwrap();
        assert_eq!(find().unwrap()[0].root, Path::new("/mnt/x"));
        std::fs::write(&path, "[storage\ngraphroot = 7").unwrap();
        assert!(matches!(find(), Err(StorageError::Configuration { .. })));
    }
}
