//! Addresses of Docker daemons, in the forms that `DOCKER_HOST` and contexts have.
//!
//! Follows `opts/hosts.go` of <https://github.com/docker/cli>, and takes `http://` and `https://` besides.

mod address;
#[cfg(unix)]
mod owner;
mod ssh;

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::shown::shown;
use crate::error::Explain;
use crate::text::{Escaped, Printable};
pub(crate) use address::Address;
pub(crate) use ssh::SshTarget;

/// The address of a Docker daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A Unix socket.
    #[cfg(unix)]
    Socket(PathBuf),
    /// A named pipe.
    #[cfg(windows)]
    Pipe(String),
    /// TCP without encryption.
    Http(Address),
    /// TCP with TLS.
    Https(Address, Tls),
    /// Another machine, through the program `ssh`.
    Ssh(SshTarget),
}

/// Authorities and client certificate of a connection. The files are read when the connection is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    /// A PEM file of certificate authorities that are trusted besides those of the system.
    pub(crate) authority: Option<PathBuf>,
    /// The client's certificate, for daemons that ask for one.
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

/// The TLS settings of variables or of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Security {
    /// No settings: the scheme decides.
    Unspecified,
    /// TLS with these files.
    Verified(Tls),
    /// TLS without verification of the certificate.
    Unverified,
}

/// An endpoint that cannot be used.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum EndpointError {
    /// The text is not an endpoint.
    #[error(
        "`{0}` is no Docker endpoint: expected `unix:///path`, `tcp://host:port`, `https://host:port` or \
             `ssh://user@host`"
    )]
    Malformed(Escaped),
    /// It names no machine behind SSH that the program `ssh` can be asked for.
    #[error("`{0}` is no Docker endpoint behind SSH: expected `ssh://[user@]host[:port][/path/of/docker.sock]`")]
    #[explain(hint = "give the machine a name in `~/.ssh/config`, where user, port and key may be anything, and use \
                      `ssh://NAME`")]
    Ssh(Escaped),
    /// A Unix socket on Windows, or a named pipe anywhere else.
    #[error("`{0}` is a Docker endpoint of another operating system")]
    #[explain(hint = "leave it unset for this system's own daemon, or give `tcp://host:port` or `ssh://user@host`")]
    Foreign(Escaped),
    /// `DOCKER_TLS` without `DOCKER_TLS_VERIFY`, or a context with `SkipTLSVerify`. An attacker on the network could
    /// replace the layers of such a connection.
    #[error("TLS without verification is asked for `{0}`, which is not supported")]
    #[explain(hint = "set `DOCKER_TLS_VERIFY=1` and put the daemon's `ca.pem` into `DOCKER_CERT_PATH`, \
                or create the context with `ca=…`")]
    Unverified(Escaped),
}

/// Docker's own socket (`opts/hosts_unix.go`).
#[cfg(unix)]
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Docker's own pipe (`opts/hosts_windows.go`), as the client library names it.
#[cfg(windows)]
const DEFAULT_PIPE: &str = "//./pipe/docker_engine";
/// Docker's registered port, which its command line adds with and without TLS (`ParseTCPAddr` in `opts/hosts.go`).
const DEFAULT_PORT: u16 = 2375;
/// Docker's endpoint for TLS settings without a host (`defaultTLSHost` in `opts/hosts.go`).
pub(super) const DEFAULT_TLS: &str = "tcp://localhost:2376";

impl Endpoint {
    /// The next step where this user may not open it.
    pub(super) fn denial_hint(&self) -> String {
        match self {
            Self::Ssh(_) => {
                "`ssh` to that host by hand, without a password; the user there must be of the group `docker`"
                    .to_owned()
            }
            #[cfg(unix)]
            Self::Socket(path) => owner::hint(path),
            _ => "run as a user of the group `docker`, or as root".to_owned(),
        }
    }

    /// Whether something may listen there, as far as that can be known without a connection.
    pub(super) fn exists(&self) -> bool {
        match self {
            #[cfg(unix)]
            Self::Socket(path) => path.exists(),
            #[cfg(windows)]
            Self::Pipe(name) => Path::new(name).exists(),
            Self::Http(_) | Self::Https(..) | Self::Ssh(_) => true,
        }
    }

    /// Docker's own default.
    #[cfg(unix)]
    pub(super) fn default_of_docker() -> Self {
        Self::Socket(DEFAULT_SOCKET.into())
    }

