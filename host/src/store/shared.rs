//! The store of many machines: a PostgreSQL, and the key that opens its data key.

use std::cell::{Cell, RefCell};

use super::component_place::Components;
use super::data_key::DataKey;
use super::database::Store;
use super::error::StoreError;
use super::home::Home;
use super::shared_database::SharedDatabase;
use super::sql::Postgres;
use super::together_state::Together;
use super::wrapping_key::WrappingKey;

impl Store {
    /// Opens a shared database, and makes or updates its tables.
    pub(super) fn open_shared(home: &Home, database: &SharedDatabase) -> Result<Self, StoreError> {
        let data_key = data_key(database)?.ok_or(StoreError::NoKeyFile)?;
        let postgres = Postgres::connect(&database.url, database.password.as_ref())?;
        postgres.migrate()?;
        Ok(Self::of_shared(home, postgres, Some(data_key)))
    }

    /// A view of a shared database that can't be changed; `None` where it has no tables of this version yet.
    pub(super) fn examine_shared(home: &Home, database: &SharedDatabase) -> Result<Option<Self>, StoreError> {
        let data_key = data_key(database)?;
        let postgres = Postgres::connect(&database.url, database.password.as_ref())?;
        let is_current = postgres.is_current()?;
        Ok(is_current.then(|| Self::of_shared(home, postgres, data_key).looked_at()))
    }

    fn of_shared(home: &Home, postgres: Postgres, data_key: Option<DataKey>) -> Self {
        tracing::debug!("the store is the database `{}`", postgres.name());
        Self {
            database: Box::new(postgres),
            warned: Cell::default(),
            fixed: None,
            components: Components::Rows,
            directory: home.data().to_owned(),
            keyring_key: RefCell::default(),
            data_key,
            together: Together::default(),
            is_audited: true,
        }
    }
}

/// The way to the data key of a database, if a file names the key that wraps it.
fn data_key(database: &SharedDatabase) -> Result<Option<DataKey>, StoreError> {
    let Some(file) = database.key_file.clone() else { return Ok(None) };
    let wrapping = WrappingKey::load(file, &database.services)?;
    Ok(Some(DataKey::of(wrapping, database.opened.clone(), database.services.clone())))
}
