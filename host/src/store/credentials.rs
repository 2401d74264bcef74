//! A cache of credentials that live for a short time, sealed.
//!
//! A row is found by a keyed digest of its cache key, which has everything that the credentials depend on, secrets
//! included: when any of it changes, the row is not found any more. Without the store's key, the digest reveals
//! nothing.

use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};

use super::aead;
use super::clock::{ClockDifference, now};
use super::database::Store;
use super::error::StoreError;
use super::fields::{self, StoredField, StoredKind, StoredValue};
use super::key::Key;
use super::sql::Transaction;

/// Credentials that a flavor gave. Without `Debug`, as every type that holds a secret.
pub(crate) struct CachedCredential {
    /// The user name.
    pub(crate) username: String,
    /// The password.
    pub(crate) password: SecretString,
    /// Unix time in seconds until which they are used.
    pub(crate) expires_at: u64,
    /// Unix time in seconds at which the flavor gave them; absent for those of a version that did not keep it.
    pub(crate) given_at: Option<u64>,
}

/// The first part of the context that a row is sealed for.
const TABLE: &str = "credentials";
/// Domain of the rows' digests: another use of the key would have another one.
const PURPOSE: &[u8] = b"crhost credentials 1";

/// The digest of a cache key, by which its row is found.
fn row_name(key: &Key, cache_key: &[u8]) -> Vec<u8> {
    let mut digest = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()));
    digest.update(PURPOSE);
    digest.update(cache_key);
    digest.sign().as_ref().to_vec()
}

/// The last part of the context that a row is sealed for.
fn hex(row_name: &[u8]) -> String {
    row_name.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    /// Credentials of a cache key that work at least until `until`, a Unix time in seconds; `None` if none are cached.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn cached_credential(
        &self,
        cache_key: &[u8],
        until: u64,
    ) -> Result<Option<CachedCredential>, StoreError> {
        self.unlock()?;
        let found = self.read(|connection| {
            let Some(key) = self.key_if_any(connection)? else { return Ok(None) };
            let name = row_name(&key, cache_key);
            let row = find(connection, &name, until)?;
            Ok(row.map(|row| (key, name, row)))
        })?;
        // A row that does not open is ignored: the flavor gives new credentials.
        Ok(found.and_then(|(key, name, Row { sealed, expires_at, given_at })| {
            let fields = fields::read(&aead::open(&key, &[TABLE, &hex(&name)], &sealed)?)?;
            let mut values = fields.into_iter().filter_map(|field| match field.value {
                StoredValue::Given(value) => Some(value),
                StoredValue::Implicit(_) => None,
            });
            let (username, password) = (values.next()?.expose_secret().to_owned(), values.next()?);
            Some(CachedCredential { username, password, expires_at, given_at })
        }))
    }

    /// Caches credentials under a cache key, in the place of older ones, and removes all that have expired.
    ///
    /// # Errors
    /// When the store can't be written, or the key can't be used.
    pub(crate) fn cache_credential(&self, cache_key: &[u8], credential: &CachedCredential) -> Result<(), StoreError> {
        self.unlock()?;
        let field = |name: &str, kind, value: SecretString| StoredField {
            name: name.to_owned(),
            kind,
            public_members: Vec::new(),
            value: StoredValue::Given(value),
        };
        let fields = fields::write(&[
            field("username", StoredKind::Text, credential.username.as_str().into()),
            field("password", StoredKind::Secret, credential.password.clone()),
        ]);
        let clock = self.database.clock();
        self.remember(|transaction| {
            // Others would read the end by another clock than the one that it was told by.
            if ClockDifference::ask(transaction, clock)?.is_too_large() {
                tracing::debug!("nothing is kept for others: this machine's clock differs from the database's");
                return Ok(());
            }
            let key = self.key_to_seal(transaction)?;
            let name = row_name(&key, cache_key);
            let sealed = aead::seal(&key, &[TABLE, &hex(&name)], fields, "a credential for the cache")?;
            transaction.execute("DELETE FROM credentials WHERE expires_at <= ?1", [now()])?;
            let sql = "INSERT INTO credentials (name, sealed, expires_at, given_at) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at,
                       given_at = excluded.given_at";
            let expires_at = i64::try_from(credential.expires_at).unwrap_or(i64::MAX);
            let given_at = credential.given_at.and_then(|time| i64::try_from(time).ok());
            transaction.execute(sql, (name, sealed, expires_at, given_at))?;
            Ok(())
        })
    }

    /// Removes the credentials of a cache key.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn remove_cached_credential(&self, cache_key: &[u8]) -> Result<(), StoreError> {
        self.unlock()?;
        self.remember(|transaction| {
            let Some(key) = self.key_if_any(transaction)? else { return Ok(()) };
            let name = row_name(&key, cache_key);
            transaction.execute("DELETE FROM credentials WHERE name = ?1", [name])?;
            Ok(())
        })
    }
}

