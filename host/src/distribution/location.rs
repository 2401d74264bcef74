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
        check(registry, &url).map_err(|reason| refuse("location", shown(&url), reason))?;
        Ok(Self::new(registry, url))
    }

    /// Whether the registry's credentials may go along. To any other place they never go.
    pub(super) fn is_registry(&self) -> bool {
        self.is_registry
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The same place with one more pair in its query.
    pub(super) fn with_query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }
}

/// A token server named by a challenge, if credentials may be sent there.
///
/// It may be any public host, as registries share token servers; the checks keep a registry from making the client
/// speak in the clear or to services inside the user's network.
pub(super) fn token_server(registry: &Url, realm: &str) -> Result<Url, Box<DestinationError>> {
    let url = Url::parse(realm).map_err(|_| refuse("token server", shown_text(realm), Reason::NoUrl))?;
    check(registry, &url).map_err(|reason| refuse("token server", shown(&url), reason))?;
    Ok(url)
}

/// The refusal of a place that the client can't connect to.
pub(super) fn unusable(url: &Url) -> Box<DestinationError> {
    refuse("location", shown(url), Reason::UnusableHost)
}

fn refuse(purpose: &'static str, place: String, reason: Reason) -> Box<DestinationError> {
    Box::new(DestinationError::Refused { purpose, place: place.into(), reason })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn text(result: Result<Destination, Box<DestinationError>>) -> String {
        match result {
            Ok(destination) => destination.url().to_string(),
            Err(error) => {
                let DestinationError::Refused { reason, .. } = *error;
                format!("refused: {reason}")
            }
        }
    }

    #[test]
    fn a_token_server_is_public_and_https_unless_the_registry_is_neither() {
        let registry = Url::parse("https://ghcr.io").unwrap();
        for fine in
            ["https://ghcr.io/token", "https://auth.docker.io/token?x=y", "https://8.8.8.8/t", "https://[2606::1]/"]
        {
            assert!(token_server(&registry, fine).is_ok(), "{fine}");
        }
        for bad in [
            "http://ghcr.io/token",
            "file:///etc/passwd",
            "/token",
            "token",
            "",
            "https://user@ghcr.io/t",
            "https://:pw@ghcr.io/t",
            "https://127.0.0.1/t",
            "https://127.1/t",
            "https://0x7f000001/t",
            "https://localhost/t",
            "https://LOCALHOST./t",
            "https://x.localhost/t",
            "https://10.0.0.1/t",
            "https://192.168.1.1/t",
            "https://169.254.169.254/latest",
            "https://100.100.100.200/",
            "https://0.0.0.0/t",
            "https://255.255.255.255/t",
            "https://[::1]/t",
            "https://[::]/t",
            "https://[::ffff:127.0.0.1]/t",
            "https://[::7f00:1]/t",
            "https://[fd00:ec2::254]/t",
            "https://[fe80::1]/t",
            "https://[64:ff9b::7f00:1]/t",
            "https://[2002:7f00:1::]/t",
        ] {
            assert!(token_server(&registry, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_private_registry_may_name_itself_and_a_local_one_its_neighbours() {
        let private = Url::parse("https://10.0.0.5:5000").unwrap();
        assert!(token_server(&private, "https://10.0.0.5:5001/t").is_ok());
        assert!(token_server(&private, "https://10.0.0.6/t").is_err());
        assert!(token_server(&private, "https://127.0.0.1/t").is_err());
        let local = Url::parse("http://localhost:5000").unwrap();
        assert!(token_server(&local, "http://127.0.0.1:5001/t").is_ok());
        assert!(token_server(&local, "http://10.0.0.1:5001/t").is_err());
    }

    #[test]
    fn a_location_may_be_relative_and_keeps_its_query() {
        let registry = Url::parse("https://r.example:5000").unwrap();
        let from = registry.join("/v2/a/blobs/uploads/").unwrap();
        for (location, expected) in [
            ("/v2/a/blobs/uploads/1?_state=x==", "https://r.example:5000/v2/a/blobs/uploads/1?_state=x=="),
            ("1?s=%2F", "https://r.example:5000/v2/a/blobs/uploads/1?s=%2F"),
            ("?s=1#part", "https://r.example:5000/v2/a/blobs/uploads/?s=1"),
            ("//other.example/up", "https://other.example/up"),
            ("https://other.example/up", "https://other.example/up"),
            ("http://r.example:5000/up", "refused: it would leave https for plain http"),
            ("gopher://r.example", "refused: it is neither https nor http"),
            (
                "https://169.254.169.254/up",
                "refused: it is an address inside a private network, which is not the registry's own",
            ),
        ] {
            assert_eq!(text(Destination::follow(&registry, &from, location)), expected, "{location}");
        }
    }

    #[test]
    fn credentials_go_to_the_scheme_host_and_port_of_the_registry_and_nowhere_else() {
        let registry = Url::parse("http://r.example:5000/v2/").unwrap();
        assert!(Destination::in_registry(&registry, "/v2/a/blobs/uploads/").is_registry());
        for (location, is_registry) in [
            ("/up", true),
            ("//r.example:5000/up", true),
            ("http://R.EXAMPLE:5000/up", true),
            ("https://r.example:5000/up", false),
            ("http://r.example/up", false),
            ("https://r.example.:5000/up", false),
            ("https://other.example:5000/up", false),
        ] {
            let destination = Destination::follow(&registry, &registry, location).unwrap();
            assert_eq!(destination.is_registry(), is_registry, "{location}");
        }
    }

    #[test]
    fn plain_http_is_for_the_host_for_which_it_was_allowed() {
        let registry = Url::parse("http://r.example:5000").unwrap();
        assert!(token_server(&registry, "http://r.example:5001/t").is_ok());
        for other in ["http://other.example/t", "http://r.example.:5000/t"] {
            assert!(token_server(&registry, other).is_err_and(|e| e.to_string().contains("plain http to another")));
        }
    }

    #[test]
    fn a_refused_place_is_shown_without_user_information_and_query_however_it_is_written() {
        let registry = Url::parse("https://r.example").unwrap();
        for (location, place) in [
            ("//u:secret@h.example/p?sig=secret", "https://h.example/p"),
            ("https://u:secret@h.example:1/p#secret", "https://h.example:1/p"),
            ("https://secret@h.example", "https://h.example/"),
            ("https://u:sec@ret@h.example/p", "https://h.example/p"),
            ("https://u:secret@h.example:99999/p", "…"),
            ("https://h.example:99999/p?sig=secret", "https://h.example:99999/p"),
            ("gopher://u:secret@h/p", "gopher://h/p"),
        ] {
            let error = Destination::follow(&registry, &registry, location).unwrap_err();
            let DestinationError::Refused { place: found, .. } = &*error;
            assert_eq!(found, place, "{location}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
            let error = token_server(&registry, location).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_registry_that_forgets_its_https_gets_a_hint_about_its_proxy() {
        let registry = Url::parse("https://r.example").unwrap();
        let error = Destination::follow(&registry, &registry, "http://r.example/up").unwrap_err();
        assert_eq!(error.kind(), Kind::General);
        assert!(error.hint().unwrap().contains("`X-Forwarded-Proto: https`"));
    }
}
