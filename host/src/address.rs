//! The scope of an IP address: on the public internet, inside a private network, or of no host at all.
//!
//! An author of URLs or DNS names can try to lead crhost to services that only the user's machine can reach: metadata
//! services, loopback, the company's network (server-side request forgery, CWE-918). This module says in which scope an
//! address is; `egress` decides which scopes a request may reach.
//!
//! # Why not the crate `ip_network`
//! Its `is_global` is right for most callers, but not against an adversary. It classes an address as it is written: the
//! IPv4 address inside a NAT64 address (RFC 6052), clouds' services at addresses that look public, 6to4 with its
//! withdrawn relays (RFC 7526) and the newer documentation prefix (RFC 9637) would each need a rule here that overrules
//! it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The scope of an address, after the registries of IANA ("IPv4 and IPv6 Special-Purpose Address Space", RFC 6890).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressScope {
    /// Anywhere on the internet.
    Public,
    /// This machine, its network, or a service of that network alone: loopback, private, link-local, shared.
    Private,
    /// No host that one connects to: unspecified, multicast, broadcast, reserved, documentation, obsolete transition.
    Unroutable,
}

impl AddressScope {
    /// The scope of an address. An IPv6 address that carries an IPv4 address has the scope of that one.
    #[must_use]
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => Self::of_v6(v6),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            // "This network", multicast, reserved, broadcast (RFC 1122, RFC 5771, RFC 1112).
            [0 | 224..=255, ..] => Self::Unroutable,
            // Documentation (RFC 5737), and the withdrawn relays of 6to4 (RFC 7526).
            [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => Self::Unroutable,
            // Loopback, private use (RFC 1918), link-local with its metadata services (RFC 3927).
            [10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..] | [169, 254, ..] => Self::Private,
            // Shared by carriers and some platforms' services (RFC 6598), protocol assignments (RFC 6890), benchmarks
            // (RFC 2544).
            [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] => Self::Private,
            // They look public, and answer inside one cloud only: Azure's metadata and agent service, IBM Cloud's
            // services and the private endpoints of its customers.
            [168, 63, 129, 16] | [161, 26, ..] | [166, 8..=11, ..] => Self::Private,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let [first, second, ..] = address.segments();
        match first {
            _ if address.is_loopback() => Self::Private,
            // NAT64: the well-known prefix carries an IPv4 address (RFC 6052, section 2.1); the others, of which one is
            // assigned, are a network's own (RFC 8215).
            0x64 if second == 0xff9b => match address.segments() {
                [_, _, 0, 0, 0, 0, high, low] => Self::of_v4(joined(high, low)),
                _ => Self::Private,
            },
            // Protocol assignments, Teredo among them (RFC 4380), documentation (RFC 3849, RFC 9637), 6to4 (RFC 3056).
            0x2001 if second < 0x200 || second == 0xdb8 => Self::Unroutable,
            0x2002 | 0x3fff => Self::Unroutable,
            // Global unicast (RFC 4291, section 2.4).
            0x2000..=0x3ffe if leads_inside(address) => Self::Private,
            0x2000..=0x3ffe => Self::Public,
            // Unique local (RFC 4193), link-local, and site-local, which some networks still have (RFC 3879).
            0xfc00..=0xfdff | 0xfe80..=0xfeff => Self::Private,
            // Unspecified, IPv4-compatible (RFC 4291, section 2.5.5.1), multicast, discard-only, unassigned.
            _ => Self::Unroutable,
        }
    }
}

/// Whether a global address has the form of one that a network's own gateway translates to a private IPv4 address:
/// NAT64 with a prefix of the operator's (RFC 6052, section 2.2), or ISATAP (RFC 5214, section 6.1). Hosts of the
/// internet seldom have such an address, and reach nobody's network by it.
fn leads_inside(address: Ipv6Addr) -> bool {
    let is_private = |carried: Ipv4Addr| AddressScope::of_v4(carried) == AddressScope::Private;
    let [_, _, _, _, fifth, sixth, high, low] = address.segments();
    // A prefix of 96 bits, of which operators leave the last ones 0; ISATAP.
    if matches!((fifth, sixth), (0, 0) | (0 | 0x200, 0x5efe)) && is_private(joined(high, low)) {
        return true;
    }
    // A prefix of 32 to 64 bits: the address behind it goes around an octet of 0, and what is behind that is 0.
    let [network @ .., _, _, _, _, _, _, _, _] = address.octets();
    let [_, _, _, _, _, _, _, _, around, interface @ ..] = address.octets();
    let bytes: [&[u8]; 2] = [&network, &interface];
    let bytes = bytes.concat();
    let carried = bytes.windows(4).enumerate().skip(4).take(5).filter_map(|(at, window)| {
        let is_last = bytes.iter().skip(at + 4).all(|byte| *byte == 0);
        window.try_into().ok().filter(|_| is_last).map(|octets: [u8; 4]| Ipv4Addr::from(octets))
    });
    around == 0 && carried.into_iter().any(is_private)
}

