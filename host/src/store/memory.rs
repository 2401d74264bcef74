//! What a store in memory has in the place of files: the components, and a key that ends with the process.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::error::StoreError;
use super::key::Key;
use crate::image::Digest;

/// The components and the key of a store in memory. Without `Debug`: it has the key.
pub(super) struct Memory {
    components: RefCell<BTreeMap<Digest, Vec<u8>>>,
    key: Key,
}

impl Memory {
    /// No components, and a new key.
    pub(super) fn new() -> Result<Self, StoreError> {
        Ok(Self { components: RefCell::default(), key: Key::random()? })
    }

    /// The key.
    pub(super) fn key(&self) -> Key {
        self.key.duplicate()
    }

    /// Keeps a component.
    pub(super) fn keep(&self, digest: &Digest, component: &[u8]) {
        self.components.borrow_mut().insert(digest.clone(), component.to_vec());
    }

    /// The component of a digest.
    pub(super) fn component(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let found = self.components.borrow().get(digest).cloned();
        found.ok_or_else(|| StoreError::Damaged(format!("the component {digest} is not kept").into()))
    }
}
