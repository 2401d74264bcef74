//! Which of the places that could have a Docker daemon are meant.
//!
//! Follows `resolveContextName` in `cli/command/cli.go` of <https://github.com/docker/cli>: an explicit host, then
//! `DOCKER_HOST`, then `DOCKER_CONTEXT`, then the context that `docker context use` chose, then the default. (So a
//! `DOCKER_HOST` hides a `DOCKER_CONTEXT`; Docker's `context ls` warns of that.)

use std::fmt;
use std::path::Path;

use super::config::Configuration;
use super::context::{Context, ContextError};
use super::endpoint::{DEFAULT_TLS, Endpoint, EndpointError, Security, Tls};
use super::environment::Environment;
use super::shown;
use crate::error::{Explain, Kind};

/// The endpoints to try, in this order, and who named them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidates {
    pub(super) origin: Origin,
    pub(super) endpoints: Vec<Endpoint>,
}

/// What named an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    Argument,
    /// `DOCKER_HOST`.
    Variable,
    /// A context, of this name.
    Context(String),
    /// Nothing.
    Default,
}

/// The endpoint that is meant cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocateError {
    /// It is named, and cannot be used.
    #[error("{reason}, given by {origin}")]
    Endpoint {
        /// Who named it.
        origin: Origin,
        /// What is wrong with it.
        reason: EndpointError,
    },
    /// It is named by a context that cannot be used.
    #[error(transparent)]
    Context(#[from] ContextError),
}

