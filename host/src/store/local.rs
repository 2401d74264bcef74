//! The store of one machine: a file of SQLite, and beside it the components' files and the key of stored secrets.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::busy::BUSY_TIMEOUT;
use super::component_place::Components;
use super::data_key::{DataKey, OpenedKey};
use super::database::Store;
use super::error::StoreError;
use super::home::Home;
use super::key_service::KeyServices;
use super::schema;
use super::sql::Sqlite;
use super::together_state::Together;
use super::wrapping_key::WrappingKey;
use crate::error::Explain;
use crate::files::private;
use crate::files::trust::{self, Forbidden};

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
    /// Opens the file, or an empty store in memory where none can be made.
    pub(super) fn open_local(home: &Home) -> Result<Self, StoreError> {
        match Self::open_file(home) {
            Err(error) if error.is_unwritable() && is_empty(&home.data().join(FILE)) => {
                tracing::debug!("nothing is kept between runs: {error}");
                Self::without_file(home.data(), &error)
            }
            opened => opened,
        }
    }

    /// What is in the file, in a copy.
    pub(super) fn examine_local(home: &Home) -> Result<Option<Self>, StoreError> {
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
        Ok(Some(Self::of(copy, directory, components).looked_at()))
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
        let data_key = Some(DataKey::of(WrappingKey::of_this_process()?, OpenedKey::default(), KeyServices::default()));
        let nowhere = Self::of(connection, PathBuf::new(), PathBuf::new());
        Ok(Self { data_key, components: Components::Rows, is_audited: false, ..nowhere })
    }

    fn of(connection: Connection, directory: PathBuf, components: PathBuf) -> Self {
        Self {
            database: Box::new(Sqlite::of(connection, directory.join(FILE))),
            warned: Cell::default(),
            fixed: None,
            components: Components::Files(components),
            directory,
            keyring_key: RefCell::default(),
            data_key: None,
            together: Together::default(),
            is_audited: true,
        }
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
