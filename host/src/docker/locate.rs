//! The endpoints at which to look for the Docker daemon.
//!
//! Follows `resolveContextName` in `cli/command/cli.go` of <https://github.com/docker/cli>: the command's `--host` or
//! `--context`, then `DOCKER_HOST`, then `DOCKER_CONTEXT`, then the context of `docker context use`, then the default.
//! (So a `DOCKER_HOST` hides a `DOCKER_CONTEXT`; Docker's `context ls` warns of that.)

use std::fmt;
use std::path::{Path, PathBuf};

use super::config::{ConfigError, Configuration};
use super::context::{Context, ContextError};
use super::endpoint::{DEFAULT_TLS, Endpoint, EndpointError, Security, Tls};
use super::shown::shown;
use crate::environment::{EnvVars, Environment};
use crate::error::Explain;
use crate::text::{Escaped, Printable};

/// The endpoints to try, in this order, and their origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidates {
    pub(super) origin: Origin,
    pub(super) endpoints: Vec<Endpoint>,
}

/// The daemon that the user names for one command, as the `docker` command takes it; at most one of them is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// Its endpoint (`--host`).
    pub(crate) host: Option<String>,
    /// Its context (`--context`).
    pub(crate) context: Option<String>,
}

/// The setting that an endpoint comes from.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) enum Origin {
    /// `--host`.
    Argument,
    /// `DOCKER_HOST`.
    Variable,
    /// The context of this name.
    Context(Escaped),
    /// No setting.
    Default,
}

