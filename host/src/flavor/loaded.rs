//! Components that this process has loaded: a name that no registered registry owns is located with a flavor and then
//! opened with it, and a copy opens two registries. To load compiled code takes longer than a call of it.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::facts::ComponentFacts;
use crate::image::Digest;

/// Most components that are held: more than one command uses, and a bound for a service whose components are replaced.
const MOST: usize = 32;

/// A component that was admitted before.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
    /// Their digest.
    pub(crate) digest: &'a Digest,
}

/// A component that speaks the contract as far as its types tell.
pub(super) struct Linked<C: ?Sized> {
    /// What is known of it without running it.
    pub(super) facts: ComponentFacts,
    /// Its functions.
    pub(super) contract: Arc<C>,
}

/// Loaded components by the digests of their bytes. Each call has a store of its own, so that nothing of one call is
/// seen by another.
pub(super) struct Loaded<C: ?Sized>(Mutex<HashMap<Digest, Linked<C>>>);

impl<C: ?Sized> Clone for Linked<C> {
    fn clone(&self) -> Self {
        Self { facts: self.facts.clone(), contract: Arc::clone(&self.contract) }
    }
}

impl<C: ?Sized> Default for Loaded<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: ?Sized> Loaded<C> {
    /// A component that was loaded before.
    pub(super) fn get(&self, digest: &Digest) -> Option<Linked<C>> {
        self.0.lock().get(digest).cloned()
    }

    /// Keeps a component.
    pub(super) fn keep(&self, linked: &Linked<C>) {
        let mut all = self.0.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(linked.facts.digest.clone(), linked.clone());
    }

    /// How many are held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Runtime;
    use super::super::builtin;

    #[tokio::test]
    async fn a_component_is_loaded_once_and_another_one_is_not_taken_for_it() {
        let runtime = Runtime::new(None).unwrap();
        let [one, other] = ["default", "quay"].map(|name| builtin::find(name).unwrap());
        for _ in 0..2 {
            for built_in in [one, other] {
                let flavor = runtime.load(built_in.known(), built_in.description().unwrap()).await.unwrap();
                assert_eq!(flavor.facts(), built_in.facts().unwrap());
            }
        }
        assert_eq!(runtime.loaded_flavors(), 2);
    }
}
