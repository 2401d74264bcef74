//! The part of the process environment that Docker's command line reads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Environment variables, read once. Deliberately without `Debug`: `DOCKER_AUTH_CONFIG` holds secrets.
#[derive(Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, OsString>);

/// All variables that this module looks at.
const NAMES: [&str; 9] = [
    "DOCKER_AUTH_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "PATH",
    "XDG_RUNTIME_DIR",
];
/// The home directory, whichever way the operating system names it.
const HOME: &str = "HOME";

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub(crate) fn of_this_process() -> Self {
        let variables = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var_os(name)?)));
        let home = etcetera::home_dir().ok().map(|home| (HOME.to_owned(), home.into_os_string()));
        Self(variables.chain(home).collect())
    }

    /// A variable's value; an empty one counts as unset, as it does for Docker.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// A variable's value as text; what is not UTF-8 in it is replaced, and then fails where it is parsed.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(OsStr::to_string_lossy)
    }

    /// A variable's value as a path.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The user's home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        self.path(HOME)
    }

    /// The directory of Docker's configuration: `$DOCKER_CONFIG`, else `~/.docker`.
    pub(super) fn docker_directory(&self) -> Option<PathBuf> {
        self.path("DOCKER_CONFIG").or_else(|| Some(self.home()?.join(".docker")))
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
