//! The operating system's keyring as storage of the key: Secret Service, Keychain or Credential Manager.

use keyring::v1::{Entry, Error};
use zeroize::Zeroizing;

use super::error::StoreError;
use super::key::Key;

/// The service of all entries. Each store has an entry of its own, so that several homes do not share a key.
const SERVICE: &str = "crhost";

/// The key of an entry; `None` if the entry does not exist.
pub(super) fn load(name: &str) -> Result<Option<Key>, StoreError> {
    match on_thread(name, |entry| entry.get_secret()) {
        Ok(bytes) => Key::parse(&Zeroizing::new(bytes)).map(Some),
        Err(Failed::Keyring(Error::NoEntry)) => Ok(None),
        Err(failed) => Err(failed.explain()),
    }
}

/// Stores a key as an entry.
pub(super) fn save(name: &str, key: &Key) -> Result<(), StoreError> {
    let bytes = Zeroizing::new(*key.bytes());
    on_thread(name, move |entry| entry.set_secret(&*bytes)).map_err(Failed::explain)
}

/// Removes an entry. A failure leaves a key that opens nothing any more, and is logged.
pub(super) fn remove(name: &str) {
    if let Err(failed) = on_thread(name, |entry| entry.delete_credential()) {
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
            Self::Keyring(Error::NoDefaultStore) => "there is none".into(),
            Self::Keyring(error) => crate::text::printable(&error.to_string(), 300).into(),
            Self::Thread => "it stopped in the middle".into(),
        })
    }
}

/// Works on an entry in a thread of its own: the library runs an event loop, which can't run inside ours.
fn on_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, Failed> {
    let name = name.to_owned();
    let thread = std::thread::spawn(move || work(&Entry::new(SERVICE, &name)?));
    thread.join().map_err(|_| Failed::Thread)?.map_err(Failed::Keyring)
}
