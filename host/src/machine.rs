//! Values that stand ready on the user's machine, for connectors that the user allowed to read them.
//!
//! A flavor says where a field may be found, the user agrees when the connector is registered, and what was agreed to is
//! stored: only that is read. Nothing here knows what the values are for.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Where on the user's machine the value of a field may be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// The value of an environment variable.
    Env(String),
    /// The content of the file that an environment variable names.
    EnvFile(String),
    /// The content of a file: absolute, or below the user's home behind `~/`.
    File(String),
}

/// As people read it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(variable) => write!(f, "${variable}"),
            Self::EnvFile(variable) => write!(f, "the file that ${variable} names"),
            Self::File(path) => write!(f, "{path}"),
        }
    }
}

/// Why a value that is there can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MachineError {
    /// A variable that is no text.
    #[error("{0} is no UTF-8 text")]
    NoText(Source),
    /// A file that is larger than any value may be.
    #[error("{0} has more than {1} bytes")]
    TooLong(Source, usize),
    /// A file that does not open, or is no file.
    #[error("{0} can't be read: {1}")]
    File(Source, io::Error),
}

/// The environment and the files of a machine, as this process sees them. Without `Debug`: variables may be secrets.
#[derive(Clone, Default)]
pub(crate) struct Machine {
    variables: HashMap<String, OsString>,
    home: Option<PathBuf>,
}

impl Machine {
    /// The machine as this process sees it.
    #[must_use]
    pub(crate) fn of_this_process() -> Self {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Self { variables: std::env::vars_os().filter_map(named).collect(), home: std::env::home_dir() }
    }

    /// A machine of so many variables, with this folder as the user's home.
    #[must_use]
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests, until it is used or gone"))]
    pub(crate) fn new(variables: impl IntoIterator<Item = (String, OsString)>, home: PathBuf) -> Self {
        Self { variables: variables.into_iter().collect(), home: Some(home) }
    }

    /// The value at the first of `sources` that there is, with where it was found. A variable that is empty, and a file that
    /// does not exist, are not there. At most `limit` bytes.
    ///
    /// # Errors
    /// When what is there can't be read.
    pub(crate) fn find<'a>(
        &self,
        sources: &'a [Source],
        limit: usize,
    ) -> Result<Option<(&'a Source, SecretString)>, MachineError> {
        for source in sources {
            if let Some(value) = self.read(source, limit)? {
                return Ok(Some((source, value)));
            }
        }
        Ok(None)
    }

    fn read(&self, source: &Source, limit: usize) -> Result<Option<SecretString>, MachineError> {
        let variable = |name: &String| self.variables.get(name).filter(|value| !value.is_empty());
        match source {
            Source::Env(name) => match variable(name).map(|value| value.to_str()) {
                None => Ok(None),
                Some(None) => Err(MachineError::NoText(source.clone())),
                Some(Some(value)) if value.len() > limit => Err(MachineError::TooLong(source.clone(), limit)),
                Some(Some(value)) => Ok(Some(value.into())),
            },
            Source::EnvFile(name) => match variable(name) {
                Some(path) => file(source, Path::new(path), limit),
                None => Ok(None),
            },
            Source::File(path) => match (path.strip_prefix("~/"), &self.home) {
                (Some(path), Some(home)) => file(source, &home.join(path), limit),
                (Some(_), None) => Ok(None),
                (None, _) => file(source, Path::new(path), limit),
            },
        }
    }
}

/// The text of a file without the line ends behind it, which belong to no value; none if there is no file.
fn file(source: &Source, path: &Path, limit: usize) -> Result<Option<SecretString>, MachineError> {
    let failed = |reason| MachineError::File(source.clone(), reason);
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    // Asked before it is opened: opening a pipe would wait for a writer.
    if !found.is_file() {
        return Err(failed(io::Error::other("it is no regular file")));
    }
    // All of it at once: a text that grows is copied, and the old one stays in memory.
    let mut text = Zeroizing::new(String::with_capacity(limit.saturating_add(1)));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)).map_err(failed)?;
    match text.len() {
        length if length > limit => Err(MachineError::TooLong(source.clone(), limit)),
        _ => Ok(Some(text.trim_end_matches(['\r', '\n']).into()).filter(|_| !text.trim().is_empty())),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn machine(home: &Path, variables: &[(&str, &str)]) -> Machine {
        Machine::new(variables.iter().map(|&(name, value)| (name.to_owned(), value.into())), home.to_owned())
    }

    fn found(machine: &Machine, sources: &[Source]) -> Option<String> {
        machine.find(sources, 16).unwrap().map(|(_, value)| value.expose_secret().to_owned())
    }

    #[test]
    fn the_first_source_that_is_there_counts() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("token"), "from home\n").unwrap();
        let path = home.path().join("token").display().to_string();
        let env = || Source::Env("TOKEN".into());
        let env_file = || Source::EnvFile("TOKEN_FILE".into());
        let in_home = || Source::File("~/token".into());
        let all = [env(), env_file(), in_home()];
        assert_eq!(found(&machine(home.path(), &[("TOKEN", "x")]), &all).as_deref(), Some("x"));
        assert_eq!(found(&machine(home.path(), &[("TOKEN", "")]), &all).as_deref(), Some("from home"));
        assert_eq!(found(&machine(home.path(), &[("TOKEN_FILE", &path)]), &[env_file()]).as_deref(), Some("from home"));
        assert_eq!(found(&machine(home.path(), &[("TOKEN_FILE", "/absent")]), &all).as_deref(), Some("from home"));
        assert_eq!(found(&machine(home.path(), &[]), &[Source::File(path)]).as_deref(), Some("from home"));
        assert_eq!(found(&machine(home.path(), &[]), &[env(), env_file(), Source::File("~/absent".into())]), None);
    }

    #[test]
    fn what_is_there_and_can_t_be_read_is_told() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("long"), "x".repeat(17)).unwrap();
        let machine = machine(home.path(), &[("LONG", "12345678901234567")]);
        for source in [Source::Env("LONG".into()), Source::File("~/long".into())] {
            assert!(matches!(machine.find(&[source], 16), Err(MachineError::TooLong(_, 16))));
        }
        let folder = Source::File(home.path().display().to_string());
        assert!(matches!(machine.find(&[folder], 16), Err(MachineError::File(..))));
    }
}
