//! Where a Docker daemon listens, as `DOCKER_HOST` and its kin name it.
//!
//! Follows `opts/hosts.go` of <https://github.com/docker/cli>, and takes `http://` and `https://` besides.

use std::fmt;
use std::path::{Path, PathBuf};

use http::uri::Authority;

use super::shown;
use crate::error::{Explain, Kind};

/// One place where a Docker daemon can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A Unix socket.
    #[cfg(unix)]
    Socket(PathBuf),
    /// A named pipe.
    #[cfg(windows)]
    Pipe(String),
    /// TCP, readable and writable for everyone on the way.
    Http(Address),
    /// TLS.
    Https(Address, Tls),
}

/// A host with its port, such as `build.example:2376` or `[::1]:2375`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

/// Whom to trust, and as whom to appear. The files are read when the connection is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    /// A PEM file of certificate authorities that are trusted besides those of the system.
    pub(crate) authority: Option<PathBuf>,
    /// The client's own certificate, for daemons that ask for one.
    pub(crate) identity: Option<Identity>,
}

/// A client certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The PEM file of the certificate with its chain.
    pub(crate) certificate: PathBuf,
    /// The PEM file of the private key, unencrypted.
    pub(crate) key: PathBuf,
}

/// What the surroundings of an endpoint say about TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Security {
    /// Nothing: as the scheme says.
    Unspecified,
    /// TLS with these files.
    Verified(Tls),
    /// TLS without looking at the certificate.
    Unverified,
}

/// An endpoint that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    /// The text is no endpoint at all.
    #[error("`{0}` is no Docker endpoint: expected `unix:///path`, `tcp://host:port` or `https://host:port`")]
    Malformed(String),
    /// Docker reaches it through the program `ssh`.
    #[error("`{0}` is a Docker endpoint behind SSH, which is not supported")]
    Ssh(String),
    /// A Unix socket on Windows, or a named pipe anywhere else.
    #[error("`{0}` is a Docker endpoint of another operating system")]
    Foreign(String),
    /// `DOCKER_TLS` without `DOCKER_TLS_VERIFY`, or a context with `SkipTLSVerify`. Whoever stands in the way of such a
    /// connection can hand over other layers than those the user built.
    #[error("TLS without verification is asked for `{0}`, which is not supported")]
    Unverified(String),
}

impl Explain for EndpointError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed(_) | Self::Foreign(_) => None,
            Self::Ssh(text) => {
                let host = text.strip_prefix("ssh://").unwrap_or(text);
                let host = host.split_once('/').map_or(host, |(host, _)| host);
                Some(format!(
                    "run `ssh -N -L /tmp/docker.sock:/var/run/docker.sock ssh://{host}`, \
                     and beside it use `DOCKER_HOST=unix:///tmp/docker.sock`"
                ))
            }
            Self::Unverified(_) => Some(
                "set `DOCKER_TLS_VERIFY=1` and put the daemon's `ca.pem` into `DOCKER_CERT_PATH`, \
                 or create the context with `ca=…`"
                    .to_owned(),
            ),
        }
    }
}

/// Docker's own socket (`opts/hosts_unix.go`).
#[cfg(unix)]
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Docker's own pipe (`opts/hosts_windows.go`), as the client library names it.
#[cfg(windows)]
const DEFAULT_PIPE: &str = "//./pipe/docker_engine";
/// Docker's registered port, which its command line adds with and without TLS (`ParseTCPAddr` in `opts/hosts.go`).
const DEFAULT_PORT: u16 = 2375;
/// Where Docker looks when TLS is asked for but no host is named (`defaultTLSHost` in `opts/hosts.go`).
pub(super) const DEFAULT_TLS: &str = "tcp://localhost:2376";

impl Endpoint {
    /// Where Docker listens unless told otherwise.
    #[cfg(unix)]
    pub(super) fn default_of_docker() -> Self {
        Self::Socket(DEFAULT_SOCKET.into())
    }

    /// Where Docker listens unless told otherwise.
    #[cfg(windows)]
    pub(super) fn default_of_docker() -> Self {
        Self::Pipe(DEFAULT_PIPE.to_owned())
    }

