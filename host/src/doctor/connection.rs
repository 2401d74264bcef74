//! The way to a registry: proxy, name, connection, certificate, and its clock.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use tokio::time::timeout;
use url::Url;

use super::clock;
use super::finding::{Check, Finding};
use crate::distribution::{Client, Error, Greeting};
use crate::error::Kind;
use crate::image::Host;
use crate::network::names;
use crate::network::proxies::Proxies;
use crate::network::proxies::way::Way;
use crate::network::tls::TlsFailure;
use crate::network::{io_words, tls::Validity};
use crate::registry::{self, RegistryError};
use crate::store::RegistryRecord;
use crate::text::Moment;

/// Longest wait for the operating system's resolver, which asks several servers in turn for five seconds each
/// (resolv.conf(5)).
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(20);

/// An end of a certificate that is nearer is told, as most are renewed a month before it.
const SOON: Duration = Duration::from_secs(14 * 86_400);

/// Of a certificate for some days alone, this part of its time is near its end.
const LAST_PART: u32 = 4;

/// The checks of the way to a registry.
pub(super) async fn to(client: &Client, registry: &RegistryRecord) -> Vec<Finding> {
    let host = registry.uri.host();
    let Ok(url) = Url::parse(&format!("https://{}/v2/", host.api())) else {
        let found = format!("`{host}` is no host of a URL");
        return vec![Finding::problem(Check::Connection, Kind::Usage, found, "correct the registry's URI")];
    };
    let way = Proxies::of_the_system().way(&url);
    let proxy = Finding::ok(Check::Proxy, of_way(&way, host));
    let dns = match way {
        Way::Proxy(_) => Finding::skipped(Check::Dns, "the proxy looks the name up"),
        _ => dns(&url).await,
    };
    if dns.code.is_some() {
        let rest = [Check::Connection, Check::Tls, Check::Clock];
        let skipped = rest.map(|check| Finding::skipped(check, "the registry's name is not known"));
        return [proxy, dns].into_iter().chain(skipped).collect();
    }
    match registry::greet(client, registry).await {
        Ok(greeting) => {
            let scheme = if greeting.is_secure { "https" } else { "plain http" };
            let connection = Finding::ok(Check::Connection, format!("`{}` answers over {scheme}", host.api()));
            vec![proxy, dns, connection, of_certificate(&greeting), clock::against(&greeting)]
        }
        Err(error) => failed(proxy, dns, &error),
    }
}

fn of_way(way: &Way, host: &Host) -> String {
    match way {
        Way::Proxy(proxy) => format!("the way leads through the proxy {}", proxy.name()),
        Way::Direct => "no proxy is set for it".to_owned(),
        Way::OwnMachine => format!("`{host}` is this machine, which is reached without a proxy"),
        Way::Excepted { variable, entry } => format!("`{entry}` in `{variable}` has it reached without a proxy"),
    }
}

async fn dns(url: &Url) -> Finding {
    let name = url.host_str().unwrap_or_default();
    if name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return Finding::skipped(Check::Dns, format!("`{name}` is an address"));
    }
    let reason = match timeout(LOOKUP_TIMEOUT, names::lookup(name)).await {
        Ok(Ok(addresses)) => match addresses.as_slice() {
            [] => "it has no address".to_owned(),
            [address] => return Finding::ok(Check::Dns, format!("`{name}` is {address}")),
            [first, more @ ..] => {
                return Finding::ok(Check::Dns, format!("`{name}` is {first}, and has {} more addresses", more.len()));
            }
        },
        Ok(Err(error)) => io_words(&error),
        Err(_) => format!("no answer within {} seconds", LOOKUP_TIMEOUT.as_secs()),
    };
    let next = format!("check the name and this machine's resolver: `getent hosts {name}`");
    Finding::problem(Check::Dns, Kind::Network, format!("the name `{name}` can't be resolved: {reason}"), next)
}

/// The finding of the check that an error belongs to, and of those that can't be made without.
fn failed(proxy: Finding, dns: Finding, error: &RegistryError) -> Vec<Finding> {
    let skip = |check| Finding::skipped(check, "the registry is not reached");
    let of = |check| Finding::failed(check, error);
    let reason = match error {
        RegistryError::Distribution(error) => Some(&**error),
        _ => None,
    };
    match reason {
        Some(Error::Proxy { .. } | Error::ProxyLogin { .. }) => {
            vec![of(Check::Proxy), dns, skip(Check::Connection), skip(Check::Tls), skip(Check::Clock)]
        }
        Some(Error::Tls { .. } | Error::ClientCertificate { .. } | Error::Certificate(_)) => {
            let is_of_dates = matches!(
                reason,
                Some(Error::Tls { reason: TlsFailure::Expired { .. } | TlsFailure::Early { .. }, .. })
            );
            let clock = if is_of_dates { clock::of_dates() } else { skip(Check::Clock) };
            vec![proxy, dns, Finding::skipped(Check::Connection, "no secure connection"), of(Check::Tls), clock]
        }
        _ => vec![proxy, dns, of(Check::Connection), skip(Check::Tls), skip(Check::Clock)],
    }
}

fn of_certificate(greeting: &Greeting) -> Finding {
    match (greeting.is_secure, greeting.certificate) {
        (false, _) => Finding::skipped(Check::Tls, "plain http has no certificate"),
        (true, None) => Finding::ok(Check::Tls, "its certificate is trusted"),
        (true, Some(Validity { from, until })) => {
            let left = until.duration_since(SystemTime::now()).unwrap_or_default();
            let lifetime = until.duration_since(from).unwrap_or_default();
            let end = format!("until {} ({})", Moment::from(until), clock::span(left));
            if left < SOON.min(lifetime / LAST_PART) {
                let next = "have whoever runs the registry renew it";
                return Finding::warning(Check::Tls, format!("its certificate is trusted only {end}"), next);
            }
            Finding::ok(Check::Tls, format!("its certificate is trusted {end}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn a_certificate_that_ends_soon_for_its_lifetime_is_told() {
        const DAY: Duration = Duration::from_secs(86_400);
        let state = |lifetime: u32, left: u32| {
            let until = SystemTime::now() + left * DAY + DAY / 2;
            let certificate = Some(Validity { from: until - lifetime * DAY, until });
            of_certificate(&Greeting { is_secure: true, certificate, date: None, received: SystemTime::now() }).state
        };
        assert_eq!([state(365, 20), state(365, 13), state(90, 13)], [State::Ok, State::Warning, State::Warning]);
        assert_eq!([state(6, 4), state(6, 0)], [State::Ok, State::Warning]);
    }
}
