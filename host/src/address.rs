//! The scope of an IP address: on the public internet, inside a private network, or of no host at all.
//!
//! An author of URLs or DNS names can try to lead crhost to services that only the user's machine can reach: metadata
//! services, loopback, the company's network (server-side request forgery, CWE-918). This module says in which scope an
//! address is; `egress` decides which scopes a request may reach.
//!
//! # Why not the crate `ip_network`
//! Its `is_global` is right for most callers, but not against an adversary. It classes an address as it is written: the
//! IPv4 address inside a NAT64 address (RFC 6052), Azure's metadata service at `168.63.129.16`, 6to4 with its withdrawn
//! relays (RFC 7526) and the newer documentation prefix (RFC 9637) would each need a rule here that overrules it.

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
            // Azure's metadata and agent service: looks public, answers inside its virtual machines only.
            [168, 63, 129, 16] => Self::Private,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let [first, second, third, .., high, low] = address.segments();
        match first {
            _ if address.is_loopback() => Self::Private,
            // NAT64: the public prefix carries an IPv4 address (RFC 6052), the other is a network's own (RFC 8215).
            0x64 if (second, third) == (0xff9b, 0) => {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                Self::of_v4(Ipv4Addr::new(a, b, c, d))
            }
            0x64 if second == 0xff9b => Self::Private,
            // Protocol assignments, Teredo among them (RFC 4380), documentation (RFC 3849, RFC 9637), 6to4 (RFC 3056).
            0x2001 if second < 0x200 || second == 0xdb8 => Self::Unroutable,
            0x2002 | 0x3fff => Self::Unroutable,
            // Global unicast (RFC 4291, section 2.4).
            0x2000..=0x3ffe => Self::Public,
            // Unique local (RFC 4193), link-local, and site-local, which some networks still have (RFC 3879).
            0xfc00..=0xfdff | 0xfe80..=0xfeff => Self::Private,
            // Unspecified, IPv4-compatible (RFC 4291, section 2.5.5.1), multicast, discard-only, unassigned.
            _ => Self::Unroutable,
        }
    }
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
                "::1",
                "fd00:ec2::254",
                "fc00::1",
                "fe80::1",
                "fec0::1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::808:808",
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
}
