//! From a host to the addresses that may be connected to: one lookup, then the judgement, and nothing is looked up again.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::address::{Reach, reach};
use crate::grant::Target;

/// Asks for the addresses of a name.
pub(super) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Why no address is left.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The name has none.
    Unknown,
    /// All of them are inside a private network.
    Inside,
    /// All of them are no host's.
    Nowhere,
}

/// The operating system's resolver.
pub(super) fn system() -> Lookup {
    // The port is part of the interface, and no part of the question.
    Arc::new(|name| {
        async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) }.boxed()
    })
}

/// The addresses of a target that may be connected to; those inside a private network only where `inside` allows them.
pub(super) async fn addresses(lookup: &Lookup, target: &Target, inside: bool) -> Result<Vec<IpAddr>, Refusal> {
    let found = match target.address() {
        Some(address) => vec![address],
        None => lookup(target.host().to_owned()).await.unwrap_or_default(),
    };
    if found.is_empty() {
        return Err(Refusal::Unknown);
    }
    let any_inside = found.iter().any(|address| reach(*address) == Reach::Inside);
    let allowed = |address: &IpAddr| match reach(*address) {
        Reach::Public => true,
        Reach::Inside => inside,
        Reach::Nowhere => false,
    };
    let left: Vec<IpAddr> = found.into_iter().filter(allowed).collect();
    match (left.is_empty(), any_inside) {
        (false, _) => Ok(left),
        (true, true) => Err(Refusal::Inside),
        (true, false) => Err(Refusal::Nowhere),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A resolver that gives the same addresses for every name, and the number of questions.
    fn fake(addresses: &'static [&'static str]) -> (Lookup, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let lookup: Lookup = Arc::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async move { Ok(addresses.iter().map(|address| address.parse().unwrap()).collect()) }.boxed()
        });
        (lookup, asked)
    }

    async fn judged(names: &'static [&'static str], url: &str, inside: bool) -> Result<Vec<String>, Refusal> {
        let (lookup, asked) = fake(names);
        let target = Target::parse(url).unwrap();
        let outcome = addresses(&lookup, &target, inside).await;
        assert_eq!(asked.load(Ordering::Relaxed), usize::from(!target.is_address()), "{url}");
        Ok(outcome?.iter().map(ToString::to_string).collect())
    }

    const URL: &str = "https://granted.example/";

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_and_asked_for_once() {
        assert_eq!(judged(&["127.0.0.1"], URL, false).await, Err(Refusal::Inside));
        assert_eq!(judged(&["::ffff:169.254.169.254"], URL, false).await, Err(Refusal::Inside));
        assert_eq!(judged(&["10.0.0.1", "fd00::1"], URL, false).await, Err(Refusal::Inside));
    }

    #[tokio::test]
    async fn of_a_mixture_the_public_addresses_are_left() {
        assert_eq!(judged(&["127.0.0.1", "8.8.8.8", "0.0.0.0"], URL, false).await, Ok(vec!["8.8.8.8".to_owned()]));
    }

    #[tokio::test]
    async fn what_the_user_wrote_out_may_be_inside_and_never_nowhere() {
        let both = vec!["10.0.0.1".to_owned(), "8.8.8.8".to_owned()];
        assert_eq!(judged(&["10.0.0.1", "8.8.8.8"], URL, true).await, Ok(both));
        assert_eq!(judged(&["0.0.0.0"], URL, true).await, Err(Refusal::Nowhere));
        assert_eq!(judged(&["224.0.0.1", "::"], URL, true).await, Err(Refusal::Nowhere));
    }

    #[tokio::test]
    async fn an_address_is_judged_without_a_question() {
        for (url, expected) in [
            ("https://127.1/", Err(Refusal::Inside)),
            ("https://0x7f000001/", Err(Refusal::Inside)),
            ("https://[::ffff:127.0.0.1]/", Err(Refusal::Inside)),
            ("https://169.254.169.254/", Err(Refusal::Inside)),
            ("https://[64:ff9b::a9fe:a9fe]/", Err(Refusal::Inside)),
            ("https://0.0.0.0/", Err(Refusal::Nowhere)),
            ("https://8.8.8.8/", Ok(vec!["8.8.8.8".to_owned()])),
        ] {
            assert_eq!(judged(&[], url, false).await, expected, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_without_addresses_is_unknown() {
        assert_eq!(judged(&[], URL, true).await, Err(Refusal::Unknown));
    }
}