/// The IPv4 address of two segments.
fn joined(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_all(addresses: &[&str], expected: AddressScope) {
        for address in addresses {
            assert_eq!(AddressScope::of(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        assert_all(
            &[
                "1.1.1.1",
                "8.8.8.8",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "169.253.255.255",
                "192.167.255.255",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00::1",
                "2001:4860:4860::8888",
                "::ffff:8.8.8.8",
                "64:ff9b::808:808",
                "161.25.255.255",
                "161.27.0.0",
                "166.7.255.255",
                "166.12.0.0",
                "168.63.129.15",
            ],
            AddressScope::Public,
        );
    }

    #[test]
    fn addresses_of_this_machine_and_its_network_are_private() {
        assert_all(
            &[
                "127.0.0.1",
                "127.255.255.254",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.100.100.200",
                "192.0.0.8",
                "198.18.0.1",
                "168.63.129.16",
                "161.26.0.10",
                "161.26.255.255",
                "166.8.0.1",
                "166.11.255.255",
                "::1",
                "fd00:ec2::254",
                "fc00::1",
                "fe80::1",
                "fec0::1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::808:808",
                "64:ff9b:0:1::808:808",
                "64:ff9b:0:0:1::808:808",
                "64:ff9b:0:0:0:1:808:808",
                "64:ff9b:ffff::1",
                "::ffff:161.26.0.10",
            ],
            AddressScope::Private,
        );
    }

    #[test]
    fn a_mapped_address_has_the_scope_of_the_ipv4_address_in_it() {
        assert_all(&["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.1.2.3"], AddressScope::Private);
        assert_all(&["::ffff:0.0.0.0", "::ffff:255.255.255.255"], AddressScope::Unroutable);
    }

    #[test]
    fn addresses_of_no_host_are_unroutable() {
        assert_all(
            &[
                "0.0.0.0",
                "0.1.2.3",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "192.0.2.1",
                "198.51.100.1",
                "203.0.113.1",
                "192.88.99.1",
                "::",
                "::127.0.0.1",
                "::8.8.8.8",
                "ff02::1",
                "100::1",
                "2001::1",
                "2001:0:7f00:1::",
                "2001:db8::1",
                "2002:7f00:1::",
                "2002:808:808::1",
                "3fff::1",
                "4000::1",
                "5f00::1",
            ],
            AddressScope::Unroutable,
        );
    }

    #[test]
    fn an_address_that_a_gateway_would_lead_inside_is_private() {
        // The examples of RFC 6052, section 2.4, with 10.2.33.7 in the place of 192.0.2.33, and those of ISATAP.
        let prefixed = [
            "2a0b:db8:a02:2107::",
            "2a0b:db8:10a:221:7::",
            "2a0b:db8:122:a02:21:700::",
            "2a0b:db8:122:30a:2:2107::",
            "2a0b:db8:122:344:a:221:700::",
            "2a0b:db8:122:344::10.2.33.7",
            "2a0b:db8:122:344::127.0.0.1",
            "2a0b:db8:122:344::169.254.169.254",
            "2a0b:db8:122:344:0:5efe:10.2.33.7",
            "2a0b:db8:122:344:200:5efe:10.2.33.7",
        ];
        assert_all(&prefixed, AddressScope::Private);
        assert_all(
            &[
                "2a0b:db8:808:808::",
                "2a0b:db8:122:344::8.8.8.8",
                "2a0b:db8:122:344:0:5efe:8.8.8.8",
                "2a0b:db8:122:344:1:2:a02:2107",
                "2620:fe::fe",
                "2606:4700:4700::1111",
                "2a00:1450:4001:82b::200e",
                "2a04:4e42::644",
            ],
            AddressScope::Public,
        );
    }
}
