//! Where a registry may send the client: token servers, upload locations, redirects. All rules are in this file:
//! mistakes here have cost users of other clients their credentials (CVE-2020-15157, CVE-2026-48978, CVE-2026-50151).

use url::Url;

use super::host_address::{is_inside, is_loopback};
use super::shown::{shown, shown_text};
use crate::error::Explain;
use crate::text::{Escaped, Printable};

/// A place that a request may go to, and whether the registry's credentials may go along.
#[derive(Debug, Clone)]
pub(super) struct Destination {
    url: Url,
    is_registry: bool,
}

/// A place that a registry names and where the client doesn't go.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum DestinationError {
    /// It is not safe, or can't be understood.
    #[error("the {purpose} `{place}` that the registry names is refused: {reason}")]
    #[explain(kind = General, hint = reason.hint().to_owned())]
    Refused {
        /// What the place is for.
        purpose: &'static str,
        /// The place, without its query and without user information.
        place: Escaped,
        /// Why.
        reason: Reason,
    },
}

/// Why a place is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum Reason {
    /// A text that can't be parsed, or a relative one where an absolute URL must stand.
    #[error("it is no URL")]
    NoUrl,
    /// The registry speaks https and the place would not.
    #[error("it would leave https for plain http")]
    LeavesHttps,
    /// Plain HTTP to another host than the registry's, for which the user did not allow it.
    #[error("it would use plain http to another host than the registry's")]
    OtherPlainHost,
    /// Another scheme than `https` and `http`.
    #[error("it is neither https nor http")]
    Scheme,
    /// `user@` or `user:password@`.
    #[error("it carries user information")]
    UserInformation,
    /// A URL without a host.
    #[error("it names no host")]
    NoHost,
    /// A host that no registry can have, and no certificate be filed for.
    #[error("it names no host that certificates could be for")]
    UnusableHost,
    /// An address of a private network or of this machine, and not the registry's own.
    #[error("it is an address inside a private network, which is not the registry's own")]
    Private,
}

impl Reason {
    fn hint(self) -> &'static str {
        match self {
            Self::LeavesHttps => {
                "a proxy in front of a registry must send it `X-Forwarded-Proto: https` and the `Host` header"
            }
            _ => "whoever runs the registry can tell more",
        }
    }
}

impl Destination {
    /// The one decision whether credentials go along: to the registry's own scheme, host and port.
    fn new(registry: &Url, url: Url) -> Self {
        Self { is_registry: registry.origin() == url.origin(), url }
    }

    /// A path of the registry itself. `path` begins with `/` and holds no character that means something in a URL.
    pub(super) fn in_registry(registry: &Url, path: &str) -> Self {
        let mut url = registry.clone();
        url.set_path(path);
        Self::new(registry, url)
    }

    /// The place that the answer to a request to `from` points to.
    pub(super) fn follow(registry: &Url, from: &Url, location: &str) -> Result<Self, Box<DestinationError>> {
        let mut url = from.join(location).map_err(|_| refuse("location", shown_text(location), Reason::NoUrl))?;
        url.set_fragment(None);
        raise(registry, &mut url);
        check(registry, &url).map_err(|reason| refuse("location", shown(&url), reason))?;
        Ok(Self::new(registry, url))
    }

    /// The place of a redirect. One within the registry that drops the digest of an upload keeps it.
    pub(super) fn redirect(registry: &Url, from: &Url, location: &str) -> Result<Self, Box<DestinationError>> {
        let place = Self::follow(registry, from, location)?;
        let digest =
            |url: &Url| url.query_pairs().find(|(name, _)| name == "digest").map(|(_, digest)| digest.into_owned());
        match digest(from).filter(|_| place.is_registry && digest(&place.url).is_none()) {
            Some(digest) => Ok(place.with_query("digest", &digest)),
            None => Ok(place),
        }
    }

