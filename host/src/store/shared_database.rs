//! The name of a database that many machines share, and what opens it.

use std::path::PathBuf;

use secrecy::SecretString;

use super::data_key::OpenedKey;
use super::key_service::KeyServices;

/// A database that many machines share, as the environment or an option names it.
#[derive(Debug, Clone)]
pub(crate) struct SharedDatabase {
    /// Its URL, which may have a password.
    pub(crate) url: SecretString,
    /// A password that the URL does not have.
    pub(crate) password: Option<SecretString>,
    /// The file of the key that opens its data key.
    pub(crate) key_file: Option<PathBuf>,
    /// What asks the service that the file may name.
    pub(crate) services: KeyServices,
    /// The data key, once this process has opened it.
    pub(crate) opened: OpenedKey,
}
