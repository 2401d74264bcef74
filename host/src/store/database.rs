//! The open store and its transactions. The other files of this module give it its operations.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::{BUSY_TIMEOUT, StoreError};
use super::home::Home;
use super::key::Key;
use super::memory::Memory;
use super::schema;
use super::together_state::Together;
use crate::error::Explain;
use crate::files::private;
use crate::files::trust::{self, Forbidden};
use crate::text::Escaped;

/// The open store.
pub(crate) struct Store {
    connection: RefCell<Connection>,
    /// Whether a failure of what is only remembered was told already.
    warned: Cell<bool>,
    /// The file of the database.
    file: PathBuf,
    /// Why nothing can be changed, and the hint, where only a copy in memory is open.
    fixed: Option<(Escaped, Escaped)>,
    /// The directory of components, each named by its digest.
    pub(super) components: PathBuf,
    /// The directory of all data; the key's file is in it.
    pub(super) directory: PathBuf,
    /// The key from the keyring, with the name of its entry, once it was read.
    pub(super) keyring_key: RefCell<Option<(String, Key)>>,
    /// The one transaction that changes belong to, while there is one.
    pub(super) together: Together,
    /// What is beside the database elsewhere, where all is in memory.
    pub(super) memory: Option<Memory>,
}

/// A symbolic link in the place of the file is an error, and the path is no URI.
const OPEN_FLAGS: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX).union(OpenFlags::SQLITE_OPEN_NOFOLLOW);

/// The file of the database.
const FILE: &str = "crhost.db";

/// The directory of components, below that of all data.
const COMPONENTS: &str = "components/sha256";

/// Endings of the files beside the database that SQLite takes up ("Temporary Files Used By SQLite").
const COMPANIONS: [&str; 3] = ["-journal", "-wal", "-shm"];

impl Store {
    /// Opens the store, or makes an empty one. Where none can be made, because the disk is full or read-only or the
    /// directory is another's, it is empty and can't be changed: much works without it.
    ///
    /// # Errors
    /// When its directory is not the user's alone, or holds a store that can't be read, or one of a newer crhost.
    pub(crate) fn open(home: &Home) -> Result<Self, StoreError> {
        match Self::open_file(home) {
            Err(error) if error.is_unwritable() && is_empty(&home.data().join(FILE)) => {
                tracing::debug!("nothing is kept between runs: {error}");
                Self::without_file(home.data(), &error)
            }
            opened => opened,
        }
    }

    /// What is stored, in a copy that can't be changed: nothing is made or changed on the disk. `None` where nothing is
    /// stored yet.
    ///
    /// # Errors
    /// As for [`Store::open`], and where a page of the database is damaged.
    pub(crate) fn examine(home: &Home) -> Result<Option<Self>, StoreError> {
        if !home.data().exists() {
            return Ok(trust::existing_directory(home.data(), home.trusted()).map(|_| None)?);
        }
        // It exists, so that it is not made.
        let directory = trust::own_directory(home.data(), home.trusted())?;
        if is_empty(&directory.join(FILE)) {
            return Ok(None);
        }
        let (file, components) = (directory.join(FILE), directory.join(COMPONENTS));
        if components.exists() {
            trust::own_directory(&components, home.trusted())?;
        }
        check_companions(&directory)?;
        check(&file)?;
        let copy = schema::check_pages(&file).and_then(|()| schema::migrated_copy(&file));
        let copy = copy.map_err(|error| error.of_file(&file))?;
        let fixed = Some(("it is only looked at".into(), "run another command to change it".into()));
        Ok(Some(Self { fixed, ..Self::of(copy, directory, components) }))
    }

