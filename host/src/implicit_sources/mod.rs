//! Values that are ready on the user's machine, for connectors that the user allowed to read them.
//!
//! A flavor says where a field may be found, the user agrees when the connector is registered, and the agreement is
//! stored: only that is read. This module does not know the purpose of the values.

mod command;
mod directory;
mod value;

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::environment::Environment;
use crate::id_token::IdTokenFrom;
use crate::text::{Escaped, Foreign, Printable};

pub(crate) use command::{Command, CommandError, CommandLineError};
use value::value_of;

/// A place on the user's machine that may have the value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ImplicitSource {
    /// The value of an environment variable.
    Env(String),
    /// The content of the file whose path an environment variable has.
    EnvFile(String),
    /// The content of a file: absolute, or below the user's home directory behind `~/`. With a `*` in the last
    /// component the JSON objects in all such files, as members of one.
    File(String),
    /// An id token of the machine, which is issued for each use.
    IdToken {
        /// Its audience; `{NAME}` stands for the value of a text field of the same connector.
        audience: String,
        /// Where it is from.
        #[serde(default, skip_serializing_if = "is_auto")]
        #[cfg_attr(test, schemars(with = "String"))]
        from: IdTokenFrom,
    },
    /// What a program prints, which is run for each use. A flavor declares it, or the user writes it; it is stored only
    /// where the user allowed it by its name.
    Command(Command),
}

fn is_auto(from: &IdTokenFrom) -> bool {
    *from == IdTokenFrom::Auto
}

/// A value that exists, with the source that has it.
pub(crate) enum Found<'a> {
    /// The value itself.
    Value(&'a ImplicitSource, SecretString),
    /// An id token, which has to be issued: its audience and where it is from. Whether there is one shows then.
    IdToken(&'a str, &'a IdTokenFrom),
    /// A program, which has to be run.
    Command(&'a Command),
}

impl ImplicitSource {
    /// Whether it is an id token, which is issued for each use in place of being read.
    #[must_use]
    pub(crate) fn is_id_token(&self) -> bool {
        matches!(self, Self::IdToken { .. })
    }

    /// The program, if it is the output of one.
    #[must_use]
    pub(crate) fn command(&self) -> Option<&Command> {
        match self {
            Self::Command(command) => Some(command),
            _ => None,
        }
    }

    /// The same source with id tokens from elsewhere.
    #[must_use]
    pub(crate) fn with_id_tokens_from(self, elsewhere: &IdTokenFrom) -> Self {
        match self {
            Self::IdToken { audience, .. } => Self::IdToken { audience, from: elsewhere.clone() },
            other => other,
        }
    }
}

/// It is escaped where it is shown.
impl Printable for ImplicitSource {}

/// For users.
impl fmt::Display for ImplicitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(variable) => write!(f, "${}", Escaped::from(variable)),
            Self::EnvFile(variable) => write!(f, "the file that ${} names", Escaped::from(variable)),
            Self::File(path) => write!(f, "{}", Escaped::from(path)),
            Self::IdToken { audience, from } => {
                write!(f, "an id token of {from} for audience `{}`", Escaped::from(audience))
            }
            Self::Command(command) => write!(f, "{command}"),
        }
    }
}

/// A value that exists and can't be used.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum ImplicitSourceError {
    /// A variable that is not UTF-8.
    #[error("{0} is no UTF-8 text")]
    NoText(Box<ImplicitSource>),
    /// A value longer than the limit, in bytes.
    #[error("{0} has more than {1} bytes")]
    TooLong(Box<ImplicitSource>, usize),
    /// A file that can't be read, or is not a regular file.
    #[error("{0} can't be read: {1}")]
    File(Box<ImplicitSource>, Foreign<io::Error>),
}

/// The value of the first of `sources` that exists, and that source; `None` if none of them exists. An empty variable
/// and an empty file count as absent. A value has at most `limit` bytes. Nothing is issued, and no program is run.
///
/// # Errors
/// When the first source that exists can't be used.
pub(crate) fn find<'a>(
    sources: &'a [ImplicitSource],
    environment: &Environment,
    limit: usize,
) -> Result<Option<Found<'a>>, ImplicitSourceError> {
    for source in sources {
        match source {
            ImplicitSource::IdToken { audience, from } => return Ok(Some(Found::IdToken(audience, from))),
            ImplicitSource::Command(command) => return Ok(Some(Found::Command(command))),
            ImplicitSource::Env(_) | ImplicitSource::EnvFile(_) | ImplicitSource::File(_) => {}
        }
        if let Some(value) = read(source, environment, limit)? {
            return Ok(Some(Found::Value(source, value)));
        }
    }
    Ok(None)
}

