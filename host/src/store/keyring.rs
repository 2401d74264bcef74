//! The operating system's keyring as a place for the key: Secret Service, Keychain or Credential Manager.

use keyring::v1::{Entry, Error};
use zeroize::Zeroizing;

use super::error::StoreError;
use super::key::Key;

/// What the entries are filed under; each store has one of its own, so that several homes do not share a key.
const SERVICE: &str = "crhost";

/// The key of an entry; none where there is no entry.
pub(super) fn load(name: &str) -> Result<Option<Key>, StoreError> {
    match apart(name, |entry| entry.get_secret()) {
        Ok(bytes) => Key::parse(&Zeroizing::new(bytes)).map(Some),
        Err(Failed::Keyring(Error::NoEntry)) => Ok(None),
        Err(failed) => Err(failed.explain()),
    }
}

/// Keeps a key as an entry.
pub(super) fn save(name: &str, key: &Key) -> Result<(), StoreError> {
    let bytes = Zeroizing::new(*key.bytes());
    apart(name, move |entry| entry.set_secret(&*bytes)).map_err(Failed::explain)
}

/// Forgets an entry. To fail at this leaves a key that opens nothing any more.
pub(super) fn remove(name: &str) {
    if let Err(failed) = apart(name, |entry| entry.delete_credential()) {
        tracing::warn!("the old key stays in the keyring: {}", failed.explain());
    }
}

enum Failed {
    Keyring(Error),
    Thread,
}

impl Failed {
    fn explain(self) -> StoreError {
        StoreError::Keyring(match self {
            Self::Keyring(Error::NoDefaultStore) => "there is none".to_owned(),
            Self::Keyring(error) => crate::text::printable(&error.to_string(), 300),
            Self::Thread => "it stopped in the middle".to_owned(),
        })
    }
}

/// On a thread of its own: the library drives an event loop, which can't run inside of ours.
fn apart<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, Failed> {
    let name = name.to_owned();
    let thread = std::thread::spawn(move || work(&Entry::new(SERVICE, &name)?));
    thread.join().map_err(|_| Failed::Thread)?.map_err(Failed::Keyring)
}
