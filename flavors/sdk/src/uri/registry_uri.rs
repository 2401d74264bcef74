//! A registry URI: what all kinds of registries have in common.

use std::fmt;

use crate::types::Failure;

use super::error::Error;
use super::host::{self, names_host};
use super::path;

/// Most characters of a registry URI in canonical form: that of names in the distribution specification.
pub const MAX_LENGTH: usize = 255;

/// A well-formed registry URI; displays in canonical form: no scheme, lower-case host, no trailing slash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistryUri {
    host: String,
    port: Option<u16>,
    path: Vec<String>,
}

impl RegistryUri {
    /// Parses the text that a user typed.
    ///
    /// The host is a DNS name, `localhost`, an IPv4 address or an IPv6 address in brackets. The error says what was
    /// wrong and how to correct it; it turns into a [`Failure`](crate::Failure) with `?`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        refuse_foreign_parts(text)?;
        let text = text.trim_end_matches('/');
        if text.is_empty() {
            return Err(Error::Empty);
        }
        let (authority, path) = match text.split_once('/') {
            Some((authority, path)) => (authority, Some(path)),
            None => (text, None),
        };
        if authority.is_empty() {
            return Err(Error::EmptyComponent(text.to_owned()));
        }
        if !names_host(authority) {
            return Err(Error::NoHost(text.to_owned()));
        }
        let (host, port) = host::parse(authority)?;
        let path = path.map_or(Ok(Vec::new()), |path| path::parse(text, path))?;
        let uri = Self { host, port, path };
        match uri.to_string().len() {
            length if length > MAX_LENGTH => Err(Error::TooLong),
            _ => Ok(uri),
        }
    }

    /// The host, lower case, without port; an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if the URI names one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The components of the path; empty for a bare host.
    pub fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The same path on another host, without port; `host` is taken as it is.
    #[must_use]
    pub fn on_host(&self, host: &str) -> Self {
        Self { host: host.to_owned(), port: None, path: self.path.clone() }
    }

    /// The URI without port 443, which is the port of `https` anyway.
    ///
    /// Fails if there is another port; `whose` is the registry that has none, e.g. `ECR`.
    pub fn without_port(&self, whose: &str) -> Result<Self, Failure> {
        let canonical = self.on_host(&self.host);
        match self.port {
            None | Some(443) => Ok(canonical),
            Some(_) => Err(Failure::invalid_input(format!("`{self}` has a port, expected {whose} without one"))
                .hint(format!("write `{canonical}`"))),
        }
    }

    /// Host and port, as they stand in front of the path.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Warnings about an unusual URI that is not wrong enough to refuse, one line each.
    pub fn warnings(&self) -> Vec<String> {
        if self.host.contains('_') {
            vec![format!(
                "host `{}` has an underscore, which is not allowed in host names; some resolvers and certificates refuse it",
                self.host
            )]
        } else {
            Vec::new()
        }
    }
}

impl fmt::Display for RegistryUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority())?;
        self.path.iter().try_for_each(|component| write!(f, "/{component}"))
    }
}

/// Refuses parts of URLs and image references that registry URIs do not have.
fn refuse_foreign_parts(text: &str) -> Result<(), Error> {
    // First of all, because every other message may quote the text, and a password may stand before an `@`.
    if let Some((before, after)) = text.rsplit_once('@') {
        return Err(match before.contains('/') && looks_like_digest(after) {
            true => Error::Digest { digest: after.to_owned(), without: before.to_owned() },
            false => Error::UserInfo(after.to_owned()),
        });
    }
    // Before the others, so that they quote nothing endless; twice the limit leaves room for slashes that are dropped.
    if text.len() > 2 * MAX_LENGTH {
        return Err(Error::TooLong);
    }
    if let Some((scheme, rest)) = text.split_once(':')
        && let Some(rest) = rest.strip_prefix("//")
    {
        return Err(Error::Scheme { scheme: scheme.to_owned(), without: rest.trim_end_matches('/').to_owned() });
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Error::WhiteSpace(text.to_owned()));
    }
    match text.find(['?', '#']).and_then(|at| text.split_at_checked(at)) {
        Some((without, rest)) => {
            Err(Error::Query { query: rest.to_owned(), without: without.trim_end_matches('/').to_owned() })
        }
        None => Ok(()),
    }
}

/// `algorithm:hex`, as after the `@` of an image reference.
fn looks_like_digest(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(algorithm, hex)| algorithm.starts_with("sha") && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