    /// Reads `unix://`, `npipe://`, `tcp://`, `http://` and `https://`; without a scheme a path is a socket, and
    /// anything else TCP. A host without a port gets 2375 with `tcp://`, else the scheme's own.
    ///
    /// # Errors
    /// When the text is none of these, or asks for TLS without verification.
    pub(super) fn parse(text: &str, security: Security) -> Result<Self, EndpointError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or_else(|| {
            let path = text.starts_with('/') || text.starts_with("./");
            (if path { "unix" } else { "tcp" }, text)
        });
        let (port, tls) = match scheme {
            "unix" | "npipe" => return Self::local(scheme, rest, text),
            "ssh" => return Err(EndpointError::Ssh(shown(text))),
            "tcp" => (DEFAULT_PORT, None),
            "http" => (80, None),
            "https" => (443, Some(Tls::default())),
            _ => return Err(EndpointError::Malformed(shown(text))),
        };
        let address = Address::parse(rest, port).ok_or_else(|| EndpointError::Malformed(shown(text)))?;
        // Where TLS is asked for, the connection has it whatever the scheme says: nothing is ever downgraded.
        match (security, tls) {
            (Security::Unverified, _) => Err(EndpointError::Unverified(shown(text))),
            (Security::Verified(tls), _) | (Security::Unspecified, Some(tls)) => Ok(Self::Https(address, tls)),
            (Security::Unspecified, None) => Ok(Self::Http(address)),
        }
    }

    /// Whether it is on this machine, unless somebody forwards it from elsewhere.
    #[must_use]
    pub(crate) fn is_local(&self) -> bool {
        !matches!(self, Self::Http(_) | Self::Https(..))
    }

    #[cfg(unix)]
    fn local(scheme: &str, path: &str, text: &str) -> Result<Self, EndpointError> {
        match (scheme, path) {
            ("unix", "") => Ok(Self::default_of_docker()),
            ("unix", path) => Ok(Self::Socket(path.into())),
            _ => Err(EndpointError::Foreign(shown(text))),
        }
    }

    #[cfg(windows)]
    fn local(scheme: &str, path: &str, text: &str) -> Result<Self, EndpointError> {
        match (scheme, path) {
            ("npipe", "") => Ok(Self::default_of_docker()),
            ("npipe", path) => Ok(Self::Pipe(path.to_owned())),
            _ => Err(EndpointError::Foreign(shown(text))),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(unix)]
            Self::Socket(path) => write!(f, "unix://{}", path.display()),
            #[cfg(windows)]
            Self::Pipe(name) => write!(f, "npipe://{name}"),
            Self::Http(address) => write!(f, "http://{}", address.as_str()),
            Self::Https(address, _) => write!(f, "https://{}", address.as_str()),
        }
    }
}

impl Address {
    /// `host:port`.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A path would have to be a prefix of all of the API's paths, which the client library cannot do; a user name has
    /// no meaning to Docker.
    fn parse(text: &str, default_port: u16) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (host, port) = match text.parse::<Authority>() {
            Ok(authority) if !authority.as_str().contains('@') => {
                let port = authority.as_str().strip_prefix(authority.host())?.to_owned();
                (authority.host().to_owned(), port)
            }
            // `tcp://` and `tcp://:2376`, which mean this machine, are no authorities to the parser.
            _ => (String::new(), text.to_owned()),
        };
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port != 0)?
            }
            None if port.is_empty() => default_port,
            _ => return None,
        };
        let host = if host.is_empty() { "localhost" } else { &host };
        Some(Self(format!("{host}:{port}")))
    }
}

impl Tls {
    /// The files that Docker looks for in one directory: `ca.pem`, `cert.pem` and `key.pem`.
    pub(super) fn in_directory(directory: &Path) -> Self {
        let [authority, certificate, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| directory.join(name));
        let complete = certificate.exists() && key.exists();
        Self { authority: Some(authority), identity: complete.then_some(Identity { certificate, key }) }
    }
}

#[cfg(test)]
mod tests;
