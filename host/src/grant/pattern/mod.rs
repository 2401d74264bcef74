//! Patterns of hosts, which a flavor requests and a user grants.
//!
//! | pattern | stands for |
//! |---|---|
//! | `https://api.example.com` | that host, port 443 |
//! | `https://api.example.com:8443` | that host and port |
//! | `https://api.*.example.com` | exactly one label in place of `*`; the last two labels are never `*` |
//! | `https://{registry}` | the host of the call's registry, and its port if it has one |
//! | `https://{registry}:8443` | that host with this port |
//! | `https://10.0.0.5`, `https://[fd00::5]:8443` | that address; only if the user wrote it |
//! | `http://localhost:5557` | plain HTTP to exactly this host and port (80 if none); only if the user wrote it |
//!
//! No path, no query, no user information, no bare `*`: a pattern means no more than it shows. Names are ASCII
//! (internationalised ones as `xn--…`), so that no name can look like another.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::target::{NAME, Scheme, Target, is_label, is_of_machine};
use crate::image::Host;
use crate::text::{Escaped, Printable};

/// A pattern of hosts, in its one canonical form: lower case, no default port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HostPattern {
    scheme: Scheme,
    host: Name,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    /// The host of the call's registry.
    Registry,
    /// Labels or `*`, joined by dots.
    Labels(String),
    /// An address as URLs have it, an IPv6 one in brackets.
    Address(String),
}

/// A scheme, labels or an address, `*` and a port.
impl Printable for HostPattern {}

/// A text that is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Printable)]
#[error("`{text}` is no pattern of hosts: {reason}")]
pub(crate) struct PatternError {
    text: Escaped,
    reason: &'static str,
}

impl PatternError {
    /// The rule that the text breaks.
    #[must_use]
    pub(crate) fn reason(&self) -> &'static str {
        self.reason
    }
}

/// Labels at the end that must be written out: `https://*.example` would be a whole top-level domain.
const LITERAL_LABELS: usize = 2;
const REGISTRY: &str = "{registry}";

impl HostPattern {
    /// The pattern `https://{registry}`.
    #[must_use]
    pub(crate) fn registry() -> Self {
        Self { scheme: Scheme::Https, host: Name::Registry, port: None }
    }

    /// Whether it names one host and no other, whatever the registry.
    #[must_use]
    pub(crate) fn is_exact(&self) -> bool {
        match &self.host {
            Name::Registry => false,
            Name::Labels(labels) => !labels.contains('*'),
            Name::Address(_) => true,
        }
    }

    /// Whether it stands for the host of the call's registry.
    #[must_use]
    pub(crate) fn is_registry(&self) -> bool {
        matches!(self.host, Name::Registry)
    }

    /// Whether a flavor may request it: HTTPS and a name. Other patterns are for the user to write.
    #[must_use]
    pub(crate) fn may_be_requested(&self) -> bool {
        self.scheme == Scheme::Https && !matches!(self.host, Name::Address(_))
    }

    /// Whether it names one host, which only this machine can mean.
    #[must_use]
    pub(crate) fn is_of_machine(&self) -> bool {
        match &self.host {
            Name::Registry => false,
            Name::Labels(labels) => self.is_exact() && is_of_machine(labels, None),
            Name::Address(address) => {
                let address = address.trim_matches(['[', ']']).parse().ok();
                address.is_some() && is_of_machine("", address)
            }
        }
    }

    /// Whether a request's target is among the hosts. `{registry}` stands for `registry`, and for no host without one.
    #[must_use]
    pub(crate) fn matches(&self, target: &Target, registry: Option<&Host>) -> bool {
        let default = self.scheme.default_port();
        let (is_host, port) = match (&self.host, registry) {
            (Name::Registry, None) => return false,
            (Name::Registry, Some(registry)) => (registry.name() == target.host(), self.port.or(registry.port())),
            (Name::Labels(labels), _) => (!target.is_address() && matches_labels(labels, target.host()), self.port),
            (Name::Address(address), _) => (target.is_address() && address == target.host(), self.port),
        };
        is_host && self.scheme == target.scheme() && port.unwrap_or(default) == target.port()
    }
}

/// Label by label, a `*` for exactly one.
fn matches_labels(pattern: &str, host: &str) -> bool {
    let (mut pattern, mut host) = (pattern.split('.'), host.split('.'));
    loop {
        match (pattern.next(), host.next()) {
            (None, None) => return true,
            (Some("*"), Some(label)) if !label.is_empty() => {}
            (Some(expected), Some(label)) if expected == label => {}
            _ => return false,
        }
    }
}

impl FromStr for HostPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        parse(text).map_err(|reason| PatternError { text: Escaped::new(text, 200), reason })
    }
}

fn parse(text: &str) -> Result<HostPattern, &'static str> {
    let lower = text.to_ascii_lowercase();
    let (scheme, authority) = match lower.split_once("://") {
        Some(("https", authority)) => (Scheme::Https, authority),
        Some(("http", authority)) => (Scheme::Http, authority),
        _ => return Err("expected `https://HOST[:PORT]`"),
    };
    if authority.contains(['/', '?', '#', '@', '\\']) {
        return Err("expected a host and perhaps a port after `://`, and nothing else");
    }
    let after_bracket = authority.find(']').map_or(0, |bracket| bracket + 1);
    let (name, port) = match authority.get(after_bracket..).and_then(|rest| rest.split_once(':')) {
        Some((rest, port)) => (authority.get(..after_bracket + rest.len()).unwrap_or_default(), Some(port)),
        None => (authority, None),
    };
    let port = match port.map(self::port).transpose()? {
        Some(port) if port == scheme.default_port() => None,
        port => port,
    };
    let pattern = HostPattern { scheme, host: self::name(name)?, port };
    if scheme == Scheme::Http && !pattern.is_exact() {
        return Err("plain `http` is for one exact host, without `*` and `{registry}`");
    }
    Ok(pattern)
}

fn port(text: &str) -> Result<u16, &'static str> {
    let digits = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    let port = if digits { text.parse().ok() } else { None };
    port.ok_or("its port is no number from 1 to 65535")
}

fn name(text: &str) -> Result<Name, &'static str> {
    if text == REGISTRY {
        return Ok(Name::Registry);
    }
    if let Some(inner) = text.strip_prefix('[') {
        let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
        return address.map(|address| Name::Address(format!("[{address}]"))).ok_or("its IPv6 address is none");
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(Name::Address(address.to_string()));
    }
    let labels: Vec<&str> = text.split('.').collect();
    if text.len() > NAME || !labels.iter().all(|label| *label == "*" || is_label(label)) {
        return Err("its host is neither a name nor an address");
    }
    // URLs read such a name as an address, however it is spelled (WHATWG URL, "ends in a number").
    if labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x")) {
        return Err("its host ends in a number and is no address as `127.0.0.1`");
    }
    let literal = labels.iter().rev().take_while(|label| **label != "*").count();
    if literal < labels.len() && literal < LITERAL_LABELS {
        return Err("its last two labels have to be written out, as in `https://*.example.com`");
    }
    Ok(Name::Labels(text.to_owned()))
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match &self.host {
            Name::Registry => REGISTRY,
            Name::Labels(text) | Name::Address(text) => text,
        };
        write!(f, "{}://{host}", self.scheme)?;
        self.port.iter().try_for_each(|port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for HostPattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HostPattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A pattern of hosts, such as `https://*.example.com`."
        })
    }
}

impl serde::Serialize for HostPattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for HostPattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
