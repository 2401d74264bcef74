//! What crhost wrote into the files of other clients, such as Docker's `config.json`, and what was there before.
//!
//! Both are sealed, as entries of such files hold passwords.

use rusqlite::{Connection, OptionalExtension as _};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::aead;
use super::database::Store;
use super::error::StoreError;
use super::key::Key;

/// An edit of one key in a member of a JSON file. Without `Debug`: it may hold a password.
pub(crate) struct ClientEdit {
    /// The JSON that was there; absent where there was none.
    pub(crate) before: Option<SecretString>,
    /// The JSON that was written.
    pub(crate) after: SecretString,
    /// Whether the member was made for it.
    pub(crate) made_member: bool,
}

/// Where an edit was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EditPlace<'a> {
    /// The path of the file, behind symbolic links.
    pub(crate) file: &'a str,
    /// The member of the file's object.
    pub(crate) member: &'a str,
    /// The key in that member's object.
    pub(crate) key: &'a str,
}

/// The edits, while no other process can change them.
pub(crate) struct ClientEdits<'a> {
    store: &'a Store,
    transaction: &'a Connection,
}

/// The first part of the context that a row is sealed for.
const TABLE: &str = "client_edits";

impl EditPlace<'_> {
    fn context(&self) -> [&str; 4] {
        [TABLE, self.file, self.member, self.key]
    }
}

impl Store {
    /// Works on the edits and the files that they are of. No other process of crhost does so at the same time, and what
    /// is put or removed is kept only if the work succeeds.
    ///
    /// # Errors
    /// Those of the work, and when the store can't be written.
    pub(crate) fn edit_clients<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&ClientEdits<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.unlock()?;
        self.change_with(|transaction| work(&ClientEdits { store: self, transaction }))
    }
}

impl ClientEdits<'_> {
    /// The edit at a place. One that does not open is none.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn find(&self, place: EditPlace<'_>) -> Result<Option<ClientEdit>, StoreError> {
        let Some(key) = self.store.key_if_any(self.transaction)? else { return Ok(None) };
        let sql = "SELECT sealed FROM client_edits WHERE file = ?1 AND member = ?2 AND key = ?3";
        let values = (place.file, place.member, place.key);
        let sealed: Option<Vec<u8>> = self.transaction.query_row(sql, values, |row| row.get(0)).optional()?;
        Ok(sealed.and_then(|sealed| opened(&key, place, &sealed)))
    }

    /// The keys that were edited in a member of a file, in order.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn keys(&self, file: &str, member: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT key FROM client_edits WHERE file = ?1 AND member = ?2 ORDER BY key";
        let mut statement = self.transaction.prepare(sql)?;
        let keys = statement.query_map((file, member), |row| row.get(0))?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// The files in which keys of a member were edited, each with such a key, in order.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn files(&self, member: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT file, key FROM client_edits WHERE member = ?1 ORDER BY file, key";
        let mut statement = self.transaction.prepare(sql)?;
        let files = statement.query_map([member], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(files.collect::<Result<_, _>>()?)
    }

    /// Records an edit, in the place of an older one.
    ///
    /// # Errors
    /// When the store can't be written, or the key can't be used.
    pub(crate) fn put(&self, place: EditPlace<'_>, edit: &ClientEdit) -> Result<(), StoreError> {
        let sealed = sealed(&self.store.key_to_seal(self.transaction)?, place, edit)?;
        let sql = "INSERT OR REPLACE INTO client_edits (file, member, key, sealed) VALUES (?1, ?2, ?3, ?4)";
        self.transaction.execute(sql, (place.file, place.member, place.key, sealed))?;
        Ok(())
    }

    /// Forgets an edit.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn remove(&self, place: EditPlace<'_>) -> Result<(), StoreError> {
        let sql = "DELETE FROM client_edits WHERE file = ?1 AND member = ?2 AND key = ?3";
        self.transaction.execute(sql, (place.file, place.member, place.key))?;
        Ok(())
    }
}

