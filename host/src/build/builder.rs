//! The builder that the user asks for, and the one that is taken.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::{BuildError, listed};
use super::find::find;
use super::request::Request;
use crate::docker::{Candidates, Chosen, Configuration, Engine, EngineError, Origin};
use crate::environment::{EnvVars, Environment};
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
/// Where a BuildKit of this machine listens (`util/appdefaults`).
const BUILDKIT_SOCKET: &str = "/run/buildkit/buildkitd.sock";

impl Program {
    /// In the order in which they are looked for: BuildKit can do most.
    const ALL: [Self; 4] = [Self::Buildx, Self::Buildctl, Self::Buildah, Self::Podman];

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

/// A builder that is there.
pub(super) enum Builder {
    /// A Docker daemon.
    Docker(Engine),
    /// A program, and the address of the BuildKit that it asks.
    Program { program: Program, path: PathBuf, address: Option<Address> },
}

/// Takes the builder that is asked for, or the first that is there and can do what is asked for: the daemon, then
/// programs.
///
/// # Errors
/// When there is none, or a daemon that the user names does not answer.
pub(super) async fn choose(
    request: &Request,
    environment: &Environment,
    docker: &Configuration,
) -> Result<Builder, BuildError> {
    let path_of =
        |program: Program| find(program.file(), environment).map_err(|reason| missing(program.to_string(), reason));
    match &request.builder {
        BuilderChoice::Docker => Ok(Builder::Docker(daemon(environment, docker, &request.daemon).await?)),
        BuilderChoice::Program(program) => {
            let path = path_of(*program)?;
            if *program == Program::Buildx {
                ensure_buildx(&path).await?;
            }
            Ok(Builder::Program { program: *program, path, address: None })
        }
        BuilderChoice::Address(address) => {
            let program = Program::Buildctl;
            Ok(Builder::Program { program, path: path_of(program)?, address: Some(address.clone()) })
        }
        BuilderChoice::Auto => first(request, environment, docker).await,
    }
}

async fn first(request: &Request, environment: &Environment, docker: &Configuration) -> Result<Builder, BuildError> {
    let chosen = &request.daemon;
    let mut looked_for: Vec<Escaped> = Vec::new();
    let mut denied = None;
    let has_several_platforms = request.platforms.len() > 1;
    // What `--host` or `--context` names is not passed over: its limit is the error.
    if has_several_platforms && *chosen == Chosen::default() {
        looked_for.push("the Docker daemon: it builds for one platform at once".into());
    } else {
        let candidates = Candidates::find(environment, docker, chosen)?;
        match Engine::connect(&candidates).await {
            Ok(engine) => return Ok(Builder::Docker(engine)),
            // Another builder would not be the one that a setting of the user's names.
            Err(error) if *candidates.origin() != Origin::Default => return Err(error.into()),
            Err(error) => {
                looked_for.push(format!("the Docker daemon: {error}").into());
                if matches!(error, EngineError::Denied { .. }) {
                    denied = Some(BuildError::Docker(error));
                }
            }
        }
    }
    for program in Program::ALL {
        if has_several_platforms && !program.has_platforms() {
            looked_for.push(format!("`{program}`: it builds for one platform at once").into());
            continue;
        }
        match usable(program, environment).await {
            Ok(path) => {
                tracing::info!("building with `{program}`: {}", listed(&looked_for));
                return Ok(Builder::Program { program, path, address: None });
            }
            Err(reason) => looked_for.push(format!("`{program}`: {reason}").into()),
        }
    }
    Err(denied.unwrap_or(BuildError::NoBuilder { looked_for }))
}

/// The path of a program that would build, as far as that shows without a build.
async fn usable(program: Program, environment: &Environment) -> Result<PathBuf, Escaped> {
    let path = find(program.file(), environment)?;
    match program {
        Program::Buildx => {
            // Its plugin may be missing, and its builder be a daemon that does not answer.
            let inspected = run_quietly(&path, &["buildx", "inspect"]).await;
            inspected.then_some(path).ok_or_else(|| "no builder of it is there".into())
        }
        Program::Buildctl => {
            let is_named = environment.get(EnvVars::BUILDKIT_HOST).is_some() || Path::new(BUILDKIT_SOCKET).exists();
            is_named.then_some(path).ok_or_else(|| {
                format!("neither `BUILDKIT_HOST` nor `{BUILDKIT_SOCKET}` says where a BuildKit is").into()
            })
        }
        Program::Buildah | Program::Podman => Ok(path),
    }
}

async fn daemon(environment: &Environment, docker: &Configuration, chosen: &Chosen) -> Result<Engine, BuildError> {
    let candidates = Candidates::find(environment, docker, chosen)?;
    Ok(Engine::connect(&candidates).await?)
}

/// Docker's command line without the plugin takes `buildx` for an unknown command.
async fn ensure_buildx(path: &Path) -> Result<(), BuildError> {
    match run_quietly(path, &["buildx", "version"]).await {
        true => Ok(()),
        false => Err(missing("docker buildx".to_owned(), "`docker` has no plugin `buildx`".into())),
    }
}

async fn run_quietly(path: &Path, arguments: &[&str]) -> bool {
    let null = std::process::Stdio::null;
    let mut command = tokio::process::Command::new(path);
    command.args(arguments).stdin(null()).stdout(null()).stderr(null()).kill_on_drop(true);
    command.status().await.is_ok_and(|status| status.success())
}

fn missing(program: String, reason: Escaped) -> BuildError {
    BuildError::Missing { program: program.into(), reason }
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
