//! Names that lead to this machine for certain, and the lookup of all others.
//!
//! `localhost` and every name below it are this machine's whatever a DNS server says (RFC 6761, section 6.3): they are
//! never asked for. So is a name that the machine's administrator maps to loopback addresses in `/etc/hosts`. A name
//! that a DNS server leads to loopback is no such name: who controls the server could have the password of a registry
//! sent in clear to another user of this machine (ADR 0015).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use crate::bounded;
use crate::image::Host;

/// Both addresses of `localhost`. IPv4 first, as most servers listen there.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
/// Longest file of hosts that is read, in bytes: lists that block advertisements have some MiB.
const MAX_HOSTS_FILE: usize = 16 << 20;

/// A name that can't be resolved. It travels through HTTP libraries as the source of their errors.
#[derive(Debug, thiserror::Error)]
#[error("the name can't be resolved: {0}")]
pub(crate) struct NameError(#[source] pub(crate) io::Error);

/// Whether a host is this machine for certain: connections to it leave the machine neither by DNS nor by a proxy.
#[must_use]
pub(crate) fn is_this_machine(host: &Host) -> bool {
    host.is_loopback() || own_addresses(host.name()).is_some()
}

/// The addresses of a name.
///
/// # Errors
/// When the operating system's resolver knows none.
pub(crate) async fn lookup(name: &str) -> io::Result<Vec<IpAddr>> {
    if let Some(own) = own_addresses(name) {
        return Ok(own);
    }
    // The function takes a port and gives it back; it has no part in the lookup.
    Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
}

/// The addresses of a name that is this machine's for certain; `None` for any other name.
fn own_addresses(name: &str) -> Option<Vec<IpAddr>> {
    let own = in_hosts_file(&hosts_file(), name);
    match name.parse::<Host>() {
        Ok(host) if host.is_loopback() && host.port().is_none() => Some(own.unwrap_or_else(|| LOOPBACK.to_vec())),
        _ => own,
    }
}

/// The loopback addresses of a name in a file of hosts; `None` where it has none, or has another one besides.
fn in_hosts_file(file: &str, name: &str) -> Option<Vec<IpAddr>> {
    let lines = file.lines().map(|line| line.split('#').next().unwrap_or_default());
    let addresses = lines.filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let address = words.next()?.parse::<IpAddr>().ok()?;
        words.any(|known| known.eq_ignore_ascii_case(name)).then_some(address)
    });
    let addresses: Vec<IpAddr> = addresses.collect();
    (!addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback)).then_some(addresses)
}

/// Read anew for each question: there are few, and tests of a long process may change it.
fn hosts_file() -> String {
    let path = if cfg!(windows) { r"C:\Windows\System32\drivers\etc\hosts" } else { "/etc/hosts" };
    let bytes = std::fs::File::open(Path::new(path)).ok().and_then(|file| bounded::read(file, MAX_HOSTS_FILE).ok());
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

/// [`lookup`], as the HTTP library wants it.
pub(crate) struct Resolver;

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            let found = lookup(name.as_str()).await.map_err(NameError)?;
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_this_machines_where_its_administrator_says_so_and_says_nothing_else() {
        let file = "127.0.0.1 localhost\n127.0.0.1 k3d-registry.localhost registry.test # 10.0.0.1\n\
                    ::1\tREGISTRY.test\n10.0.0.5 both.test\n127.0.0.1 both.test\n#127.0.0.1 no.test\nx y.test\n";
        let v6 = IpAddr::V6(Ipv6Addr::LOCALHOST);
        assert_eq!(in_hosts_file(file, "registry.test"), Some(vec![LOOPBACK[0], v6]));
        assert_eq!(in_hosts_file(file, "k3d-registry.localhost"), Some(vec![LOOPBACK[0]]));
        for other in ["both.test", "no.test", "y.test", "test", "10.0.0.1"] {
            assert_eq!(in_hosts_file(file, other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn names_below_localhost_are_this_machine_without_dns() {
        for name in ["k3d-registry-of-no-machine.localhost", "a.b.LOCALHOST"] {
            assert_eq!(lookup(name).await.unwrap(), LOOPBACK, "{name}");
            assert!(is_this_machine(&format!("{name}:5000").parse().unwrap()), "{name}");
        }
        for name in ["localhost.example.com", "notlocalhost", "registry.example.com"] {
            assert!(!is_this_machine(&name.parse().unwrap()), "{name}");
        }
    }
}
