//! From a host to the addresses that may be connected to: one lookup, then the decision, and no second lookup.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::address::AddressScope;
use crate::grant::Target;
use crate::network::names;

/// Looks up the addresses of a name.
pub(super) type Resolver = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Why no address is left.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoAddress {
    /// The name has none.
    Unresolved,
    /// Those that it has are inside a private network, or of no host.
    Private,
    /// All of them are of no host.
    Unroutable,
}

/// The operating system's resolver.
pub(super) fn system_resolver() -> Resolver {
    Arc::new(|name| async move { names::lookup(&name).await }.boxed())
}

/// The addresses of a target that may be connected to; private ones only where `private_allowed`.
///
/// # Errors
/// When none is left.
pub(super) async fn addresses(
    resolver: &Resolver,
    target: &Target,
    private_allowed: bool,
) -> Result<Vec<IpAddr>, NoAddress> {
    let found = match target.address() {
        Some(address) => vec![address],
        None => resolver(target.host().to_owned()).await.unwrap_or_default(),
    };
    permitted(found, private_allowed)
}

fn permitted(found: Vec<IpAddr>, private_allowed: bool) -> Result<Vec<IpAddr>, NoAddress> {
    if found.is_empty() {
        return Err(NoAddress::Unresolved);
    }
    let any_private = found.iter().any(|address| AddressScope::of(*address) == AddressScope::Private);
    let is_permitted = |address: &IpAddr| match AddressScope::of(*address) {
        AddressScope::Public => true,
        AddressScope::Private => private_allowed,
        AddressScope::Unroutable => false,
    };
    let left: Vec<IpAddr> = found.into_iter().filter(is_permitted).collect();
    match (left.is_empty(), any_private) {
        (false, _) => Ok(left),
        (true, true) => Err(NoAddress::Private),
        (true, false) => Err(NoAddress::Unroutable),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A resolver that gives the same addresses for every name, and the number of lookups.
    fn fake(addresses: &'static [&'static str]) -> (Resolver, Arc<AtomicUsize>) {
        let lookups = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&lookups);
        let resolver: Resolver = Arc::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async move { Ok(addresses.iter().map(|address| address.parse().unwrap()).collect()) }.boxed()
        });
        (resolver, lookups)
    }

    async fn resolved(
        names: &'static [&'static str],
        url: &str,
        private_allowed: bool,
    ) -> Result<Vec<String>, NoAddress> {
        let (resolver, lookups) = fake(names);
        let target = Target::parse(url).unwrap();
        let outcome = addresses(&resolver, &target, private_allowed).await;
        assert_eq!(lookups.load(Ordering::Relaxed), usize::from(!target.is_address()), "{url}");
        Ok(outcome?.iter().map(ToString::to_string).collect())
    }

    const URL: &str = "https://granted.example/";

    #[tokio::test]
    async fn a_name_with_private_addresses_is_refused_after_one_lookup() {
        assert_eq!(resolved(&["127.0.0.1"], URL, false).await, Err(NoAddress::Private));
        assert_eq!(resolved(&["::ffff:169.254.169.254"], URL, false).await, Err(NoAddress::Private));
        assert_eq!(resolved(&["10.0.0.1", "fd00::1"], URL, false).await, Err(NoAddress::Private));
    }

    #[tokio::test]
    async fn of_a_mixture_the_public_addresses_are_left() {
        assert_eq!(resolved(&["127.0.0.1", "8.8.8.8", "0.0.0.0"], URL, false).await, Ok(vec!["8.8.8.8".to_owned()]));
    }

    #[tokio::test]
    async fn a_host_that_the_user_wrote_may_be_private_and_never_unroutable() {
        let both = vec!["10.0.0.1".to_owned(), "8.8.8.8".to_owned()];
        assert_eq!(resolved(&["10.0.0.1", "8.8.8.8"], URL, true).await, Ok(both));
        assert_eq!(resolved(&["0.0.0.0"], URL, true).await, Err(NoAddress::Unroutable));
        assert_eq!(resolved(&["224.0.0.1", "::"], URL, true).await, Err(NoAddress::Unroutable));
    }

    #[tokio::test]
    async fn an_address_is_judged_without_a_lookup() {
        for (url, expected) in [
            ("https://127.1/", Err(NoAddress::Private)),
            ("https://0x7f000001/", Err(NoAddress::Private)),
            ("https://[::ffff:127.0.0.1]/", Err(NoAddress::Private)),
            ("https://169.254.169.254/", Err(NoAddress::Private)),
            ("https://[64:ff9b::a9fe:a9fe]/", Err(NoAddress::Private)),
            ("https://0.0.0.0/", Err(NoAddress::Unroutable)),
            ("https://8.8.8.8/", Ok(vec!["8.8.8.8".to_owned()])),
        ] {
            assert_eq!(resolved(&[], url, false).await, expected, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_without_addresses_is_unresolved() {
        assert_eq!(resolved(&[], URL, true).await, Err(NoAddress::Unresolved));
    }
}
