//! A point at which the pushes to several registries wait for each other.

use tokio::sync::watch;

/// What each of them brought.
pub(super) struct Rendezvous<T>(watch::Sender<State<T>>);

struct State<T> {
    /// Those that are still to come.
    expected: usize,
    /// What those brought who came.
    brought: Vec<T>,
    /// How many left without coming.
    left: usize,
}

/// One registry's place.
pub(super) struct Place<'a, T: Clone> {
    point: &'a Rendezvous<T>,
    has_come: bool,
}

impl<T: Clone> Rendezvous<T> {
    /// A point for so many registries.
    pub(super) fn new(registries: usize) -> Self {
        Self(watch::Sender::new(State { expected: registries, brought: Vec::new(), left: 0 }))
    }

    /// A place; one for each registry. One that is dropped before its registry came stands for one that left.
    pub(super) fn place(&self) -> Place<'_, T> {
        Place { point: self, has_come: false }
    }
}

impl<T: Clone> Place<'_, T> {
    /// Brings something without waiting for the others.
    pub(super) fn bring(&mut self, what: T) {
        if !std::mem::replace(&mut self.has_come, true) {
            self.point.0.send_modify(|state| {
                state.expected -= 1;
                state.brought.push(what);
            });
        }
    }

    /// Brings something and waits until all have come or left: what they brought, and how many left.
    pub(super) async fn meet(&mut self, what: T) -> (Vec<T>, usize) {
        self.bring(what);
        let mut states = self.point.0.subscribe();
        match states.wait_for(|state| state.expected == 0).await {
            Ok(state) => (state.brought.clone(), state.left),
            // The point lives longer than its places.
            Err(_) => (Vec::new(), usize::MAX),
        }
    }
}

impl<T: Clone> Drop for Place<'_, T> {
    fn drop(&mut self) {
        if !self.has_come {
            self.point.0.send_modify(|state| {
                state.expected -= 1;
                state.left += 1;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn all_wait_for_the_last_one_and_know_who_left() {
        let point = Rendezvous::new(3);
        let [mut one, mut other, third] = [point.place(), point.place(), point.place()];
        assert!(one.meet(1).now_or_never().is_none());
        other.bring(2);
        assert!(one.meet(1).now_or_never().is_none());
        drop(third);
        assert_eq!(one.meet(1).now_or_never(), Some((vec![1, 2], 1)));
    }
}
