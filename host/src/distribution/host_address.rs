//! Hosts in URLs that are written as addresses.

use std::net::{IpAddr, Ipv4Addr};

use url::Host;

use crate::address::AddressScope;

/// The address that a host is written as, `localhost` included.
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

/// Whether a host is written as this machine.
pub(super) fn is_loopback(host: &Host<&str>) -> bool {
    address(host).is_some_and(|address| address.is_loopback())
}

/// Whether a host is written as an address that is not on the public internet. Names are not resolved: inside
/// companies, registries and their token servers have names with private addresses.
pub(super) fn is_inside(host: &Host<&str>) -> bool {
    address(host).is_some_and(|address| AddressScope::of(address) != AddressScope::Public)
}