fn read(
    source: &ImplicitSource,
    environment: &Environment,
    limit: usize,
) -> Result<Option<SecretString>, ImplicitSourceError> {
    match source {
        ImplicitSource::Env(name) => match environment.get(name).map(|value| value.to_str()) {
            None => Ok(None),
            Some(None) => Err(ImplicitSourceError::NoText(Box::new(source.clone()))),
            Some(Some(value)) if value.len() > limit => {
                Err(ImplicitSourceError::TooLong(Box::new(source.clone()), limit))
            }
            Some(Some(value)) => Ok(value_of(value)),
        },
        ImplicitSource::EnvFile(name) => match environment.get(name) {
            Some(path) => read_file(source, Path::new(path), limit),
            None => Ok(None),
        },
        ImplicitSource::File(path) => match (path.strip_prefix("~/"), environment.home()) {
            (Some(path), Some(home)) => read_file(source, &home.join(path), limit),
            (Some(_), None) => Ok(None),
            (None, _) => read_file(source, Path::new(path), limit),
        },
        // Issued or run, and not read.
        ImplicitSource::IdToken { .. } | ImplicitSource::Command(_) => Ok(None),
    }
}

/// The value in a file; `None` if no file exists.
fn read_file(source: &ImplicitSource, path: &Path, limit: usize) -> Result<Option<SecretString>, ImplicitSourceError> {
    let failed = |reason: io::Error| ImplicitSourceError::File(Box::new(source.clone()), reason.into());
    if matches!(source, ImplicitSource::File(path) if directory::is_pattern(path)) {
        return directory::read(path, limit).map_err(failed);
    }
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    };
    // Checked before it is opened: opening a pipe would wait for a writer.
    if !found.is_file() {
        return Err(failed(io::Error::other("it is no regular file")));
    }
    // Allocated at once: a text that grows is copied, and the old bytes stay in memory.
    let mut text = Zeroizing::new(String::with_capacity(limit.saturating_add(1)));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)).map_err(failed)?;
    match text.len() {
        length if length > limit => Err(ImplicitSourceError::TooLong(Box::new(source.clone()), limit)),
        _ => Ok(value_of(&text)),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn environment(home: &Path, variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().chain([("HOME", home.to_str().unwrap())]).collect()
    }

    #[test]
    fn the_first_source_that_exists_counts_without_the_line_breaks_at_its_end() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("token"), "from home\n").unwrap();
        let path = home.path().join("token").display().to_string();
        let env = || ImplicitSource::Env("TOKEN".into());
        let env_file = || ImplicitSource::EnvFile("TOKEN_FILE".into());
        let in_home = || ImplicitSource::File("~/token".into());
        let all = [env(), env_file(), in_home()];
        let absent = || ImplicitSource::File("~/absent".into());
        let command = || ImplicitSource::Command(Command::written("/usr/bin/gh auth token").unwrap());
        let id_token = || ImplicitSource::IdToken { audience: "sts.example".into(), from: IdTokenFrom::Auto };
        for (variables, sources, value) in [
            (vec![("TOKEN", "x")], all.to_vec(), Some("x")),
            (vec![("TOKEN", "")], all.to_vec(), Some("from home")),
            (vec![("TOKEN", "\r\n")], all.to_vec(), Some("from home")),
            (vec![("TOKEN", "\u{feff}x\r\n")], all.to_vec(), Some("x")),
            (vec![("TOKEN_FILE", "/dev/null/token")], all.to_vec(), Some("from home")),
            (vec![("TOKEN_FILE", path.as_str())], vec![env_file()], Some("from home")),
            (vec![("TOKEN_FILE", "/absent")], all.to_vec(), Some("from home")),
            (vec![], vec![ImplicitSource::File(path.clone())], Some("from home")),
            (vec![], vec![env(), env_file(), absent()], None),
            (vec![], vec![env(), id_token(), in_home()], Some("to be issued for sts.example")),
            (vec![("TOKEN", "x")], vec![env(), id_token()], Some("x")),
            (vec![], vec![env(), command()], Some("to be run: /usr/bin/gh auth token")),
            (vec![("TOKEN", "x")], vec![env(), command()], Some("x")),
        ] {
            let found = find(&sources, &environment(home.path(), &variables), 16).unwrap();
            let found = found.map(|found| match found {
                Found::Value(_, value) => value.expose_secret().to_owned(),
                Found::IdToken(audience, _) => format!("to be issued for {audience}"),
                Found::Command(command) => format!("to be run: {}", command.line()),
            });
            assert_eq!(found.as_deref(), value, "{variables:?} {sources:?}");
        }
    }

    #[test]
    fn a_source_that_exists_and_cannot_be_used_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("long"), "x".repeat(17)).unwrap();
        let environment = environment(home.path(), &[("LONG", "12345678901234567")]);
        for source in [ImplicitSource::Env("LONG".into()), ImplicitSource::File("~/long".into())] {
            assert!(matches!(find(&[source], &environment, 16), Err(ImplicitSourceError::TooLong(_, 16))));
        }
        let directory = ImplicitSource::File(home.path().display().to_string());
        assert!(matches!(find(&[directory], &environment, 16), Err(ImplicitSourceError::File(..))));
    }
}
