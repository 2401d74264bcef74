//! Where a daemon listens on TCP.

use http::uri::{Authority, PathAndQuery};

/// A host with its port, such as `build.example:2376` or `[::1]:2375`, and the path before the API's paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// A name, or an IPv6 address in brackets.
    host: String,
    port: u16,
    /// Empty, or `/` with more behind it and none at its end.
    path: String,
    /// All three.
    text: String,
}

impl Address {
    /// `host:port/path`.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// `host:port`.
    #[must_use]
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The name or the address without brackets.
    #[must_use]
    pub(crate) fn host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }

    /// The port.
    #[must_use]
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The path before the API's paths; empty for none.
    #[must_use]
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Parses `host[:port][/path]`. A user name is refused, since Docker has no use for it.
    pub(super) fn parse(text: &str, default_port: u16) -> Option<Self> {
        let (text, path) = text.find('/').map_or((text, ""), |slash| text.split_at(slash));
        let path = path.trim_end_matches('/');
        let is_path = path.bytes().all(|b| b.is_ascii_graphic() && !b"?#".contains(&b))
            && (path.is_empty() || path.parse::<PathAndQuery>().is_ok());
        if !is_path {
            return None;
        }
        let (host, port) = match text.parse::<Authority>() {
            Ok(authority) if !authority.as_str().contains('@') => {
                let port = authority.as_str().strip_prefix(authority.host())?.to_owned();
                (authority.host().to_owned(), port)
            }
            // `tcp://` and `tcp://:2376` mean this machine, and the parser refuses them.
            _ => (String::new(), text.to_owned()),
        };
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port != 0)?
            }
            None if port.is_empty() => default_port,
            _ => return None,
        };
        let host = if host.is_empty() { "localhost".to_owned() } else { host };
        let text = format!("{host}:{port}{path}");
        Some(Self { host, port, path: path.to_owned(), text })
    }
}
