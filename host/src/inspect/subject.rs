//! What a user names to be looked at: something in a registry, or an image on this machine.

use std::fmt;
use std::str::FromStr;

use crate::error::Explain;
use crate::registry::{RemoteName, RemoteNameError};
use crate::source::{Location, LocationError};

/// A name in a registry, or the place of an image on this machine: `oci:DIRECTORY`, `docker-archive:FILE`,
/// `docker-daemon:NAME` and the others that a push takes. A name without such a prefix is always one in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// In a registry.
    Remote(RemoteName),
    /// On this machine.
    Local(Location),
}

/// A text that is neither.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum SubjectError {
    /// No name in a registry.
    #[error(transparent)]
    #[explain(transparent)]
    Remote(#[from] RemoteNameError),
    /// No place on this machine.
    #[error(transparent)]
    Local(#[from] LocationError),
}

/// The scheme that skopeo and others write before a name in a registry.
const SCHEME: &str = "docker://";

/// The prefix of an image's name in the Docker daemon.
const DAEMON: &str = "docker-daemon:";

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        match text.parse::<Location>() {
            Ok(Location::Daemon(_)) if !text.starts_with(DAEMON) => Ok(Self::Remote(text.parse()?)),
            Ok(location) => Ok(Self::Local(location)),
            // `docker://NAME` is skopeo's form of a name in a registry.
            Err(error) => match text.parse() {
                Ok(name) if text.starts_with(SCHEME) => Ok(Self::Remote(name)),
                _ => Err(error.into()),
            },
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(name) => f.write_str(name.as_str()),
            Self::Local(Location::Daemon(name)) => write!(f, "{DAEMON}{name}"),
            Self::Local(location) => location.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_in_a_registry_unless_its_prefix_says_otherwise() {
        for remote in ["train:v3", "prod/train", "localhost:5000/a:b", "docker://ghcr.io/a/b:1"] {
            assert!(matches!(remote.parse(), Ok(Subject::Remote(_))), "{remote}");
        }
        for local in ["oci:./layout:v3", "docker-archive:a.tar", "docker-daemon:train:v3", "./a.tar", "-"] {
            assert!(matches!(local.parse(), Ok(Subject::Local(_))), "{local}");
        }
        assert_eq!("docker-daemon:a:b".parse::<Subject>().unwrap().to_string(), "docker-daemon:a:b");
        for bad in ["", "oci:", "A", "a:-", "dir:/x"] {
            assert!(bad.parse::<Subject>().is_err(), "{bad}");
        }
    }
}
