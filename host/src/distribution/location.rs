//! Where a registry may send the client: token servers, upload locations, redirects.
//!
//! What others got wrong here cost them their users' credentials (CVE-2020-15157, CVE-2026-48978, CVE-2026-50151), so the
//! rules stand in one place.

use std::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

use super::error::Error;
use crate::address::AddressScope;
use crate::text::printable;

/// Whether a request to `target` may carry the registry's credentials: the same scheme, host and port.
pub(super) fn same_origin(registry: &Url, target: &Url) -> bool {
    registry.origin() == target.origin()
}

/// A token server named by a challenge, if credentials may be sent there.
///
/// It may be any public host, as registries share token servers; the checks keep a registry from making the client speak
/// in the clear or to services inside the user's network.
pub(super) fn realm(registry: &Url, text: &str) -> Result<Url, Error> {
    let refuse = |reason| Error::Destination { what: "token server", url: shown(text), reason };
    let url = Url::parse(text).map_err(|_| refuse("it is no URL"))?;
    check(registry, &url).map_err(refuse)?;
    Ok(url)
}

/// The place that the answer to a request to `from` points to.
pub(super) fn follow(registry: &Url, from: &Url, location: &str) -> Result<Url, Error> {
    let refuse = |reason| Error::Destination { what: "location", url: shown(location), reason };
    let mut url = from.join(location).map_err(|_| refuse("it is no URL"))?;
    url.set_fragment(None);
    check(registry, &url).map_err(refuse)?;
    Ok(url)
}

/// A URL as it may be printed: without its query, which may be a signature that opens it, and without user information.
pub(super) fn shown(url: &str) -> String {
    let before_query = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = before_query.split_once("://").unwrap_or(("", before_query));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (colon, slash) = (if scheme.is_empty() { "" } else { "://" }, if path.is_empty() { "" } else { "/" });
    printable(&format!("{scheme}{colon}{host}{slash}{path}"), 200)
}

fn check(registry: &Url, target: &Url) -> Result<(), &'static str> {
    match target.scheme() {
        "https" => {}
        "http" if registry.scheme() == "http" => {}
        "http" => return Err("it would leave https for plain http"),
        _ => return Err("it is neither https nor http"),
    }
    if !target.username().is_empty() || target.password().is_some() {
        return Err("it carries user information");
    }
    let (Some(own), Some(host)) = (registry.host(), target.host()) else { return Err("it names no host") };
    // A registry on this machine may name another service on this machine; no other registry may.
    if is_inside(&host) && host != own && !(is_loopback(&own) && is_loopback(&host)) {
        return Err("it is an address inside a private network, which is not the registry's own");
    }
    Ok(())
}

fn address(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(v4) => Some(IpAddr::V4(*v4)),
        Host::Ipv6(v6) => Some(IpAddr::V6(*v6).to_canonical()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            (name == "localhost" || name.ends_with(".localhost")).then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))
        }
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    address(host).is_some_and(|address| address.is_loopback())
}

/// Whether a host is written as an address that is not on the public internet. What a name resolves to is not asked:
/// inside companies, registries and their token servers have names with private addresses.
fn is_inside(host: &Host<&str>) -> bool {
    address(host).is_some_and(|address| AddressScope::of(address) != AddressScope::Public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(result: Result<Url, Error>) -> String {
        match result {
            Ok(url) => url.to_string(),
            Err(Error::Destination { reason, .. }) => format!("refused: {reason}"),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_token_server_is_public_and_https_unless_the_registry_is_neither() {
        let registry = Url::parse("https://ghcr.io").unwrap();
        for fine in
            ["https://ghcr.io/token", "https://auth.docker.io/token?x=y", "https://8.8.8.8/t", "https://[2606::1]/"]
        {
            assert!(realm(&registry, fine).is_ok(), "{fine}");
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
            assert!(realm(&registry, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_private_registry_may_name_itself_and_a_local_one_its_neighbours() {
        let private = Url::parse("https://10.0.0.5:5000").unwrap();
        assert!(realm(&private, "https://10.0.0.5:5001/t").is_ok());
        assert!(realm(&private, "https://10.0.0.6/t").is_err());
        assert!(realm(&private, "https://127.0.0.1/t").is_err());
        let local = Url::parse("http://localhost:5000").unwrap();
        assert!(realm(&local, "http://127.0.0.1:5001/t").is_ok());
        assert!(realm(&local, "http://10.0.0.1:5001/t").is_err());
    }

    #[test]
    fn a_location_may_be_relative_and_keeps_its_query() {
        let registry = Url::parse("https://r.example:5000").unwrap();
        let from = registry.join("/v2/a/blobs/uploads/").unwrap();
        for (location, url) in [
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
            assert_eq!(reason(follow(&registry, &from, location)), url, "{location}");
        }
    }

    #[test]
    fn a_printed_url_keeps_no_secret() {
        for (url, text) in [
            ("https://h/p?X-Signature=abc", "https://h/p"),
            ("https://user:pw@h:1/p#f", "https://h:1/p"),
            ("/p?sig=1", "/p"),
            ("http://h?x", "http://h"),
        ] {
            assert_eq!(shown(url), text);
        }
    }
}
