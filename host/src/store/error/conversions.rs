//! Errors of the libraries and modules below, as those of the store.

use super::StoreError;
use crate::files::trust::Distrust;
use crate::store::key_service::KeyServiceError;
use crate::store::postgres_error::PostgresError;

impl From<Distrust> for StoreError {
    fn from(reason: Distrust) -> Self {
        match reason {
            Distrust::Io(path, reason) => Self::File { path, reason },
            reason => Self::Distrust(reason),
        }
    }
}

impl From<PostgresError> for StoreError {
    fn from(error: PostgresError) -> Self {
        Self::Postgres(Box::new(error))
    }
}

impl From<KeyServiceError> for StoreError {
    fn from(error: KeyServiceError) -> Self {
        Self::KeyService(Box::new(error))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}