/// Seals all edits with another key. Those that don't open, because the old key is lost, are forgotten.
pub(super) fn seal_again(connection: &Connection, old: Option<&Key>, new: &Key) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT file, member, key, sealed FROM client_edits")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let rows: Vec<(String, String, String, Vec<u8>)> = rows.collect::<Result<_, _>>()?;
    connection.execute("DELETE FROM client_edits", [])?;
    for (file, member, key, old_bytes) in &rows {
        let place = EditPlace { file, member, key };
        if let Some(edit) = old.and_then(|old| opened(old, place, old_bytes)) {
            let sql = "INSERT INTO client_edits (file, member, key, sealed) VALUES (?1, ?2, ?3, ?4)";
            connection.execute(sql, (file, member, key, sealed(new, place, &edit)?))?;
        }
    }
    Ok(())
}

/// The texts as JSON, sealed.
fn sealed(key: &Key, place: EditPlace<'_>, edit: &ClientEdit) -> Result<Vec<u8>, StoreError> {
    let before = edit.before.as_ref().map(|before| before.expose_secret());
    let parts = (before, edit.after.expose_secret(), edit.made_member);
    // Texts and a flag, which JSON can always represent.
    let plain = Zeroizing::new(serde_json::to_vec(&parts).unwrap_or_default());
    aead::seal(key, &place.context(), plain, "an edit of another client's file")
}

fn opened(key: &Key, place: EditPlace<'_>, sealed: &[u8]) -> Option<ClientEdit> {
    let plain = aead::open(key, &place.context(), sealed)?;
    let (before, after, made_member): (Option<String>, String, bool) = serde_json::from_slice(&plain).ok()?;
    Some(ClientEdit { before: before.map(SecretString::from), after: after.into(), made_member })
}

#[cfg(test)]
mod tests {
    use super::super::{Home, KeyStorage};
    use super::*;

    const PLACE: EditPlace<'static> = EditPlace { file: "/home/ann/config.json", member: "auths", key: "ghcr.io" };

    fn put(store: &Store) {
        let edit =
            ClientEdit { before: Some(r#"{"auth":"hunter2"}"#.into()), after: "hunter3".into(), made_member: true };
        store.edit_clients(|edits| edits.put(PLACE, &edit)).unwrap();
    }

    fn found(store: &Store) -> Option<String> {
        let edit = store.edit_clients(|edits| edits.find(PLACE)).unwrap()?;
        assert!(edit.made_member);
        Some(format!("{} {}", edit.before.unwrap().expose_secret(), edit.after.expose_secret()))
    }

    #[test]
    fn an_edit_is_found_until_it_is_removed_and_outlives_the_rotation_of_the_key() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        assert_eq!(found(&store), None);
        put(&store);
        store.rotate_key(KeyStorage::File).unwrap();
        assert_eq!(found(&store).unwrap(), r#"{"auth":"hunter2"} hunter3"#);
        assert_eq!(store.edit_clients(|edits| edits.keys(PLACE.file, PLACE.member)).unwrap(), ["ghcr.io"]);
        store.edit_clients(|edits| edits.remove(PLACE)).unwrap();
        assert_eq!(found(&store), None);
    }

    #[test]
    fn nothing_of_an_edit_is_in_the_file_in_plain_text() {
        let directory = tempfile::tempdir().unwrap();
        put(&Store::open(&Home::at(directory.path())).unwrap());
        let bytes = std::fs::read(directory.path().join("crhost.db")).unwrap();
        assert!(memchr::memmem::find(&bytes, b"hunter").is_none());
    }

    #[test]
    fn work_that_fails_keeps_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        put(&store);
        let failed: Result<(), StoreError> = store.edit_clients(|edits| {
            edits.remove(PLACE)?;
            Err(StoreError::Damaged("test".into()))
        });
        assert!(failed.is_err() && found(&store).is_some());
    }
}
