//! The builder that the user asks for.

use std::fmt;
use std::str::FromStr;

use crate::text::{Escaped, Printable};

/// The builder that a user asks for (`--builder`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum BuilderChoice {
    /// The first that is there.
    #[default]
    Auto,
    /// The Docker daemon.
    Docker,
    /// A program on the `PATH`.
    Program(Program),
    /// A BuildKit at an address, through `buildctl`.
    Address(Address),
}

/// A program that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// `docker buildx`.
    Buildx,
    /// `buildctl`.
    Buildctl,
    /// `buildah`.
    Buildah,
    /// `podman`.
    Podman,
}

/// The address of a BuildKit, in a form that `buildctl --addr` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

/// A text that names no builder.
#[derive(Debug, thiserror::Error, Printable)]
#[error(
    "`{0}` is no builder: expected `auto`, `docker`, `buildx`, `buildctl`, `buildah`, `podman`, or the address of a \
     BuildKit such as `tcp://HOST:PORT`"
)]
pub(crate) struct BuilderError(Escaped);

/// Schemes of `buildctl --addr` (`client/connhelper` of <https://github.com/moby/buildkit>).
const SCHEMES: [&str; 8] =
    ["tcp", "unix", "npipe", "ssh", "docker-container", "podman-container", "nerdctl-container", "kube-pod"];

impl Program {
    /// In the order in which they are looked for: BuildKit can do most.
    pub(super) const ALL: [Self; 4] = [Self::Buildx, Self::Buildctl, Self::Buildah, Self::Podman];

    /// The file of the program.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Buildx => "docker",
            Self::Buildctl => "buildctl",
            Self::Buildah => "buildah",
            Self::Podman => "podman",
        }
    }

    /// Whether it can build for several platforms at once, and give the result as one archive.
    pub(super) fn has_platforms(self) -> bool {
        matches!(self, Self::Buildx | Self::Buildctl)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Buildx => "docker buildx",
            program => program.file(),
        })
    }
}

impl Address {
    /// The address as `buildctl` takes it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BuilderChoice {
    type Err = BuilderError;

    fn from_str(text: &str) -> Result<Self, BuilderError> {
        Ok(match text {
            "auto" => Self::Auto,
            "docker" => Self::Docker,
            "buildx" | "docker buildx" => Self::Program(Program::Buildx),
            "buildctl" | "buildkit" => Self::Program(Program::Buildctl),
            "buildah" => Self::Program(Program::Buildah),
            "podman" => Self::Program(Program::Podman),
            address => {
                let known = address.split_once("://").filter(|(scheme, rest)| {
                    SCHEMES.contains(scheme) && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic())
                });
                known.ok_or_else(|| BuilderError(address.into()))?;
                Self::Address(Address(address.to_owned()))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_is_a_name_or_the_address_of_a_buildkit() {
        for (text, choice) in [
            ("auto", BuilderChoice::Auto),
            ("docker", BuilderChoice::Docker),
            ("buildx", BuilderChoice::Program(Program::Buildx)),
            ("podman", BuilderChoice::Program(Program::Podman)),
            ("tcp://b:1234", BuilderChoice::Address(Address("tcp://b:1234".to_owned()))),
            ("kube-pod://buildkitd-0", BuilderChoice::Address(Address("kube-pod://buildkitd-0".to_owned()))),
        ] {
            assert_eq!(text.parse::<BuilderChoice>().unwrap(), choice, "{text}");
        }
        for bad in ["", "kaniko", "--addr", "tcp://", "http://x", "tcp://a b"] {
            assert!(bad.parse::<BuilderChoice>().is_err(), "{bad}");
        }
    }
}