    /// An empty store that can't be changed, for this reason.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(crate) fn without_file(directory: &Path, reason: &impl Explain) -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        schema::migrate(&mut connection)?;
        Ok(Self::fixed(Self::of(connection, directory.to_owned(), directory.join(COMPONENTS)), reason))
    }

    /// An empty store in memory, which can be changed. It has no files, and a key of its own.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        schema::migrate(&mut connection)?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        let nowhere = PathBuf::new();
        Ok(Self { memory: Some(Memory::new()?), ..Self::of(connection, nowhere.clone(), nowhere) })
    }

    /// The same store, which can't be changed, for this reason.
    pub(crate) fn fixed(self, reason: &impl Explain) -> Self {
        let hint = reason.hint().unwrap_or_else(|| "set CRHOST_HOME to a directory that you may write to".into());
        Self { fixed: Some((Escaped::of(reason), hint)), ..self }
    }

    fn of(connection: Connection, directory: PathBuf, components: PathBuf) -> Self {
        let (connection, file) = (RefCell::new(connection), directory.join(FILE));
        let (warned, keyring_key, together) = (Cell::default(), RefCell::default(), Together::default());
        Self { connection, warned, file, fixed: None, components, directory, keyring_key, together, memory: None }
    }

    fn open_file(home: &Home) -> Result<Self, StoreError> {
        let directory = trust::own_directory(home.data(), home.trusted())?;
        let components = directory.join(COMPONENTS);
        let components = match trust::own_directory(&components, home.trusted()).map_err(StoreError::from) {
            // Nothing is in a directory that is missing, and components are verified when they are read.
            Err(error) if error.is_unwritable() && !components.exists() => components,
            made => made?,
        };
        let file = own_database(&directory)?;
        Self::connect(directory, components).map_err(|error| error.of_file(&file))
    }

    fn connect(directory: PathBuf, components: PathBuf) -> Result<Self, StoreError> {
        // SQLite opens a file for reading where it can't be written to.
        let mut connection = Connection::open_with_flags(directory.join(FILE), OPEN_FLAGS)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // A committed transaction is on disk; and there is no second file that a network file system could lose.
        connection.pragma_update(None, "journal_mode", "TRUNCATE")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // Removed rows are overwritten in the file.
        connection.pragma_update(None, "secure_delete", "ON")?;
        let file = directory.join(FILE);
        match schema::migrate(&mut connection).map_err(|error| error.of_file(&file)) {
            // One of an older crhost, in a place that can't be written to.
            Err(error @ StoreError::ReadOnly(_)) => {
                Ok(Self::of(schema::migrated_copy(&file)?, directory, components).fixed(&error))
            }
            migrated => migrated.map(|()| Self::of(connection, directory, components)),
        }
    }

    /// The outcome of an operation on what is only remembered, such as compressed layers and credentials that end: its
    /// failure is a warning, once, since everything works without.
    pub(crate) fn as_cache<T>(&self, outcome: Result<T, StoreError>) -> Option<T> {
        outcome.inspect_err(|error| self.warn(error)).ok()
    }

    fn warn(&self, error: &StoreError) {
        // A store that can't be written to is the user's choice, and so are many runs with it.
        if self.warned.replace(true) || matches!(error, StoreError::ReadOnly(_) | StoreError::Unusable { .. }) {
            tracing::debug!("nothing is remembered: {error}");
        } else {
            tracing::warn!("nothing is remembered for later pushes: {error}");
        }
    }

    /// Begins, commits or takes back the one transaction of [`Store::together`].
    pub(super) fn execute(&self, statement: &str) -> Result<(), StoreError> {
        let done = self.connection.borrow().execute_batch(statement);
        done.map_err(|error| StoreError::from(error).of_file(&self.file))
    }

    /// Why nothing can be changed, if that is so.
    pub(super) fn why_fixed(&self) -> Option<StoreError> {
        self.fixed.clone().map(|(reason, hint)| StoreError::Unusable { reason, hint })
    }

    /// Whether more than a copy in memory is open.
    pub(super) fn can_be_changed(&self) -> bool {
        self.fixed.is_none()
    }

    /// Reads in one consistent view.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.try_read(read).map_err(|error| error.of_file(&self.file))
    }

    fn try_read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection.borrow();
        if self.together.is_running() {
            return read(&connection);
        }
        // No other process can commit until it ends, so that all reads see one state.
        let view = connection.unchecked_transaction()?;
        let value = read(&view)?;
        view.finish()?;
        Ok(value)
    }

    /// Changes in one transaction. The write lock is taken first, so that reads in it are still true when it writes.
    pub(super) fn change<T>(&self, change: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.try_change(change).map_err(|error| error.of_file(&self.file))
    }

    fn try_change<T>(&self, change: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.transact(std::convert::identity, change)
    }

    /// As [`Store::change`], for work that has errors of its own.
    pub(super) fn change_with<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact(|error| error.of_file(&self.file).into(), change)
    }

    fn transact<T, E>(
        &self,
        failed: impl Fn(StoreError) -> E,
        change: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(reason) = self.why_fixed() {
            return Err(failed(reason));
        }
        if self.together.is_running() {
            return change(&self.connection.borrow());
        }
        let mut connection = self.connection.borrow_mut();
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|error| failed(error.into()))?;
        let value = change(&transaction)?;
        transaction.commit().map_err(|error| failed(error.into()))?;
        Ok(value)
    }
}

/// Whether nothing is stored in a file: it is missing, or was made and never filled.
fn is_empty(file: &Path) -> bool {
    // Not `exists`: a file that can't be looked at may hold much.
    match file.symlink_metadata() {
        Ok(found) => found.is_file() && found.len() == 0,
        Err(error) => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
    }
}

/// The file of the database, which is made if it is missing; it and the files beside it are the user's alone.
fn own_database(directory: &Path) -> Result<PathBuf, StoreError> {
    let file = directory.join(FILE);
    check_companions(directory)?;
    // A file that exists is not opened here: to close it would release the locks that this process has on it.
    if !check(&file)? {
        private::create_file(&file)
            .map_err(|reason| StoreError::File { path: file.as_path().into(), reason: reason.into() })?;
        check(&file)?;
    }
    Ok(file)
}

/// The files beside the database are the user's alone.
fn check_companions(directory: &Path) -> Result<(), StoreError> {
    COMPANIONS.iter().try_for_each(|ending| check(&directory.join(format!("{FILE}{ending}"))).map(drop))
}

/// Whether a file exists; one that does is the user's alone.
fn check(path: &Path) -> Result<bool, StoreError> {
    let found = trust::check_file(path, Forbidden::Opening);
    found.map(|found| found.is_some()).map_err(|reason| StoreError::from_distrust(path, reason))
}
