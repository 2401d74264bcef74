//! Repositories of blobs, as earlier pushes saw them: a registry can mount a blob from another repository. A row is a
//! guess, which the registry confirms or denies.
//!
//! Rows belong to the account that saw the blob there, since a mount names the repository to the registry: the names of
//! one account's private repositories are not for the requests of another.

use rusqlite::Connection;

use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use super::name::Name;
use crate::image::{Digest, Host, Repository};

/// Most rows: the layers of some thousand images. The oldest rows are removed first.
const MAX_ROWS: u32 = 20_000;

/// Whose credentials open a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The registry's host.
    pub(crate) host: Host,
    /// The connector that the registry has, if any.
    pub(crate) connector: Option<Name>,
    /// The user name of the credentials: Docker's configuration, or a connector that reads the machine, may have
    /// another one tomorrow. Empty without a user name.
    pub(crate) username: String,
}

impl Account {
    /// Host, connector and user name as they are stored. No connector has an empty name.
    fn columns(&self) -> (&str, &str, &str) {
        (self.host.as_str(), self.connector.as_ref().map_or("", Name::as_str), &self.username)
    }
}

impl Store {
    /// The repositories in which an account saw a blob, the latest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn blob_locations(&self, account: &Account, digest: &Digest) -> Result<Vec<Repository>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT repository FROM blob_locations
                       WHERE host = ?1 AND connector = ?2 AND username = ?3 AND digest = ?4 ORDER BY seen_at DESC";
            let mut statement = connection.prepare(sql)?;
            let (host, connector, username) = account.columns();
            let rows = statement.query_map([host, connector, username, digest.as_str()], |row| row.get(0))?;
            let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
            // A damaged row counts as absent.
            Ok(rows.iter().filter_map(|repository| repository.parse().ok()).collect())
        })
    }

    /// The repositories on a host in which a connector saw blobs, those of the latest pushes first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn repositories_of(&self, host: &Host, connector: Option<&Name>) -> Result<Vec<Repository>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT repository FROM blob_locations WHERE host = ?1 AND connector = ?2
                       GROUP BY repository ORDER BY max(seen_at) DESC, repository";
            let mut statement = connection.prepare(sql)?;
            let connector = connector.map_or("", Name::as_str);
            let rows = statement.query_map([host.as_str(), connector], |row| row.get(0))?;
            let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
            Ok(rows.iter().filter_map(|repository| repository.parse().ok()).collect())
        })
    }

    /// Stores that an account saw blobs in a repository, and removes the oldest rows.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn add_blob_locations<'a>(
        &self,
        account: &Account,
        repository: &Repository,
        digests: impl IntoIterator<Item = &'a Digest>,
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            let sql = "INSERT OR REPLACE INTO blob_locations (host, connector, username, digest, repository, seen_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let mut statement = transaction.prepare(sql)?;
            let (host, connector, username) = account.columns();
            for digest in digests {
                statement.execute((host, connector, username, digest.as_str(), repository.as_str(), now()))?;
            }
            let sql = "DELETE FROM blob_locations WHERE seen_at <
                       (SELECT seen_at FROM blob_locations ORDER BY seen_at DESC LIMIT 1 OFFSET ?1)";
            transaction.execute(sql, [MAX_ROWS])?;
            Ok(())
        })
    }

    /// Removes a repository of a blob, which its registry denied to this account.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn remove_blob_location(
        &self,
        account: &Account,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            let sql = "DELETE FROM blob_locations
                       WHERE host = ?1 AND connector = ?2 AND username = ?3 AND digest = ?4 AND repository = ?5";
            let (host, connector, username) = account.columns();
            transaction.execute(sql, [host, connector, username, digest.as_str(), repository.as_str()])?;
            Ok(())
        })
    }
}

/// Removes all that was seen with a connector, which is gone or may be another account's.
pub(super) fn remove_connector(transaction: &Connection, connector: &Name) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM blob_locations WHERE connector = ?1", [connector.as_str()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::put::IfTaken;
    use super::super::{ConnectorRecord, Home};
    use super::*;

    fn account(host: &str, connector: Option<&str>, username: &str) -> Account {
        let (host, connector) = (host.parse().unwrap(), connector.map(|name| name.parse().unwrap()));
        Account { host, connector, username: username.to_owned() }
    }

    #[test]
    fn locations_of_blobs_are_known_until_they_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let account = account("a.example", None, "");
        let (one, two): (Repository, Repository) = ("team/one".parse().unwrap(), "team/two".parse().unwrap());
        let digest = Digest::of(b"layer");
        store.add_blob_locations(&account, &one, [&digest, &Digest::of(b"another")]).unwrap();
        store.add_blob_locations(&account, &two, [&digest]).unwrap();
        let mut known = store.blob_locations(&account, &digest).unwrap();
        known.sort();
        assert_eq!(known, [one.clone(), two.clone()]);
        store.remove_blob_location(&account, &one, &digest).unwrap();
        assert_eq!(store.blob_locations(&account, &digest).unwrap(), [two]);
        assert_eq!(store.blob_locations(&account, &Digest::of(b"another")).unwrap(), [one]);
    }

    #[test]
    fn an_account_does_not_learn_of_the_repositories_of_another() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let (repository, digest) = ("team/secret-project".parse().unwrap(), Digest::of(b"layer"));
        let own = account("a.example", Some("work"), "alice");
        store.add_blob_locations(&own, &repository, [&digest]).unwrap();
        for other in [
            account("b.example", Some("work"), "alice"),
            account("a.example", Some("home"), "alice"),
            account("a.example", None, "alice"),
            account("a.example", Some("work"), "bob"),
        ] {
            assert_eq!(store.blob_locations(&other, &digest).unwrap(), [], "{other:?}");
            store.remove_blob_location(&other, &repository, &digest).unwrap();
        }
        assert_eq!(store.blob_locations(&own, &digest).unwrap(), [repository]);
    }

    #[test]
    fn a_connector_that_changes_or_goes_leaves_nothing_of_what_was_seen_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let (repository, digest) = ("team/secret-project".parse().unwrap(), Digest::of(b"layer"));
        let work = ConnectorRecord {
            name: "work".parse().unwrap(),
            connector_type: "vault".to_owned(),
            method: "password".to_owned(),
            fields: Vec::new(),
            uses: String::new(),
        };
        store.put_connector(&work, IfTaken::Refuse).unwrap();
        let account = account("a.example", Some("work"), "");
        let see = || store.add_blob_locations(&account, &repository, [&digest]).unwrap();
        let seen = || store.blob_locations(&account, &digest).unwrap().len();
        see();
        let other = ConnectorRecord { method: "token".to_owned(), ..work.clone() };
        store.update_connector(&work, &other).unwrap();
        assert_eq!(seen(), 0);
        see();
        let renamed = ConnectorRecord { name: "office".parse().unwrap(), ..other.clone() };
        store.update_connector(&other, &renamed).unwrap();
        assert_eq!(seen(), 0);
        store.update_connector(&renamed, &other).unwrap();
        see();
        store.remove_connector(&work.name).unwrap();
        assert_eq!(seen(), 0);
    }
}
