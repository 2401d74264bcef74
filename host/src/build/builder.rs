//! The builder that is taken.

use std::path::{Path, PathBuf};

use super::asked_for::{Address, BuilderChoice, Program};
use super::error::{BuildError, listed};
use super::find::find;
use super::request::Request;
use crate::docker::{Candidates, Chosen, Configuration, Engine, EngineError, Origin};
use crate::environment::{EnvVars, Environment};
use crate::text::Escaped;

/// Where a BuildKit of this machine listens (`util/appdefaults`).
const BUILDKIT_SOCKET: &str = "/run/buildkit/buildkitd.sock";

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
