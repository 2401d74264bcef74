//! Credentials that live for a short time, kept sealed until shortly before they end.
//!
//! A row is found by a keyed digest of the whole question that the credentials answer, secrets included: whatever changes in
//! the question, the answer is not found any more. Without the key nobody can tell what was asked.

use ring::hmac;
use rusqlite::{Connection, OptionalExtension as _};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::StoreError;
use super::fields::{self, StoredField, StoredKind, StoredValue};
use super::key::Key;
use super::{Store, now, seal};

/// Credentials that a flavor gave. Without `Debug`, as every type that holds a secret.
pub(crate) struct KeptCredential {
    /// The user name.
    pub(crate) username: String,
    /// The password.
    pub(crate) password: SecretString,
    /// Unix time in seconds after which they no longer work.
    pub(crate) expires_at: u64,
}

/// Of the digests that rows are found by; another use of the key would have another.
const PURPOSE: &[u8] = b"crhost credentials 1";

/// The digest that a question's answer is found by.
fn name(key: &Key, question: &[u8]) -> Vec<u8> {
    let mut digest = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()));
    digest.update(PURPOSE);
    digest.update(question);
    digest.sign().as_ref().to_vec()
}

fn place(name: &[u8]) -> [String; 2] {
    ["credentials".to_owned(), name.iter().map(|byte| format!("{byte:02x}")).collect()]
}

fn parts(place: &[String; 2]) -> [&str; 2] {
    [place[0].as_str(), place[1].as_str()]
}

impl Store {
    /// Credentials that answer a question and work at least until `until`, a Unix time in seconds; none if there are none.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn kept_credential(&self, question: &[u8], until: u64) -> Result<Option<KeptCredential>, StoreError> {
        self.unlock()?;
        let found = self.read(|connection| {
            let Some(key) = self.key_if_any(connection)? else { return Ok(None) };
            let name = name(&key, question);
            let row = find(connection, &name, until)?;
            Ok(row.map(|(sealed, expires_at)| (key, name, sealed, expires_at)))
        })?;
        // What does not open is as good as nothing: it can be asked for again.
        Ok(found.and_then(|(key, name, sealed, expires_at)| {
            let fields = fields::read(&seal::open(&key, &parts(&place(&name)), &sealed)?)?;
            let mut values = fields.into_iter().filter_map(|field| match field.value {
                StoredValue::Given(value) => Some(value),
                StoredValue::Implicit(_) => None,
            });
            let (username, password) = (values.next()?.expose_secret().to_owned(), values.next()?);
            Some(KeptCredential { username, password, expires_at })
        }))
    }

    /// Keeps credentials as the answer to a question, in the place of others, and forgets those that have run out.
    ///
    /// # Errors
    /// When the store can't be written, or the key can't be used.
    pub(crate) fn keep_credential(&self, question: &[u8], credential: &KeptCredential) -> Result<(), StoreError> {
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
        self.change(|transaction| {
            let key = self.key_to_seal(transaction)?;
            let name = name(&key, question);
            let sealed = seal::seal(&key, &parts(&place(&name)), fields)
                .map_err(|_| StoreError::Damaged("credentials could not be sealed".to_owned()))?;
            transaction.execute("DELETE FROM credentials WHERE expires_at <= ?1", [now()])?;
            let sql = "INSERT OR REPLACE INTO credentials (name, sealed, expires_at) VALUES (?1, ?2, ?3)";
            let expires_at = i64::try_from(credential.expires_at).unwrap_or(i64::MAX);
            transaction.execute(sql, (name, sealed, expires_at))?;
            Ok(())
        })
    }

    /// Forgets the answer to a question.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn forget_credential(&self, question: &[u8]) -> Result<(), StoreError> {
        self.unlock()?;
        self.change(|transaction| {
            let Some(key) = self.key_if_any(transaction)? else { return Ok(()) };
            let name = name(&key, question);
            transaction.execute("DELETE FROM credentials WHERE name = ?1", [name])?;
            Ok(())
        })
    }
}

fn find(connection: &Connection, name: &[u8], until: u64) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
    let until = i64::try_from(until).unwrap_or(i64::MAX);
    let sql = "SELECT sealed, expires_at FROM credentials WHERE name = ?1 AND expires_at > ?2";
    let row: Option<(Vec<u8>, i64)> =
        connection.query_row(sql, (name, until), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(row.and_then(|(sealed, expires_at)| Some((sealed, u64::try_from(expires_at).ok()?))))
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::*;

    fn credential(expires_at: u64) -> KeptCredential {
        KeptCredential { username: "AWS".to_owned(), password: "hunter2hunter2".into(), expires_at }
    }

    #[test]
    fn credentials_are_found_by_their_question_until_they_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        let later = u64::try_from(now()).unwrap() + 1000;
        assert!(store.kept_credential(b"question", 0).unwrap().is_none());
        store.keep_credential(b"question", &credential(later)).unwrap();
        let found = store.kept_credential(b"question", later - 1).unwrap().unwrap();
        assert_eq!((found.username.as_str(), found.password.expose_secret()), ("AWS", "hunter2hunter2"));
        assert_eq!(found.expires_at, later);
        assert!(store.kept_credential(b"question", later).unwrap().is_none());
        assert!(store.kept_credential(b"another", 0).unwrap().is_none());
        store.forget_credential(b"question").unwrap();
        assert!(store.kept_credential(b"question", 0).unwrap().is_none());
    }

    #[test]
    fn what_has_run_out_does_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        store.keep_credential(b"old", &credential(1)).unwrap();
        store.keep_credential(b"new", &credential(u64::MAX)).unwrap();
        let rows = |connection: &Connection| -> Result<i64, StoreError> {
            Ok(connection.query_row("SELECT count(*) FROM credentials", [], |row| row.get(0))?)
        };
        assert_eq!(store.read(rows).unwrap(), 1);
    }

    #[test]
    fn no_byte_of_them_is_in_a_file_in_clear() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        store.keep_credential(b"who are you, s3cret-of-the-question?", &credential(u64::MAX)).unwrap();
        let bytes = std::fs::read(folder.path().join("data/crhost.db"))
            .or_else(|_| std::fs::read(folder.path().join("crhost.db")))
            .unwrap();
        for text in ["hunter2", "s3cret-of"] {
            assert!(memchr::memmem::find(&bytes, text.as_bytes()).is_none(), "{text}");
        }
    }
}
