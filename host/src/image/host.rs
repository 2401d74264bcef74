//! Registry hosts, `host[:port]`.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::text::{Escaped, Printable};

/// The host of a registry with its optional port, in lower case: `ghcr.io`, `localhost:5000`, `[::1]:5000`.
///
/// The grammar is that of `domain` in the distribution project's `reference` package, with `_` inside labels besides
/// (some registries have such names) and without ports that don't exist. The default registry of that grammar has
/// several names, which all parse to the one of image references.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Host(String);

/// A text that is not a registry host.
#[derive(Debug, Clone, thiserror::Error, Printable)]
#[error(
    "`{0}` is no registry host: expected `host` or `host:port`, such as `registry.example.com` or `localhost:5000`"
)]
pub(crate) struct HostError(Escaped);

/// The domain of a reference that names none (`splitDockerDomain` in the `reference` package).
const DEFAULT: &str = "docker.io";
/// Other names of the default domain, from users and old configuration files.
const DEFAULT_ALIASES: [&str; 3] = ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
/// The host of the default domain's distribution API.
const DEFAULT_API: &str = "registry-1.docker.io";
/// Key of the default domain's credentials in Docker's configuration.
const DEFAULT_CREDENTIAL_KEY: &str = "https://index.docker.io/v1/";
/// Longest host name in bytes, as text (RFC 1035, section 2.3.4: 255 on the wire).
const MAX_NAME: usize = 253;
/// Longest label of a host name in bytes (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

impl Host {
    /// The host of references that name none.
    #[must_use]
    pub(crate) fn default_registry() -> Self {
        Self(DEFAULT.to_owned())
    }

    /// Whether this is the host of references that name none.
    #[must_use]
    pub(crate) fn is_default_registry(&self) -> bool {
        self.0 == DEFAULT
    }

    /// `host[:port]` as in references.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// `host[:port]` of the distribution API; differs only for the default registry.
    #[must_use]
    pub(crate) fn api(&self) -> &str {
        if self.is_default_registry() { DEFAULT_API } else { &self.0 }
    }

    /// The host's key in Docker's configuration and credential helpers.
    #[must_use]
    pub(crate) fn credential_key(&self) -> &str {
        if self.is_default_registry() { DEFAULT_CREDENTIAL_KEY } else { &self.0 }
    }

    /// The host without its port.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        split_port(&self.0).0
    }

    /// The port, where one is written.
    #[must_use]
    pub(crate) fn port(&self) -> Option<u16> {
        split_port(&self.0).1.and_then(|port| port.parse().ok())
    }

    /// Whether this is the machine itself: `localhost`, a name below it (RFC 6761, section 6.3), or a loopback address.
    #[must_use]
    pub(crate) fn is_loopback(&self) -> bool {
        let name = self.name();
        let v6 = name.strip_prefix('[').and_then(|n| n.strip_suffix(']'));
        name == "localhost"
            || name.ends_with(".localhost")
            || name.parse::<Ipv4Addr>().is_ok_and(|a| a.is_loopback())
            || v6.is_some_and(|n| n.parse::<Ipv6Addr>().is_ok_and(|a| a.is_loopback()))
    }

    /// Whether the first component of a reference is a host rather than part of the path (`splitDockerDomain`).
    pub(super) fn looks_like_host(component: &str) -> bool {
        component == "localhost" || component.contains(['.', ':']) || component.bytes().any(|b| b.is_ascii_uppercase())
    }
}

/// Splits at the colon before the port; the colons inside `[…]` do not count.
fn split_port(text: &str) -> (&str, Option<&str>) {
    let after_bracket = text.rfind(']').map_or(0, |i| i + 1);
    match text.get(after_bracket..).and_then(|rest| rest.rfind(':')) {
        Some(colon) => {
            let (name, port) = text.split_at(after_bracket + colon);
            (name, port.strip_prefix(':'))
        }
        None => (text, None),
    }
}

fn is_port(text: &str) -> bool {
    !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn is_label(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    text.len() <= MAX_LABEL
        && edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn is_name(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|v6| v6.parse::<Ipv6Addr>().is_ok()),
        None => text.len() <= MAX_NAME && text.split('.').all(is_label),
    }
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let (name, port) = split_port(text);
        if !is_name(name) || !port.is_none_or(is_port) {
            return Err(HostError(Escaped::new(text, MAX_NAME)));
        }
        let lower = text.to_ascii_lowercase();
        Ok(if DEFAULT_ALIASES.contains(&lower.as_str()) { Self::default_registry() } else { Self(lower) })
    }
}

/// Letters, digits, `-`, `_`, `.`, `:`, `[` and `]`.
impl Printable for Host {}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_kept_in_lower_case_and_the_default_registry_has_one_name() {
        for (text, host) in [
            ("GHCR.io", "ghcr.io"),
            ("localhost:5000", "localhost:5000"),
            ("[::1]:5000", "[::1]:5000"),
            ("192.168.1.100:9000", "192.168.1.100:9000"),
            ("selfhosted_harbor.com", "selfhosted_harbor.com"),
            ("index.docker.io", "docker.io"),
            ("registry-1.docker.io", "docker.io"),
        ] {
            assert_eq!(text.parse::<Host>().unwrap().as_str(), host, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_host_is_refused() {
        for bad in [
            "", "a..b", ".a", "a.", "-a.b", "a:0", "a:99999", "a:", "a:b", "a:05", "[::1", "[zz]", "a b", "a/b", "ü.de",
        ] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_machine_itself_is_loopback() {
        for (host, loopback) in [
            ("localhost", true),
            ("localhost:5000", true),
            ("127.0.0.2:1", true),
            ("[::1]:5000", true),
            ("k3d-registry.localhost:5000", true),
            ("a.b.LOCALHOST", true),
            ("notlocalhost:5000", false),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(host.parse::<Host>().unwrap().is_loopback(), loopback, "{host}");
        }
    }
}
