//! The address that `crhost serve` listens at.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use super::failure::Failure;
use crate::error::Kind;
use crate::text::Foreign;

/// The port where none is given, as of docker-registry.
const PORT: u16 = 5000;

/// An address, or a name that this machine resolves to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listen {
    /// An address with its port.
    Address(SocketAddr),
    /// A host name and a port.
    Name(String, u16),
}

/// `5006` and `:5006` are ports of this machine alone: who wants to be reached from outside says so.
impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self::Address((address, PORT).into()));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => ("", Some(text)),
            None => (text, None),
        };
        let is_digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let number = port.map_or(Some(PORT), |port| port.parse().ok().filter(|_| is_digits(port)));
        let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        match number {
            Some(port) if host.is_empty() && !text.is_empty() => Ok(Self::Address((Ipv4Addr::LOCALHOST, port).into())),
            // The name itself is never resolved: some systems know only `::1` by it.
            Some(port) if host == "localhost" => Ok(Self::Address((Ipv4Addr::LOCALHOST, port).into())),
            Some(port) if is_name && !text.is_empty() => Ok(Self::Name(host.to_owned(), port)),
            _ => Err("expected a port, or an address with a port, such as `5006` or `127.0.0.1:5006`".to_owned()),
        }
    }
}

impl Listen {
    /// The address to bind.
    pub(super) async fn address(self) -> Result<SocketAddr, Failure> {
        let (name, port) = match self {
            Self::Address(address) => return Ok(address),
            Self::Name(name, port) => (name, port),
        };
        let reason = match tokio::net::lookup_host((name.as_str(), port)).await.map(|mut found| found.next()) {
            Ok(Some(address)) => return Ok(address),
            Ok(None) => "it has no address".to_owned(),
            Err(reason) => Foreign(reason).to_string(),
        };
        let message = format!("`{name}` of `--listen` is not an address of this machine: {reason}");
        Err(Failure::new(Kind::Usage, message, "`--listen 127.0.0.1:5006` is for this machine alone"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_and_localhost_are_this_machine() {
        for (text, address) in [
            ("5006", "127.0.0.1:5006"),
            (":5006", "127.0.0.1:5006"),
            ("localhost:5006", "127.0.0.1:5006"),
            ("localhost", "127.0.0.1:5000"),
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("0.0.0.0:5006", "0.0.0.0:5006"),
            ("0.0.0.0", "0.0.0.0:5000"),
            ("[::1]:5006", "[::1]:5006"),
            ("::1", "[::1]:5000"),
        ] {
            assert_eq!(text.parse(), Ok(Listen::Address(address.parse().unwrap())), "{text}");
        }
        assert_eq!("build-3.local:5006".parse(), Ok(Listen::Name("build-3.local".to_owned(), 5006)));
    }

    #[test]
    fn what_is_no_address_is_answered_with_the_forms() {
        for text in ["", ":", "70000", "localhost:", "localhost:x", "localhost:+5", "a b:1", "http://localhost:5000"] {
            assert!(text.parse::<Listen>().unwrap_err().starts_with("expected a port"), "{text}");
        }
    }
}
