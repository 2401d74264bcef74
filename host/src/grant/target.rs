//! The target of a request, parsed once: the host that is matched is the host that is connected to.

use std::fmt;
use std::net::IpAddr;

use url::{Host as UrlHost, Url};

/// The scheme of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// The port of a URL without one.
    #[must_use]
    pub(crate) fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// An absolute `https` or `http` URL without user information and fragment. Its host has one spelling: lower case, and
/// an address in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    scheme: Scheme,
    host: String,
    address: Option<IpAddr>,
    port: u16,
    path: String,
}

/// Bytes of a URL: far above those of services, and below the longest request line that servers accept.
const URL_BYTES: usize = 8 << 10;
/// Characters of a host's name and of one label of it (RFC 1035, section 2.3.4).
pub(super) const NAME: usize = 253;
/// See [`NAME`].
const LABEL: usize = 63;

/// Whether a text is a label of a host's name, in lower case: letters, digits, `-`, and `_`, which some services have.
pub(super) fn is_label(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= LABEL
        && edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

impl Target {
    /// Parses a URL of a flavor.
    ///
    /// # Errors
    /// The reason why it is refused, in words that don't repeat it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > URL_BYTES {
            return Err("the URL is longer than 8 KiB");
        }
        // Parsers differ in tabs, line breaks and `\`: a URL that two of them could read differently is refused.
        if !text.bytes().all(|b| b.is_ascii_graphic()) || text.contains(['\\', '#']) {
            return Err("the URL holds a character that has to be percent-encoded, or a fragment");
        }
        let scheme = match text.split_once("://") {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
            _ => return Err("expected an absolute `https` URL"),
        };
        let url = Url::parse(text).map_err(|_| "the URL does not parse")?;
        let authority = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()).unwrap_or_default();
        if authority.is_empty() {
            return Err("the URL has no host");
        }
        if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err("the URL holds user information");
        }
        if authority.ends_with(':') {
            return Err("the URL has a colon and no port");
        }
        let (host, address) = match url.host() {
            Some(UrlHost::Domain(name)) if name.ends_with('.') => return Err("the URL's host ends in a dot"),
            // URLs allow `*`, `$(…)`, `;` and more in names. Hints show the host in commands that users paste into a
            // shell.
            Some(UrlHost::Domain(name)) if name.len() > NAME || !name.split('.').all(is_label) => {
                return Err("the URL's host is no name of letters, digits, `-` and `_`");
            }
            Some(UrlHost::Domain(name)) => (name.to_owned(), None),
            Some(UrlHost::Ipv4(v4)) => (v4.to_string(), Some(IpAddr::V4(v4))),
            Some(UrlHost::Ipv6(v6)) => (format!("[{v6}]"), Some(IpAddr::V6(v6))),
            _ => return Err("the URL has no host"),
        };
        let port = url.port().unwrap_or(scheme.default_port());
        if port == 0 {
            return Err("the URL's port is 0");
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self { scheme, host, address, port, path: format!("{}{query}", url.path()) })
    }

    /// The scheme.
    #[must_use]
    pub(crate) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host: a name, or an address, an IPv6 one in brackets.
    #[must_use]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The address, if the host is one.
    #[must_use]
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Whether only this machine can mean it.
    #[must_use]
    pub(crate) fn is_of_machine(&self) -> bool {
        is_of_machine(self.host(), self.address())
    }

    /// Whether the host is an address.
    #[must_use]
    pub(crate) fn is_address(&self) -> bool {
        self.address.is_some()
    }

    /// The port, which is the scheme's default if the URL has none.
    #[must_use]
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, as in a request line.
    #[must_use]
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Path without the query.
    #[must_use]
    pub(crate) fn path_without_query(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path)
    }

    /// The query, without its question mark; none if the URL has none.
    #[must_use]
    pub(crate) fn query(&self) -> Option<&str> {
        self.path.split_once('?').map(|(_, query)| query)
    }

    /// `host[:port]`, as in the header `host`.
    #[must_use]
    pub(crate) fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if *port == self.scheme.default_port() { host.clone() } else { format!("{host}:{port}") }
    }

    /// `scheme://host[:port]`: the part of a URL that may be shown, since paths and queries may hold secrets, and the
    /// pattern that would grant it.
    #[must_use]
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority())
    }
}

