//! The keyring of a crhost that was built without one.

use super::error::StoreError;
use super::key::Key;

/// Never a key: whether there is one is not known.
pub(super) fn load(_name: &str) -> Result<Option<Key>, StoreError> {
    Err(absent())
}

/// Always a failure.
pub(super) fn save(_name: &str, _key: &Key) -> Result<(), StoreError> {
    Err(absent())
}

/// Nothing is there to remove.
pub(super) fn remove(_name: &str) {}

fn absent() -> StoreError {
    StoreError::Keyring("this crhost was built without the feature `keyring`".into())
}
