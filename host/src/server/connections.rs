//! The connections that are open. A new one never waits: where there are as many as there may be, one that asks nothing
//! makes room for it, of the address that has most such ones. So whoever opens thousands and sends nothing closes his
//! own.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::metrics::Metrics;

/// Connections at the same time.
const MAX: usize = 2_000;

/// All of them.
pub(crate) struct Connections {
    most: usize,
    /// By their numbers, which grow, so that the first is the oldest.
    open: Mutex<(u64, BTreeMap<u64, Open>)>,
    metrics: Arc<Metrics>,
}

/// One of them.
struct Open {
    address: IpAddr,
    requests: Requests,
    taken: Arc<Notify>,
}

/// The place of a connection, until it is dropped.
pub(super) struct Place {
    number: u64,
    requests: Requests,
    taken: Arc<Notify>,
    all: Arc<Connections>,
}

/// The requests of a connection that are answered now.
#[derive(Clone, Default)]
pub(super) struct Requests(Arc<AtomicUsize>);

/// One of these requests, until it is dropped.
pub(super) struct Asking(Requests);

impl Connections {
    /// None yet.
    pub(super) fn new(metrics: Arc<Metrics>) -> Arc<Self> {
        Self::at_most(MAX, metrics)
    }

    fn at_most(most: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default(), metrics })
    }

    /// Gives a new connection its place; `None` where each of the others is being answered.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut open = self.open.lock();
        if open.1.len() >= self.most && !take_one(&mut open.1) {
            return None;
        }
        open.0 += 1;
        let (number, requests, taken) = (open.0, Requests::default(), Arc::new(Notify::new()));
        open.1.insert(number, Open { address, requests: requests.clone(), taken: Arc::clone(&taken) });
        self.metrics.connections.set(open.1.len());
        Some(Place { number, requests, taken, all: Arc::clone(self) })
    }

    /// Has one that asks nothing end.
    pub(super) fn make_room(&self) {
        take_one(&mut self.open.lock().1);
    }
}

/// Takes the place of the oldest connection that asks nothing, of the address that has most of them.
fn take_one(open: &mut BTreeMap<u64, Open>) -> bool {
    let mut idle: HashMap<IpAddr, (usize, u64)> = HashMap::new();
    for (number, one) in open.iter().filter(|(_, one)| one.requests.is_empty()) {
        idle.entry(one.address).or_insert((0, *number)).0 += 1;
    }
    let Some((_, oldest)) = idle.into_values().max_by_key(|(count, oldest)| (*count, u64::MAX - oldest)) else {
        return false;
    };
    if let Some(one) = open.remove(&oldest) {
        one.taken.notify_one();
    }
    true
}

impl Place {
    /// Waits until another connection takes the place.
    pub(super) async fn taken(&self) {
        self.taken.notified().await;
    }

    /// The requests of this connection.
    pub(super) fn requests(&self) -> Requests {
        self.requests.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.all.open.lock();
        open.1.remove(&self.number);
        self.all.metrics.connections.set(open.1.len());
    }
}

impl Requests {
    /// Counts one, until what is returned is dropped.
    pub(super) fn begin(&self) -> Asking {
        self.0.fetch_add(1, Ordering::Relaxed);
        Asking(self.clone())
    }

    fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        (self.0).0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn who_opens_many_and_asks_nothing_makes_room_for_others() {
        let all = Connections::at_most(4, Arc::default());
        let address = |last: u8| IpAddr::from([10, 0, 0, last]);
        let other = all.admit(address(1)).unwrap();
        let flood: Vec<Place> = (0..3).map(|_| all.admit(address(9)).unwrap()).collect();
        let is_taken = |place: &Place| place.taken().now_or_never().is_some();
        let asking = flood[0].requests().begin();
        let new = all.admit(address(2)).unwrap();
        assert!(!is_taken(&other) && !is_taken(&flood[0]) && is_taken(&flood[1]));
        // All are being answered.
        let busy = [&other, &new, &flood[2]].map(|place| place.requests().begin());
        assert!(all.admit(address(3)).is_none());
        drop(asking);
        let last = all.admit(address(3)).unwrap();
        assert!(is_taken(&flood[0]) && !is_taken(&last));
        drop((busy, last));
        assert_eq!(all.metrics.connections.get(), 3);
    }
}