/// Whether a host is one that only this machine can mean: a link-local address (RFC 3927, RFC 4291), or a name below
/// `.internal` (reserved by ICANN in 2024), as clouds have for the metadata of their machines.
pub(super) fn is_of_machine(host: &str, address: Option<IpAddr>) -> bool {
    match address {
        Some(IpAddr::V4(address)) => address.is_link_local(),
        Some(IpAddr::V6(address)) => address.is_unicast_link_local(),
        None => host.ends_with(".internal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_spelling() {
        for (url, origin) in [
            ("https://api.example.com", "https://api.example.com"),
            ("HTTPS://API.Example.COM/x?y", "https://api.example.com"),
            ("https://api.example.com:443/", "https://api.example.com"),
            ("https://api.example.com:8443/", "https://api.example.com:8443"),
            ("http://api.example.com:443/", "http://api.example.com:443"),
            ("https://%61pi.example.com/", "https://api.example.com"),
            ("https://0x7f000001/", "https://127.0.0.1"),
            ("https://127.1/", "https://127.0.0.1"),
            ("https://2130706433/", "https://127.0.0.1"),
            ("https://0177.0.0.1/", "https://127.0.0.1"),
            ("https://[0:0::1]/", "https://[::1]"),
            ("https://[::ffff:127.0.0.1]/", "https://[::ffff:127.0.0.1]"),
        ] {
            assert_eq!(Target::parse(url).unwrap().origin(), origin, "{url}");
        }
    }

    #[test]
    fn path_and_query_go_into_the_request_line_as_they_are() {
        let target = Target::parse("https://h.example/a%2Fb/../c?x=%20&y=/").unwrap();
        assert_eq!(target.path(), "/c?x=%20&y=/");
        assert_eq!(Target::parse("https://h.example?x").unwrap().path(), "/?x");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for url in [
            "",
            "granted.example",
            "//granted.example/",
            "/path",
            "https:granted.example",
            "https:///granted.example",
            "https://",
            "https:///",
            "https://@granted.example/",
            "https://granted.example@evil.example/",
            "https://user:pw@granted.example/",
            "https://evil.example#@granted.example/",
            "https://evil.example\\@granted.example/",
            "https://granted.example./",
            "https://granted.example:/",
            "https://granted.example:99999/",
            "https://granted.example:0/",
            "https://granted.example:x/",
            "https://gran ted.example/",
            "https://granted.example/\t",
            "https://gran\nted.example/",
            "https://granted.example\r/",
            "https://granted.example\0/",
            "https://grän.example/",
            "https://granted.example/ü",
            "https://granted。example/",
            "https://granted%00.example/",
            "https://granted%2f.example/",
            "https://granted.example%40evil.example/",
            "https://$(touch${IFS}x).example/",
            "https://`reboot`.example/",
            "https://a;reboot;.example/",
            "https://a&b.example/",
            "https://a'b.example/",
            "https://*.example.com/",
            "https://.example.com/",
            "https://a..example.com/",
            "https://-a.example.com/",
            "https://a-.example.com/",
            &format!("https://{}.example/", "a".repeat(64)),
            &format!("https://{}example/", "a.".repeat(130)),
            "https://[::1/",
            "https://[fe80::1%25eth0]/",
            "https://1.2.3.4.5/",
            "https://999.1.1.1/",
            "ftp://granted.example/",
            "ws://granted.example/",
            "wss://granted.example/",
            "file:///etc/passwd",
            "javascript://granted.example/",
            " https://granted.example/",
            &format!("https://granted.example/{}", "a".repeat(9000)),
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}
