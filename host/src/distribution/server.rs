//! The servers that a push talks to, as errors name them.

use std::fmt;

use url::Url;

use crate::image::Host;
use crate::text::{Escaped, Printable};

/// The other side of a request. It is shown as a noun, such as ``registry `ghcr.io` ``.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) struct Server {
    name: Escaped,
    host: Escaped,
    is_registry: bool,
}

impl Server {
    /// A registry.
    pub(super) fn registry(host: &Host) -> Self {
        Self { name: format!("registry `{host}`").into(), host: host.as_str().into(), is_registry: true }
    }

    /// The server that gives out a registry's tokens.
    pub(super) fn token_server(registry: &Host, realm: &Url) -> Self {
        let host = authority(realm);
        let name = format!("token server `{host}` of registry `{registry}`").into();
        Self { name, host: host.into(), is_registry: false }
    }

    /// Another server that a registry points to, such as the store behind it.
    pub(super) fn elsewhere(registry: &Host, url: &Url) -> Self {
        let host = authority(url);
        Self { name: format!("server `{host}` of registry `{registry}`").into(), host: host.into(), is_registry: false }
    }

    /// Whether it is the registry itself, and not a server that it points to.
    #[must_use]
    pub(super) fn is_registry(&self) -> bool {
        self.is_registry
    }

    /// `host[:port]`, as certificates for it are filed.
    #[must_use]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
