//! The open store and its transactions. The other files of this module give it its operations.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::home::Home;
use super::key::Key;
use super::schema;
use crate::files::private;
use crate::files::trust::{self, Forbidden};

/// The open store.
pub(crate) struct Store {
    connection: RefCell<Connection>,
    /// The directory of components, each named by its digest.
    pub(super) components: PathBuf,
    /// The directory of all data; the key's file is in it.
    pub(super) directory: PathBuf,
    /// The key from the keyring, with the name of its entry, once it was read.
    pub(super) keyring_key: RefCell<Option<(String, Key)>>,
}

/// A symbolic link in the place of the file is an error, and the path is no URI.
const OPEN_FLAGS: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX).union(OpenFlags::SQLITE_OPEN_NOFOLLOW);

/// Endings of the files beside the database that SQLite takes up ("Temporary Files Used By SQLite").
const COMPANIONS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// Wait for another process that writes; a write takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the store, or makes an empty one.
    ///
    /// # Errors
    /// When its directory can't be used or is not the user's alone, or holds a store of a newer crhost.
    pub(crate) fn open(home: &Home) -> Result<Self, StoreError> {
        let directory = trust::own_directory(home.data(), home.trusted())?;
        let components = trust::own_directory(&directory.join("components/sha256"), home.trusted())?;
        let mut connection = Connection::open_with_flags(own_database(&directory)?, OPEN_FLAGS)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // A committed transaction is on disk; and there is no second file that a network file system could lose.
        connection.pragma_update(None, "journal_mode", "TRUNCATE")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // Removed rows are overwritten in the file.
        connection.pragma_update(None, "secure_delete", "ON")?;
        schema::migrate(&mut connection)?;
        Ok(Self { connection: RefCell::new(connection), components, directory, keyring_key: RefCell::default() })
    }

    /// Reads in one consistent view.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection.borrow();
        // No other process can commit until it ends, so that all reads see one state.
        let view = connection.unchecked_transaction()?;
        let value = read(&view)?;
        view.finish()?;
        Ok(value)
    }

    /// Changes in one transaction. The write lock is taken first, so that reads in it are still true when it writes.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.borrow_mut();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = change(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// The file of the database, which is made if it is missing; it and the files beside it are the user's alone.
fn own_database(directory: &Path) -> Result<PathBuf, StoreError> {
    let file = directory.join("crhost.db");
    for path in COMPANIONS.iter().map(|ending| directory.join(format!("crhost.db{ending}"))) {
        check(&path)?;
    }
    // A file that exists is not opened here: to close it would release the locks that this process has on it.
    if !check(&file)? {
        private::create_file(&file)
            .map_err(|reason| StoreError::File { path: file.as_path().into(), reason: reason.into() })?;
        check(&file)?;
    }
    Ok(file)
}

/// Whether a file exists; one that does is the user's alone.
fn check(path: &Path) -> Result<bool, StoreError> {
    let found = trust::check_file(path, Forbidden::Opening);
    found.map(|found| found.is_some()).map_err(|reason| StoreError::from_distrust(path, reason))
}
