//! Where Docker keeps its configuration, and Podman, Buildah and skopeo credentials (containers-auth.json(5)).

use std::path::{Path, PathBuf};

use crate::environment::{EnvVars, Environment};
use crate::text::Escaped;

/// The file of logins in the home directory that Docker wrote before 2015, and those tools look at last.
pub(super) const OLD_FILE: &str = ".dockercfg";

/// The directory of Docker's configuration: `$DOCKER_CONFIG`, else `~/.docker`; absent without a home directory.
pub(in crate::docker) fn of_docker(environment: &Environment) -> Option<PathBuf> {
    environment.path(EnvVars::DOCKER_CONFIG).or_else(|| Some(environment.home()?.join(".docker")))
}

/// The files with credentials, in the order of containers-auth.json(5): those of Podman and its kin, `config.json` in
/// `docker`, which is Docker's directory, and [`OLD_FILE`]. `REGISTRY_AUTH_FILE` takes the place of all but Docker's,
/// which has the helpers of clients that know nothing of that variable.
pub(super) fn of_credentials(environment: &Environment, docker: Option<&Path>) -> Vec<PathBuf> {
    let docker = docker.map(|directory| directory.join("config.json"));
    if let Some(file) = environment.path(EnvVars::REGISTRY_AUTH_FILE) {
        return std::iter::once(file).chain(docker).collect();
    }
    let runtime = environment.path(EnvVars::XDG_RUNTIME_DIR).map(|directory| directory.join("containers"));
    let config = environment.config_directory().map(|directory| directory.join("containers"));
    let directories = [runtime.or_else(own_runtime_directory), config];
    let files = directories.into_iter().flatten().map(|directory| directory.join("auth.json")).chain(docker);
    // Of Docker before 1.7, which has registries alone.
    files.chain(environment.home().map(|home| home.join(OLD_FILE))).collect()
}

/// Where those tools write without `XDG_RUNTIME_DIR`. No other user can: only root makes directories there. Where root
/// closed the directory above to everyone else, this user's tools could not write either.
#[cfg(target_os = "linux")]
fn own_runtime_directory() -> Option<PathBuf> {
    let own = Path::new("/run/containers").join(rustix::process::getuid().as_raw().to_string());
    own.is_dir().then_some(own)
}

/// Elsewhere they keep everything in the user's configuration.
#[cfg(not(target_os = "linux"))]
fn own_runtime_directory() -> Option<PathBuf> {
    None
}

/// A path as messages name it: quoted, and with `~` for the user's home directory.
pub(super) fn shown(environment: &Environment, path: &Path) -> Escaped {
    match environment.home().and_then(|home| path.strip_prefix(home).ok()) {
        Some(below) => format!("`~/{}`", below.display()).into(),
        None => format!("`{}`", path.display()).into(),
    }
}