    /// Docker's own default.
    #[cfg(windows)]
    pub(super) fn default_of_docker() -> Self {
        Self::Pipe(DEFAULT_PIPE.to_owned())
    }

    /// Parses `unix://`, `npipe://`, `tcp://`, `http://`, `https://` and `ssh://`; without a scheme a path is a socket,
    /// and any other text TCP. `unix:/path` and Python's `http+unix://%2Fpath` are sockets too. A host without a port
    /// gets 2375 with `tcp://`, else the scheme's default.
    ///
    /// # Errors
    /// When the text has another form, or `security` is [`Security::Unverified`].
    pub(super) fn parse(text: &str, security: Security) -> Result<Self, EndpointError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or_else(|| match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => ("unix", path),
            _ if text.starts_with('/') || text.starts_with("./") => ("unix", text),
            _ => ("tcp", text),
        });
        let scheme = scheme.to_ascii_lowercase();
        let (port, tls) = match scheme.as_str() {
            "http+unix" => {
                let path = percent_decode_str(rest).decode_utf8_lossy();
                return Self::local("unix", &path, text);
            }
            "unix" | "npipe" => return Self::local(&scheme, rest, text),
            "ssh" => {
                let target = SshTarget::parse(rest).map(Self::Ssh);
                return target.ok_or_else(|| EndpointError::Ssh(without_password(text)));
            }
            "tcp" => (DEFAULT_PORT, None),
            "http" => (80, None),
            "https" => (443, Some(Tls::default())),
            _ => return Err(EndpointError::Malformed(without_password(text))),
        };
        let address = Address::parse(rest, port).ok_or_else(|| EndpointError::Malformed(without_password(text)))?;
        // TLS settings hold for every scheme, so that no connection is downgraded.
        match (security, tls) {
            (Security::Unverified, _) => Err(EndpointError::Unverified(shown(text))),
            (Security::Verified(tls), _) | (Security::Unspecified, Some(tls)) => Ok(Self::Https(address, tls)),
            (Security::Unspecified, None) => Ok(Self::Http(address)),
        }
    }

    /// Whether it is a socket or pipe of this machine (which may still be forwarded from another one).
    #[must_use]
    pub(crate) fn is_local(&self) -> bool {
        !matches!(self, Self::Http(_) | Self::Https(..) | Self::Ssh(_))
    }

    /// Whether no machine on the way can read what is sent there.
    #[must_use]
    pub(crate) fn is_private(&self) -> bool {
        match self {
            Self::Http(address) => {
                let host = address.host();
                host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            }
            _ => true,
        }
    }

    /// The path before the API's paths; empty for none.
    #[must_use]
    pub(super) fn base_path(&self) -> &str {
        match self {
            Self::Http(address) | Self::Https(address, _) => address.path(),
            _ => "",
        }
    }

    /// The `Host` of requests. A daemon on a socket has no name, and this one is as good as any.
    #[must_use]
    pub(super) fn host_header(&self) -> String {
        match self {
            Self::Http(address) | Self::Https(address, _) => address.authority(),
            _ => "docker".to_owned(),
        }
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

/// The text as it is shown: what may be a password stays out.
fn without_password(text: &str) -> Escaped {
    let hidden = text.rsplit_once('@').and_then(|(before, host)| {
        let start = before.find("://").map_or(0, |scheme| scheme + 3);
        let colon = before.get(start..)?.find(':')?;
        Some(format!("{}:…@{host}", before.get(..start + colon)?))
    });
    shown(hidden.as_deref().unwrap_or(text))
}

/// A path is escaped where it is shown; the rest is visible ASCII.
impl Printable for Endpoint {}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(unix)]
            Self::Socket(path) => write!(f, "unix://{}", Escaped::from(path)),
            #[cfg(windows)]
            Self::Pipe(name) => write!(f, "npipe://{}", Escaped::from(name)),
            Self::Http(address) => write!(f, "http://{}", address.as_str()),
            Self::Https(address, _) => write!(f, "https://{}", address.as_str()),
            Self::Ssh(target) => write!(f, "ssh://{}", target.text()),
        }
    }
}

impl Tls {
    /// Docker's file names in one directory: `ca.pem`, `cert.pem` and `key.pem`.
    pub(super) fn in_directory(directory: &Path) -> Self {
        let [authority, certificate, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| directory.join(name));
        let complete = certificate.exists() && key.exists();
        Self { authority: Some(authority), identity: complete.then_some(Identity { certificate, key }) }
    }
}

#[cfg(test)]
mod tests;
