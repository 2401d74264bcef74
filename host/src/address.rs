//! Where an IP address leads: to the public internet, into a private network, or to nobody that a client could want.
//!
//! Whoever can choose a URL or a DNS name can try to make crhost knock at doors that only the user's machine can reach:
//! metadata services, loopback, the company's network. What may be reached is decided elsewhere; what an address is, here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is, as the registries of IANA have it ("IPv4 and IPv6 Special-Purpose Address Space", RFC 6890).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anywhere on the internet.
    Public,
    /// This machine, its network, or a service that only its network has: loopback, private, link-local, shared.
    Inside,
    /// No host that one connects to: unspecified, multicast, broadcast, reserved, documentation, obsolete transition.
    Nowhere,
}

/// What an address is; one that carries an IPv4 address is what that address is.
#[must_use]
pub(crate) fn reach(address: IpAddr) -> Reach {
    match address.to_canonical() {
        IpAddr::V4(v4) => reach_v4(v4),
        IpAddr::V6(v6) => reach_v6(v6),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // "This network", multicast, reserved, broadcast (RFC 1122, RFC 5771, RFC 1112).
        [0 | 224..=255, ..] => Reach::Nowhere,
        // Documentation (RFC 5737), and relays of 6to4, which are gone (RFC 7526).
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => Reach::Nowhere,
        // Loopback, private use (RFC 1918), link-local with its metadata services (RFC 3927).
        [10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..] | [169, 254, ..] => Reach::Inside,
        // Shared by carriers and some platforms' services (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544).
        [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] => Reach::Inside,
        // Looks public, and answers only inside one platform's machines, with their secrets.
        [168, 63, 129, 16] => Reach::Inside,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let [first, second, third, .., high, low] = address.segments();
    match first {
        _ if address.is_loopback() => Reach::Inside,
        // NAT64: the public prefix carries an IPv4 address (RFC 6052), the other is a network's own (RFC 8215).
        0x64 if (second, third) == (0xff9b, 0) => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            reach_v4(Ipv4Addr::new(a, b, c, d))
        }
        0x64 if second == 0xff9b => Reach::Inside,
        // Protocol assignments, Teredo among them (RFC 4380), documentation (RFC 3849, RFC 9637), 6to4 (RFC 3056).
        0x2001 if second < 0x200 || second == 0xdb8 => Reach::Nowhere,
        0x2002 | 0x3fff => Reach::Nowhere,
        // What is given out of the internet (RFC 4291, section 2.4).
        0x2000..=0x3ffe => Reach::Public,
        // Unique local (RFC 4193), link-local, and site-local, which some networks still have (RFC 3879).
        0xfc00..=0xfdff | 0xfe80..=0xfeff => Reach::Inside,
        // Unspecified, compatible with IPv4 (RFC 4291, section 2.5.5.1), multicast, discard, everything unassigned.
        _ => Reach::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_all(addresses: &[&str], expected: Reach) {
        for address in addresses {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
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
            Reach::Public,
        );
    }

    #[test]
    fn addresses_of_this_machine_and_its_network_are_inside() {
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
            Reach::Inside,
        );
    }

    #[test]
    fn mapped_spellings_are_judged_as_the_address_inside() {
        assert_all(&["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.1.2.3"], Reach::Inside);
        assert_all(&["::ffff:0.0.0.0", "::ffff:255.255.255.255"], Reach::Nowhere);
    }

    #[test]
    fn addresses_that_nobody_has_lead_nowhere() {
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
            Reach::Nowhere,
        );
    }
}