/// A row of the cache.
struct Row {
    sealed: Vec<u8>,
    expires_at: u64,
    given_at: Option<u64>,
}

fn find(connection: &Transaction<'_>, name: &[u8], until: u64) -> Result<Option<Row>, StoreError> {
    let until = i64::try_from(until).unwrap_or(i64::MAX);
    let sql = "SELECT sealed, expires_at, given_at FROM credentials WHERE name = ?1 AND expires_at > ?2";
    let row: Option<(Vec<u8>, i64, Option<i64>)> = connection.first(sql, (name, until))?;
    Ok(row.and_then(|(sealed, expires_at, given_at)| {
        let given_at = given_at.and_then(|time| u64::try_from(time).ok());
        Some(Row { sealed, expires_at: u64::try_from(expires_at).ok()?, given_at })
    }))
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::*;

    fn credential(expires_at: u64) -> CachedCredential {
        CachedCredential {
            username: "AWS".to_owned(),
            password: "hunter2hunter2".into(),
            expires_at,
            given_at: Some(7),
        }
    }

    fn credentials_are_found_by_their_cache_key_until_they_expire(home: &Home) {
        let store = Store::open(home).unwrap();
        let later = u64::try_from(now()).unwrap() + 1000;
        assert!(store.cached_credential(b"cache key", 0).unwrap().is_none());
        store.cache_credential(b"cache key", &credential(later)).unwrap();
        let found = store.cached_credential(b"cache key", later - 1).unwrap().unwrap();
        assert_eq!((found.username.as_str(), found.password.expose_secret()), ("AWS", "hunter2hunter2"));
        assert_eq!((found.expires_at, found.given_at), (later, Some(7)));
        assert!(store.cached_credential(b"cache key", later).unwrap().is_none());
        assert!(store.cached_credential(b"another", 0).unwrap().is_none());
        store.remove_cached_credential(b"cache key").unwrap();
        assert!(store.cached_credential(b"cache key", 0).unwrap().is_none());
    }

    fn expired_credentials_are_removed(home: &Home) {
        let store = Store::open(home).unwrap();
        store.cache_credential(b"old", &credential(1)).unwrap();
        store.cache_credential(b"new", &credential(u64::MAX)).unwrap();
        let rows: i64 = store.read(|view| view.only("SELECT count(*) FROM credentials", ())).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn no_secret_is_in_the_file_in_plain_text() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        store.cache_credential(b"prod, s3cret-of-the-key", &credential(u64::MAX)).unwrap();
        let bytes = std::fs::read(directory.path().join("crhost.db")).unwrap();
        for text in ["hunter2", "s3cret-of"] {
            assert!(memchr::memmem::find(&bytes, text.as_bytes()).is_none(), "{text}");
        }
    }

    crate::store::homes::in_both_homes! {
        credentials_are_found_by_their_cache_key_until_they_expire,
        expired_credentials_are_removed,
    }
}