    /// Whether the registry's credentials may go along. To any other place they never go.
    pub(super) fn is_registry(&self) -> bool {
        self.is_registry
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The same place with this pair in its query, in place of others of that name. The rest stays byte for byte, as it
    /// may be signed.
    pub(super) fn with_query(mut self, name: &str, value: &str) -> Self {
        let is_other = |pair: &&str| url::form_urlencoded::parse(pair.as_bytes()).all(|(own, _)| own != name);
        let others: Vec<_> = self.url.query().into_iter().flat_map(|query| query.split('&')).filter(is_other).collect();
        let others = Some(others.join("&")).filter(|others| !others.is_empty());
        self.url.set_query(others.as_deref());
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }
}

/// A token server named by a challenge, if credentials may be sent there.
///
/// It may be any public host, as registries share token servers; the checks keep a registry from making the client
/// speak in the clear or to services inside the user's network.
pub(super) fn token_server(registry: &Url, realm: &str) -> Result<Url, Box<DestinationError>> {
    let mut url = Url::parse(realm).map_err(|_| refuse("token server", shown_text(realm), Reason::NoUrl))?;
    raise(registry, &mut url);
    check(registry, &url).map_err(|reason| refuse("token server", shown(&url), reason))?;
    Ok(url)
}

/// The place that a token server redirects to, by the same rules.
pub(super) fn token_redirect(registry: &Url, from: &Url, location: &str) -> Result<Url, Box<DestinationError>> {
    let mut url = from.join(location).map_err(|_| refuse("token server", shown_text(location), Reason::NoUrl))?;
    url.set_fragment(None);
    raise(registry, &mut url);
    raise(from, &mut url);
    check(registry, &url).map_err(|reason| refuse("token server", shown(&url), reason))?;
    Ok(url)
}

/// Whether a secret for one URL's server may go to the other's: the same origin, or the same host in https after plain
/// http, both at their default ports.
pub(super) fn is_same_server(from: &Url, to: &Url) -> bool {
    let raised = ["http", "https"] == [from.scheme(), to.scheme()]
        && from.host() == to.host()
        && from.port().is_none()
        && to.port().is_none();
    raised || from.origin() == to.origin()
}

/// The refusal of a place that the client can't connect to.
pub(super) fn unusable(url: &Url) -> Box<DestinationError> {
    refuse("location", shown(url), Reason::UnusableHost)
}

fn refuse(purpose: &'static str, place: String, reason: Reason) -> Box<DestinationError> {
    Box::new(DestinationError::Refused { purpose, place: place.into(), reason })
}

/// Raises plain http to https where an https registry names itself: the same host, and the same port or both default
/// ports. Registries behind a proxy that ends TLS don't know that they are spoken to in https. Nothing is sent in the
/// clear, and nothing to another server than the one that named the place.
fn raise(registry: &Url, url: &mut Url) {
    let is_same_port = match (registry.port_or_known_default(), url.port_or_known_default()) {
        (Some(443), Some(80)) => true,
        (own, port) => own == port,
    };
    if registry.scheme() == "https" && url.scheme() == "http" && registry.host() == url.host() && is_same_port {
        // Can't fail between these two schemes; if it did, the place would be refused.
        let _ = url.set_scheme("https");
    }
}

/// Whether plain HTTP, which the registry speaks, is allowed for the target: on the same host, or within this machine.
fn speaks_plain_http(registry: &Url, target: &Url) -> bool {
    let (Some(own), Some(host)) = (registry.host(), target.host()) else { return false };
    own == host || (is_loopback(&own) && is_loopback(&host))
}

fn check(registry: &Url, target: &Url) -> Result<(), Reason> {
    match target.scheme() {
        "https" => {}
        "http" if registry.scheme() != "http" => return Err(Reason::LeavesHttps),
        "http" if !speaks_plain_http(registry, target) => return Err(Reason::OtherPlainHost),
        "http" => {}
        _ => return Err(Reason::Scheme),
    }
    if !target.username().is_empty() || target.password().is_some() {
        return Err(Reason::UserInformation);
    }
    let (Some(own), Some(host)) = (registry.host(), target.host()) else { return Err(Reason::NoHost) };
    // A registry on this machine may name another service on this machine; no other registry may.
    if is_inside(&host) && host != own && !(is_loopback(&own) && is_loopback(&host)) {
        return Err(Reason::Private);
    }
    Ok(())
}