impl Explain for LocateError {
    fn kind(&self) -> Kind {
        match self {
            Self::Endpoint { reason, .. } => reason.kind(),
            Self::Context(e) => e.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Endpoint { reason, .. } => reason.hint(),
            Self::Context(e) => e.hint(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument => f.write_str("the command line"),
            Self::Variable => f.write_str("`DOCKER_HOST`"),
            Self::Context(name) => write!(f, "the context `{}`", shown(name)),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Candidates {
    /// Finds out where to look for the daemon; `argument` is what the user said on the command line. Touches no network.
    ///
    /// One place that somebody named is the only candidate. Where nobody named any, these follow Docker's own socket:
    /// rootless Docker, Docker Desktop, rootless Podman.
    ///
    /// # Errors
    /// When the endpoint or context that is named cannot be used; no other is taken for it.
    pub(crate) fn find(
        argument: Option<&str>,
        environment: &Environment,
        configuration: &Configuration,
    ) -> Result<Self, LocateError> {
        let host = environment.text("DOCKER_HOST");
        let named = argument.map(|text| (Origin::Argument, text)).or(host.as_deref().map(|t| (Origin::Variable, t)));
        if let Some((origin, text)) = named {
            return Self::one(origin, text, security(environment));
        }
        let variable = environment.text("DOCKER_CONTEXT");
        match variable.as_deref().or(configuration.current_context()).filter(|name| *name != "default") {
            Some(name) => {
                let context = Context::load(configuration.directory().unwrap_or(Path::new("")), name)?;
                Self::of_context(name, context, environment)
            }
            None => match security(environment) {
                Security::Unspecified => Ok(Self::defaults(Origin::Default, environment)),
                asked => Self::one(Origin::Default, DEFAULT_TLS, asked),
            },
        }
    }

    /// Who named the endpoints.
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
        let origin = Origin::Context(name.to_owned());
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
        let runtime = environment.path("XDG_RUNTIME_DIR");
        let others = [
            runtime.as_ref().map(|directory| directory.join("docker.sock")),
            environment.home().map(|home| home.join(".docker/run/docker.sock")),
            runtime.as_ref().map(|directory| directory.join("podman/podman.sock")),
        ];
        let others = others.into_iter().flatten().map(Endpoint::Socket);
        Self { origin, endpoints: std::iter::once(Endpoint::default_of_docker()).chain(others).collect() }
    }

    #[cfg(windows)]
    fn defaults(origin: Origin, _: &Environment) -> Self {
        Self { origin, endpoints: vec![Endpoint::default_of_docker()] }
    }
}

/// What `DOCKER_TLS_VERIFY`, `DOCKER_TLS` and `DOCKER_CERT_PATH` ask for (`cli/flags/options.go` in Docker's source):
/// any value but the empty one means yes, even `0`.
fn security(environment: &Environment) -> Security {
    if environment.get("DOCKER_TLS_VERIFY").is_some() {
        let directory = environment.path("DOCKER_CERT_PATH").or_else(|| environment.docker_directory());
        Security::Verified(Tls::in_directory(&directory.unwrap_or_default()))
    } else if environment.get("DOCKER_TLS").is_some() {
        Security::Unverified
    } else {
        Security::Unspecified
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::docker::context::create;

    /// A directory with a context `one` (tcp://one:1), a context `empty` and, as the current one, `current`.
    fn directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let meta = |host: &str| format!(r#"{{"Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        for (name, host) in
            [("one", "tcp://one:1"), ("current", "tcp://current:1"), ("far", "ssh://far"), ("empty", "")]
        {
            create(directory.path(), name, &meta(host), &[]);
        }
        std::fs::write(directory.path().join("config.json"), r#"{"currentContext":"current"}"#).unwrap();
        directory
    }

    fn find(argument: Option<&str>, variables: &[(&str, &str)], directory: &Path) -> Result<Candidates, LocateError> {
        let directory = [("DOCKER_CONFIG", directory.to_str().unwrap())];
        let environment: Environment = directory.iter().chain(variables).copied().collect();
        Candidates::find(argument, &environment, &Configuration::load(&environment).unwrap())
    }

    #[test]
    fn the_order_is_that_of_docker() {
        let directory = directory();
        let host = ("DOCKER_HOST", "tcp://host:1");
        let context = ("DOCKER_CONTEXT", "one");
        for (argument, variables, endpoint, origin) in [
            (Some("tcp://arg:1"), vec![host, context], "http://arg:1", Origin::Argument),
            (None, vec![host, context], "http://host:1", Origin::Variable),
            (None, vec![context], "http://one:1", Origin::Context("one".to_owned())),
            (None, vec![], "http://current:1", Origin::Context("current".to_owned())),
            (None, vec![("DOCKER_HOST", "")], "http://current:1", Origin::Context("current".to_owned())),
            (None, vec![("DOCKER_CONTEXT", "default")], "unix:///var/run/docker.sock", Origin::Default),
            (
                None,
                vec![("DOCKER_CONTEXT", "empty")],
                "unix:///var/run/docker.sock",
                Origin::Context("empty".to_owned()),
            ),
        ] {
            let found = find(argument, &variables, directory.path()).unwrap();
            assert_eq!(found.endpoints()[0].to_string(), endpoint, "{argument:?} {variables:?}");
            assert_eq!(found.origin(), &origin, "{argument:?} {variables:?}");
        }
    }

    #[test]
    fn without_any_word_the_known_sockets_are_tried() {
        let directory = tempfile::tempdir().unwrap();
        let found = find(None, &[("XDG_RUNTIME_DIR", "/run/user/7"), ("HOME", "/home/ann")], directory.path()).unwrap();
        let sockets = [
            "/var/run/docker.sock",
            "/run/user/7/docker.sock",
            "/home/ann/.docker/run/docker.sock",
            "/run/user/7/podman/podman.sock",
        ];
        assert_eq!(found.endpoints(), sockets.map(|path| Endpoint::Socket(path.into())));
        assert_eq!(find(None, &[], directory.path()).unwrap().endpoints().len(), 1);
    }

    #[test]
    fn a_named_place_that_cannot_be_used_is_never_replaced_by_another() {
        let directory = directory();
        for (argument, variables, kind) in [
            (Some("ftp://x"), vec![], Kind::Usage),
            (None, vec![("DOCKER_HOST", "ssh://far")], Kind::Usage),
            (None, vec![("DOCKER_CONTEXT", "far")], Kind::Usage),
            (None, vec![("DOCKER_CONTEXT", "nowhere")], Kind::NotFound),
        ] {
            let error = find(argument, &variables, directory.path()).unwrap_err();
            assert_eq!(error.kind(), kind, "{variables:?}");
            assert!(error.hint().is_some() || argument.is_some());
        }
        let error = find(None, &[("DOCKER_CONTEXT", "far")], directory.path()).unwrap_err();
        assert!(error.to_string().ends_with("given by the context `far`"), "{error}");
    }

    #[test]
    fn the_tls_variables_hold_for_hosts_and_for_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let tls = |path: PathBuf| Tls { authority: Some(path), identity: None };
        let endpoint = |variables: &[(&str, &str)]| match find(None, variables, directory.path()) {
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
