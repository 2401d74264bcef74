//! The environment of the process: read once, by the command line, and passed down.
//!
//! No other module asks the operating system for a variable or the home directory, so that tests choose both.
//! (Libraries still read the variables of proxies, certificates and colours for themselves.)

mod variables;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub(crate) use variables::EnvVars;
#[cfg(test)]
pub(crate) use variables::Variable;

/// The variables and the home directory of the process. Without `Debug`: variables may hold secrets.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    variables: HashMap<OsString, OsString>,
    home: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    pub(crate) fn of_this_process() -> Self {
        Self { variables: std::env::vars_os().collect(), home: std::env::home_dir().filter(|home| home.is_absolute()) }
    }

    /// The environment with another value of a variable; an empty one hides it.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// A variable's value; an empty one counts as unset.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The names of all variables that are set.
    pub(crate) fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let set = self.variables.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, _)| name.to_string_lossy())
    }

    /// Whether a variable is set to the empty value.
    #[must_use]
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        self.variables.get(OsStr::new(name)).is_some_and(|value| value.is_empty())
    }

    /// A variable's value as text; what is not UTF-8 in it is replaced, and then fails where it is parsed.
    #[must_use]
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(OsStr::to_string_lossy)
    }

    /// A variable's value as a path.
    #[must_use]
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The absolute directories of `PATH`. A relative one, such as the empty one, would run a program of the current
    /// directory.
    #[must_use]
    pub(crate) fn search_path(&self) -> Vec<PathBuf> {
        let path = self.get(EnvVars::PATH).unwrap_or_default();
        std::env::split_paths(path).filter(|directory| directory.is_absolute()).collect()
    }

    /// The user's home directory. A relative one counts as none: it would be another one in each working directory.
    #[must_use]
    pub(crate) fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The directory for data that must last.
    #[must_use]
    pub(crate) fn data_directory(&self) -> Option<PathBuf> {
        self.base_directory(base::DATA)
    }

    /// The directory for data that can be made again.
    #[must_use]
    pub(crate) fn cache_directory(&self) -> Option<PathBuf> {
        self.base_directory(base::CACHE)
    }

    /// The directory for configuration that the user writes.
    #[must_use]
    pub(crate) fn config_directory(&self) -> Option<PathBuf> {
        self.base_directory(base::CONFIG)
    }

    /// An absolute path in a variable, else a directory below the home directory; a relative path counts as unset, as
    /// the XDG base directory specification has it.
    fn base_directory(&self, (variable, below): (&str, &str)) -> Option<PathBuf> {
        let named = self.path(variable).filter(|path| path.is_absolute());
        named.or_else(|| Some(self.home()?.join(below)))
    }
}

/// Variables and defaults of the XDG base directory specification.
#[cfg(not(windows))]
mod base {
    use super::EnvVars;

    pub(super) const DATA: (&str, &str) = (EnvVars::XDG_DATA_HOME, ".local/share");
    pub(super) const CACHE: (&str, &str) = (EnvVars::XDG_CACHE_HOME, ".cache");
    pub(super) const CONFIG: (&str, &str) = (EnvVars::XDG_CONFIG_HOME, ".config");
}

/// Windows' own variables for the same purposes.
#[cfg(windows)]
mod base {
    pub(super) const DATA: (&str, &str) = ("APPDATA", "AppData\\Roaming");
    pub(super) const CACHE: (&str, &str) = ("LOCALAPPDATA", "AppData\\Local");
    pub(super) const CONFIG: (&str, &str) = ("APPDATA", "AppData\\Roaming");
}

/// An environment of these variables, for tests; the home directory is the value of `HOME`.
#[cfg(test)]
impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let variables: HashMap<OsString, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let home = variables.get(OsStr::new(EnvVars::HOME)).map(PathBuf::from).filter(|home| home.is_absolute());
        Self { variables, home }
    }
}

#[cfg(test)]
mod tests;