/// No usable daemon endpoint.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum LocateError {
    /// The configured endpoint cannot be used.
    #[error("{reason}, given by {origin}")]
    #[explain(kind = Usage, hint = reason.hint().map(String::from))]
    Endpoint {
        /// The setting.
        origin: Origin,
        /// The endpoint's mistake.
        reason: EndpointError,
    },
    /// The chosen context cannot be used.
    #[error(transparent)]
    #[explain(transparent)]
    Context(#[from] ContextError),
    /// The file that would name the context can't be used.
    #[error("{0}, so that Docker's context is not known")]
    #[explain(
        transparent,
        hint = "repair it, or say with `DOCKER_CONTEXT=default` or `DOCKER_HOST` which daemon is meant"
    )]
    Configuration(#[from] ConfigError),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument => f.write_str("`--host`"),
            Self::Variable => f.write_str("`DOCKER_HOST`"),
            Self::Context(name) => write!(f, "the context `{name}`"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Candidates {
    /// Finds the endpoints to try, without any connection.
    ///
    /// A configured endpoint is the only candidate. Without one, Docker's own socket is followed by those of rootless
    /// Docker, Docker Desktop and Podman.
    ///
    /// # Errors
    /// When the configured endpoint or context cannot be used; no other takes its place.
    pub(crate) fn find(
        environment: &Environment,
        configuration: &Configuration,
        chosen: &Chosen,
    ) -> Result<Self, LocateError> {
        let security = || security(environment, configuration);
        if let Some(host) = &chosen.host {
            return Self::one(Origin::Argument, host, security());
        }
        if chosen.context.is_none()
            && let Some(host) = environment.text(EnvVars::DOCKER_HOST)
        {
            return Self::one(Origin::Variable, &host, security());
        }
        let named = chosen.context.clone().map(Into::into).or_else(|| environment.text(EnvVars::DOCKER_CONTEXT));
        let current = if named.is_some() { None } else { configuration.current_context()? };
        match named.as_deref().or(current).filter(|name| *name != "default") {
            Some(name) => {
                let context = Context::load(configuration.directory().unwrap_or(Path::new("")), name)?;
                Self::of_context(name, context, environment)
            }
            None => match security() {
                Security::Unspecified => Ok(Self::defaults(Origin::Default, environment)),
                tls => Self::one(Origin::Default, DEFAULT_TLS, tls),
            },
        }
    }

    /// Whether nothing is set, and none of the usual sockets exists: there was never a daemon here.
    #[must_use]
    pub(crate) fn is_unset(&self) -> bool {
        self.origin == Origin::Default && !self.endpoints.iter().any(Endpoint::exists)
    }

    /// The setting that the endpoints come from.
    #[must_use]
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The endpoints, best first; never empty.
    #[must_use]
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    fn of_context(name: &str, context: Context, environment: &Environment) -> Result<Self, LocateError> {
        let origin = Origin::Context(shown(name));
        if context.host.is_empty() {
            return Ok(Self::defaults(origin, environment));
        }
        Self::one(origin, &context.host, context.security)
    }

    fn one(origin: Origin, text: &str, security: Security) -> Result<Self, LocateError> {
        match Endpoint::parse(text, security) {
            Ok(endpoint) => Ok(Self { origin, endpoints: vec![endpoint] }),
            Err(reason) => Err(LocateError::Endpoint { origin, reason }),
        }
    }

    #[cfg(unix)]
    fn defaults(origin: Origin, environment: &Environment) -> Self {
        let runtime = environment.path(EnvVars::XDG_RUNTIME_DIR);
        let others = [
            runtime.as_ref().map(|directory| directory.join("docker.sock")),
            environment.home().map(|home| home.join(".docker/run/docker.sock")),
            // Podman's: of this user, of its machine on macOS, of the whole system.
            runtime.as_ref().map(|directory| directory.join("podman/podman.sock")),
            environment.home().map(|home| home.join(".local/share/containers/podman/machine/podman.sock")),
            Some(PathBuf::from("/run/podman/podman.sock")),
        ];
        let others = others.into_iter().flatten().map(Endpoint::Socket);
        Self { origin, endpoints: std::iter::once(Endpoint::default_of_docker()).chain(others).collect() }
    }

    #[cfg(windows)]
    fn defaults(origin: Origin, _: &Environment) -> Self {
        Self { origin, endpoints: vec![Endpoint::default_of_docker()] }
    }
}

/// The TLS settings of `DOCKER_TLS_VERIFY`, `DOCKER_TLS` and `DOCKER_CERT_PATH` (`cli/flags/options.go` in Docker's
/// source): any value but the empty one means yes, even `0`.
fn security(environment: &Environment, configuration: &Configuration) -> Security {
    if environment.get(EnvVars::DOCKER_TLS_VERIFY).is_some() {
        let directory = environment.path(EnvVars::DOCKER_CERT_PATH);
        let directory = directory.or_else(|| configuration.directory().map(Path::to_owned));
        Security::Verified(Tls::in_directory(&directory.unwrap_or_default()))
    } else if environment.get(EnvVars::DOCKER_TLS).is_some() {
        Security::Unverified
    } else {
        Security::Unspecified
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::docker::context::create;
    use crate::error::Kind;

    /// A directory with a context `one` (tcp://one:1), a context `empty` and, as the current one, `current`.
    fn directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let meta = |host: &str| format!(r#"{{"Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        for (name, host) in
            [("one", "tcp://one:1"), ("current", "tcp://current:1"), ("far", "ssh://-far"), ("empty", "")]
        {
            create(directory.path(), name, &meta(host), &[]);
        }
        std::fs::write(directory.path().join("config.json"), r#"{"currentContext":"current"}"#).unwrap();
        directory
    }

    fn find(variables: &[(&str, &str)], directory: &Path) -> Result<Candidates, LocateError> {
        let directory = [("DOCKER_CONFIG", directory.to_str().unwrap())];
        let environment: Environment = directory.iter().chain(variables).copied().collect();
        Candidates::find(&environment, &Configuration::load(&environment), &Chosen::default())
    }

    #[test]
    fn the_order_is_that_of_docker() {
        let directory = directory();
        let host = ("DOCKER_HOST", "tcp://host:1");
        let context = ("DOCKER_CONTEXT", "one");
        for (variables, endpoint, origin) in [
            (vec![host, context], "http://host:1", Origin::Variable),
            (vec![context], "http://one:1", Origin::Context("one".into())),
            (vec![], "http://current:1", Origin::Context("current".into())),
            (vec![("DOCKER_HOST", "")], "http://current:1", Origin::Context("current".into())),
            (vec![("DOCKER_CONTEXT", "default")], "unix:///var/run/docker.sock", Origin::Default),
            (vec![("DOCKER_CONTEXT", "empty")], "unix:///var/run/docker.sock", Origin::Context("empty".into())),
        ] {
            let found = find(&variables, directory.path()).unwrap();
            assert_eq!(found.endpoints()[0].to_string(), endpoint, "{variables:?}");
            assert_eq!(found.origin(), &origin, "{variables:?}");
        }
    }

    #[test]
    fn without_a_setting_the_known_sockets_are_tried() {
        let directory = tempfile::tempdir().unwrap();
        let found = find(&[("XDG_RUNTIME_DIR", "/run/user/7"), ("HOME", "/home/ann")], directory.path()).unwrap();
        let sockets = [
            "/var/run/docker.sock",
            "/run/user/7/docker.sock",
            "/home/ann/.docker/run/docker.sock",
            "/run/user/7/podman/podman.sock",
            "/home/ann/.local/share/containers/podman/machine/podman.sock",
            "/run/podman/podman.sock",
        ];
        assert_eq!(found.endpoints(), sockets.map(|path| Endpoint::Socket(path.into())));
        assert_eq!(find(&[], directory.path()).unwrap().endpoints().len(), 2);
    }

    #[test]
    fn a_configured_endpoint_that_cannot_be_used_is_never_replaced_by_another() {
        let directory = directory();
        for (variable, kind, has_hint) in [
            (("DOCKER_HOST", "ftp://x"), Kind::Usage, false),
            (("DOCKER_HOST", "ssh://-far"), Kind::Usage, true),
            (("DOCKER_CONTEXT", "far"), Kind::Usage, true),
            (("DOCKER_CONTEXT", "nowhere"), Kind::NotFound, true),
        ] {
            let error = find(&[variable], directory.path()).unwrap_err();
            assert_eq!((error.kind(), error.hint().is_some()), (kind, has_hint), "{variable:?}");
        }
        let error = find(&[("DOCKER_CONTEXT", "far")], directory.path()).unwrap_err();
        assert!(error.to_string().ends_with("given by the context `far`"), "{error}");
    }

    #[test]
    fn the_tls_variables_hold_for_hosts_and_for_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let tls = |path: PathBuf| Tls { authority: Some(path), identity: None };
        let endpoint = |variables: &[(&str, &str)]| match find(variables, directory.path()) {
            Ok(found) => match found.endpoints() {
                [Endpoint::Https(address, tls)] => Ok((address.as_str().to_owned(), tls.clone())),
                other => panic!("{other:?}"),
            },
            Err(e) => Err(e.to_string()),
        };
        let verify = ("DOCKER_TLS_VERIFY", "1");
        let at = ("DOCKER_CERT_PATH", "/certs");
        let own = directory.path().join("ca.pem");
        let host = ("DOCKER_HOST", "tcp://host:1");
        assert_eq!(endpoint(&[host, verify]).unwrap(), ("host:1".to_owned(), tls(own)));
        assert_eq!(endpoint(&[host, verify, at]).unwrap(), ("host:1".to_owned(), tls("/certs/ca.pem".into())));
        assert_eq!(endpoint(&[verify, at]).unwrap(), ("localhost:2376".to_owned(), tls("/certs/ca.pem".into())));
        assert!(endpoint(&[host, ("DOCKER_TLS", "1")]).unwrap_err().contains("without verification"));
    }
}
