//! The data key of a database that many machines share: what is secret in it is sealed with that key, and the key
//! itself is in the database, wrapped by others that are not. The database alone opens nothing.
//!
//! It may be wrapped by several keys at once, each in a row of its own: servers that have the old one and servers that
//! have the new one start while one takes the other's place. A process keeps what it opened in memory, so that it asks
//! for a key again only where the data key is another one.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use ring::hmac;

use super::clock::now;
use super::error::StoreError;
use super::key::Key;
use super::key_service::{KeyServiceError, KeyServices};
use super::sql::Transaction;
use super::wrapping_key::{ReadyKey, WrappingKey};

/// The way to the data key: the key that wraps it, and the data key once it was opened.
pub(super) struct DataKey {
    pub(super) wrapping: WrappingKey,
    /// What asks services.
    pub(super) services: KeyServices,
    opened: OpenedKey,
}

/// The data key that this process has opened, shared by its stores of one database.
#[derive(Clone, Default)]
pub(crate) struct OpenedKey(Arc<Mutex<Opened>>);

/// What came of opening it.
#[derive(Default)]
struct Opened {
    /// The key, with its verifier.
    key: Option<(String, Key)>,
    /// Why a service did not give it, and when.
    failed: Option<(Instant, KeyServiceError)>,
}

/// A service that failed is asked again after this: many may wait for it at once.
const PAUSE: Duration = Duration::from_secs(2);

/// The data key as one key wraps it.
pub(super) struct Wrapped {
    /// The name of the key that wraps it.
    pub(super) wrapping: String,
    /// Where that key is kept: `file`, or a service's own name for it.
    pub(super) kept_by: String,
    /// The data key, wrapped.
    wrapped: Vec<u8>,
    /// Which data key it is, of all that there ever were.
    verifier: String,
    /// Unix time in seconds at which it was wrapped.
    pub(super) wrapped_at: i64,
}

/// Domain of the verifier of a data key, which tells nothing of it.
const PURPOSE: &[u8] = b"crhost data key 1";

/// Tells one data key from another.
fn verifier(key: &Key) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), PURPOSE);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The data key as each key wraps it, the oldest wrapping first.
pub(super) fn all(transaction: &Transaction<'_>) -> Result<Vec<Wrapped>, StoreError> {
    let sql = "SELECT wrapping, kept_by, wrapped, verifier, wrapped_at FROM wrapped_keys ORDER BY wrapped_at, wrapping";
    let rows: Vec<(String, String, Vec<u8>, String, i64)> = transaction.all(sql, ())?;
    let row = |(wrapping, kept_by, wrapped, verifier, wrapped_at)| Wrapped {
        wrapping,
        kept_by,
        wrapped,
        verifier,
        wrapped_at,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The verifier of the data key; `None` if there is no data key yet.
fn verifier_of(rows: &[Wrapped]) -> Result<Option<&str>, StoreError> {
    let Some((first, others)) = rows.split_first() else { return Ok(None) };
    match others.iter().all(|other| other.verifier == first.verifier) {
        true => Ok(Some(&first.verifier)),
        false => Err(StoreError::Damaged("its keys wrap different data keys".into())),
    }
}

impl DataKey {
    /// The data key that this key wraps; `opened` is what the process has opened so far.
    pub(super) fn of(wrapping: WrappingKey, opened: OpenedKey, services: KeyServices) -> Self {
        Self { wrapping, services, opened }
    }

    /// Whether a service has to be asked before the data key, whichever it is now, can be used.
    pub(super) fn has_to_ask(&self) -> bool {
        self.wrapping.is_of_service() && self.opened.0.lock().key.is_none()
    }

    /// The data key, if there is one yet.
    pub(super) fn find(&self, transaction: &Transaction<'_>) -> Result<Option<Key>, StoreError> {
        self.open(&all(transaction)?)
    }

    /// The data key of these rows, which are all that there are.
    pub(super) fn open(&self, rows: &[Wrapped]) -> Result<Option<Key>, StoreError> {
        let Some(expected) = verifier_of(rows)? else { return Ok(None) };
        let mut opened = self.opened.0.lock();
        if let Some((verifier, key)) = &opened.key
            && verifier == expected
        {
            return Ok(Some(key.duplicate()));
        }
        let own = self.own(rows)?;
        if let Some((since, error)) = &opened.failed
            && since.elapsed() < PAUSE
        {
            return Err(error.clone().into());
        }
        let key = self.wrapping.unwrap(&own.wrapped).inspect_err(|error| {
            if let StoreError::KeyService(error) = error {
                opened.failed = Some((Instant::now(), (**error).clone()));
            }
        })?;
        // Another key would seal what no other machine opens.
        if verifier(&key) != expected {
            return Err(StoreError::Damaged("what was unwrapped is not the data key".into()));
        }
        *opened = Opened { key: Some((expected.to_owned(), key.duplicate())), failed: None };
        Ok(Some(key))
    }

    /// The row of the own key.
    pub(super) fn own<'a>(&self, rows: &'a [Wrapped]) -> Result<&'a Wrapped, StoreError> {
        let name = self.wrapping.name();
        rows.iter().find(|row| row.wrapping == name).ok_or_else(|| StoreError::OtherWrappingKey {
            file: self.wrapping.file().into(),
            known: rows.iter().map(|row| row.wrapping.as_str().into()).collect(),
        })
    }

    /// The data key; the first one is made. To be called in a transaction that writes: once in the life of a database,
    /// a service is asked while others wait.
    pub(super) fn find_or_make(&self, transaction: &Transaction<'_>) -> Result<Key, StoreError> {
        if let Some(key) = self.find(transaction)? {
            return Ok(key);
        }
        let key = Key::random()?;
        put(transaction, &self.wrapping.ready()?, &key)?;
        Ok(key)
    }
}

/// Keeps a data key as a key wraps it, in the place of what that key wrapped before.
pub(super) fn put(transaction: &Transaction<'_>, ready: &ReadyKey, data_key: &Key) -> Result<(), StoreError> {
    let sql = "INSERT INTO wrapped_keys (wrapping, kept_by, wrapped, verifier, wrapped_at) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (wrapping) DO UPDATE SET kept_by = excluded.kept_by, wrapped = excluded.wrapped,
               verifier = excluded.verifier, wrapped_at = excluded.wrapped_at";
    let ReadyKey { name, kept_by, .. } = ready;
    transaction.execute(sql, (name, kept_by, ready.wrap(data_key)?, verifier(data_key), now())).map(drop)
}

/// Whether a key wraps the data key already.
pub(super) fn is_wrapped_by(transaction: &Transaction<'_>, wrapping: &str) -> Result<bool, StoreError> {
    Ok(all(transaction)?.iter().any(|row| row.wrapping == wrapping))
}

/// Forgets what a key wrapped.
pub(super) fn remove(transaction: &Transaction<'_>, wrapping: &str) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM wrapped_keys WHERE wrapping = ?1", [wrapping]).map(drop)
}

impl fmt::Debug for OpenedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedKey")
    }
}
