//! Failures of the store.

mod conversions;
mod hints;
mod kinds;

use std::io;

use super::busy::BUSY_TIMEOUT;
use super::key_service::KeyServiceError;
use super::name::Name;
use super::postgres_error::PostgresError;
use crate::error::Explain;
use crate::files::trust::{Distrust, FileDistrust};
use crate::text::{Escaped, Foreign, quoted, quoted_few};
use hints::{registered, registries, restrict_key, wrappings};

/// A failure of the store; the old state stays.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum StoreError {
    /// A directory or file can't be used.
    #[error("`{path}` can't be used: {reason}")]
    #[explain(hint = "CRHOST_HOME moves everything that crhost keeps to another directory")]
    File {
        /// Its path.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// A directory is not the user's alone.
    #[error(transparent)]
    #[explain(transparent)]
    Distrust(Distrust),
    /// A file of the store, other than a key, is not the user's alone.
    #[error("the store's file `{path}` can't be trusted: {reason}")]
    #[explain(hint = "if all that is in it is yours: `chmod 600 {path}`; otherwise move it away")]
    Untrusted {
        /// Its path.
        path: Escaped,
        /// The reason against it.
        reason: FileDistrust,
    },
    /// The database failed.
    #[error("the store failed: {0}")]
    #[explain(hint = "CRHOST_HOME moves everything that crhost keeps to another directory")]
    Database(Foreign<rusqlite::Error>),
    /// The database that many machines share failed.
    #[error(transparent)]
    #[explain(transparent)]
    Postgres(Box<PostgresError>),
    /// No file names the key of a shared database.
    #[error("the shared database has no key: expected a file")]
    #[explain(
        kind = Usage,
        hint = "`--key-file FILE` or CRHOST_KEY_FILE names it; a new one: `head -c 32 /dev/urandom > FILE`, for you alone"
    )]
    NoKeyFile,
    /// The file of the key of a shared database is missing.
    #[error("the key file `{0}` is missing")]
    #[explain(hint = "`head -c 32 /dev/urandom > {0}` makes the first one; later it has to be the same one everywhere")]
    NoWrappingKey(Escaped),
    /// The file of the key of a shared database is no key. It may be the only one: nothing is advised that loses it.
    #[error("the key file `{path}` can't be used: {problem}")]
    #[explain(kind = Usage, hint = "{hint}")]
    WrappingKeyFile {
        /// Its path.
        path: Escaped,
        /// What is wrong with it.
        problem: Escaped,
        /// The next step.
        hint: &'static str,
    },
    /// Other keys wrap the data key.
    #[error("the key in `{file}` does not open the database: its data key is wrapped by {}", quoted_few(.known))]
    #[explain(kind = Auth, hint = "name the file that the other servers use; `crhost key describe` says which key it has")]
    OtherWrappingKey {
        /// The file of the key.
        file: Escaped,
        /// The names of the keys that open it.
        known: Vec<Escaped>,
    },
    /// Other keys wrap the data key, too, so that no other data key can take its place.
    #[error("the data key is wrapped by {} as well, which can't wrap another one here", quoted_few(.0))]
    #[explain(
        kind = Conflict,
        hint = "once no server starts with it any more: `crhost key rewrap --remove NAME`; then try again"
    )]
    WrappedByOthers(Vec<Escaped>),
    /// No key of this name wraps the data key.
    #[error("the data key is wrapped by no key named `{name}`")]
    #[explain(kind = NotFound, hint = wrappings(known))]
    NoWrapping {
        /// The name.
        name: Escaped,
        /// The names of those that do.
        known: Vec<Escaped>,
    },
    /// A service gives no key.
    #[error(transparent)]
    #[explain(transparent)]
    KeyService(Box<KeyServiceError>),
    /// A service gave another key than before.
    #[error("`{0}` gave another key than the one that it wrapped: the data key does not open with it")]
    #[explain(kind = Verification, hint = "nothing was changed; see that the file names the service that wrapped it")]
    OtherServiceKey(Escaped),
    /// Another key of this name wraps the data key.
    #[error("the name `{name}` is taken: the data key is wrapped by `{kept_by}` under it")]
    #[explain(kind = Conflict, hint = "give the key another name in its file")]
    WrappingTaken {
        /// The name.
        name: Escaped,
        /// The other key.
        kept_by: Escaped,
    },
    /// The key that opens the database here can't be removed.
    #[error("`{0}` is the key that opens the database here")]
    #[explain(kind = Conflict, hint = "name the key that stays: CRHOST_KEY_FILE")]
    WrappingInUse(Escaped),
    /// Only a shared database has a wrapped key.
    #[error("this store's key is not wrapped: it is no shared database")]
    #[explain(kind = Usage, hint = "name the database: CRHOST_DATABASE")]
    NotShared,
    /// No space is left for the database.
    #[error("`{0}` can't be written: the disk is full")]
    #[explain(hint = "free space, or set CRHOST_HOME to a directory elsewhere")]
    Full(Escaped),
    /// The database, or its file system, can't be written to.
    #[error("`{0}` can't be written: it is read-only")]
    #[explain(hint = "set CRHOST_HOME to a directory that you may write to; commands that only read work without")]
    ReadOnly(Escaped),
    /// There is no store that could be changed.
    #[error("nothing can be kept: {reason}")]
    #[explain(hint = hint.to_string())]
    Unusable {
        /// Why not.
        reason: Escaped,
        /// The way to have one.
        hint: Escaped,
    },
    /// Another process has not released the database for seconds.
    #[error("`{0}` is locked by another process for more than {seconds} seconds", seconds = BUSY_TIMEOUT.as_secs())]
    #[explain(hint = "`fuser {0}` shows which; try again when it has ended")]
    Locked(Escaped),
    /// The file is no database, or a damaged one.
    #[error("`{0}` is no database, or damaged")]
    #[explain(hint = "put it back from a backup, or move it away (`mv {0} {0}.damaged`) and register all again")]
    NoDatabase(Escaped),
    /// A newer crhost has written the store.
    #[error(
        "a newer crhost has written what is stored: its tables have version {found}, crhost {} knows those up to {known}",
        env!("CARGO_PKG_VERSION")
    )]
    #[explain(
        hint = "update crhost here to the one that wrote it, or name another store: CRHOST_DATABASE for a shared one, CRHOST_HOME for this machine's"
    )]
    Newer {
        /// The version on disk.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A row or file is not as it was written.
    #[error("the store is damaged: {0}")]
    #[explain(hint = "remove what it names and register it again")]
    Damaged(Escaped),
    /// A row of the audit has the last number that there is.
    #[error("the audit takes no further row: its last one has the number {0}")]
    #[explain(kind = Verification, hint = "`crhost audit verify` shows what is wrong with it")]
    AuditEnds(i64),
    /// A flavor of this name is registered, with other bytes.
    #[error("a flavor named `{0}` is registered already, with other bytes")]
    #[explain(
        kind = Conflict,
        hint = "`--force` (or `--replace`) puts the new component in its place; `crhost flavor describe {0}` shows the \
                old one"
    )]
    FlavorTaken(Escaped),
    /// Another process changed the flavor since it was read.
    #[error("flavor `{0}` was changed at the same time by somebody else")]
    #[explain(kind = Conflict, hint = "`crhost flavor describe {0}` shows it as it is; try again")]
    FlavorChanged(Escaped),
    /// No key is demanded for this place, or not this one.
    #[error("no key is demanded of flavors from `{0}`")]
    #[explain(kind = NotFound, hint = "`crhost flavor trust list` shows the places and their keys")]
    NoSigner(Escaped),
    /// A registry of this name is registered, and another is to get the name.
    #[error("a registry named `{0}` is registered already")]
    #[explain(kind = Conflict, hint = "choose another name, or remove it first: `crhost registry remove {0}`")]
    RegistryTaken(Name),
    /// A registry of this name is registered, and is to be registered.
    #[error("a registry named `{0}` is registered already")]
    #[explain(
        kind = Conflict,
        hint = "`--if-missing` leaves it as it is, `--replace` puts the new one in its place; `crhost registry describe \
                {0}` shows it"
    )]
    RegistryRegistered(Name),
    /// Another process changed the registry since it was read.
    #[error("registry `{0}` was changed at the same time by somebody else")]
    #[explain(kind = Conflict, hint = "`crhost registry describe {0}` shows it as it is; try again")]
    RegistryChanged(Name),
    /// Registries still use the flavor.
    #[error("flavor `{flavor}` is used by {}", quoted(.registries))]
    #[explain(kind = Conflict, hint = "remove these registries first: `crhost registry remove NAME`")]
    FlavorInUse {
        /// The flavor.
        flavor: Escaped,
        /// Its registries.
        registries: Vec<Name>,
    },
    /// A connector of this name is registered, and another is to get the name.
    #[error("a connector named `{0}` is registered already")]
    #[explain(kind = Conflict, hint = "choose another name, or remove it first: `crhost connector remove {0}`")]
    ConnectorTaken(Name),
    /// A connector of this name is registered, and is to be registered.
    #[error("a connector named `{0}` is registered already")]
    #[explain(
        kind = Conflict,
        hint = "`--if-missing` leaves it as it is, `--replace` puts the new one in its place; `crhost connector describe \
                {0}` shows it"
    )]
    ConnectorRegistered(Name),
    /// Another process changed the connector since it was read.
    #[error("connector `{0}` was changed at the same time by somebody else")]
    #[explain(kind = Conflict, hint = "`crhost connector describe {0}` shows it as it is; try again")]
    ConnectorChanged(Name),
    /// Registries still use the connector.
    #[error("connector `{connector}` is used by {}", quoted(.registries))]
    #[explain(kind = Conflict, hint = "take it from these registries first: `crhost registry disconnect NAME`")]
    ConnectorInUse {
        /// The connector.
        connector: Name,
        /// Its registries.
        registries: Vec<Name>,
    },
    /// No connector has this name.
    #[error("there is no connector named `{name}`")]
    #[explain(kind = NotFound, hint = registered(name, known, "crhost connector register NAME --type TYPE"))]
    NoConnector {
        /// The name.
        name: Name,
        /// The names of all connectors.
        known: Vec<Name>,
    },
    /// No registry has this name.
    #[error("there is no registry named `{name}`")]
    #[explain(kind = NotFound, hint = registries(name, known))]
    NoRegistry {
        /// The name.
        name: Name,
        /// The names of all registries.
        known: Vec<Name>,
    },
    /// No policy has this name.
    #[error("there is no policy named `{name}`")]
    #[explain(kind = NotFound, hint = registered(name, known, "crhost policy register FILE"))]
    NoPolicy {
        /// The name.
        name: Name,
        /// The names of all policies.
        known: Vec<Name>,
    },
    /// Another policy has this name.
    #[error("the name `{0}` is taken by another policy")]
    #[explain(
        kind = Conflict,
        hint = "`--name NAME` gives this one another name, `--replace` puts it in the place of that one"
    )]
    PolicyTaken(Name),
    /// The file of the key is missing.
    #[error("`{0}`, which opens the connectors, is missing")]
    #[explain(hint = "put it back from a backup, or remove the connectors and register them again")]
    NoKey(Escaped),
    /// The operating system's keyring failed.
    #[error("the keyring can't be used: {0}")]
    #[explain(hint = "unlock it and try again where it is; then `crhost key rotate --to file` keeps the key in a file")]
    Keyring(Escaped),
    /// The file of the key is not the user's alone.
    #[error("the key `{path}` can't be trusted: {reason}")]
    #[explain(hint = restrict_key(path))]
    Key {
        /// Its path.
        path: Escaped,
        /// The reason against it.
        reason: FileDistrust,
    },
    /// The operating system's random number generator failed.
    #[error("the operating system gives no random numbers")]
    #[explain(hint = "nothing was changed; try again, and in a container see that `/dev/urandom` is there")]
    Random,
    /// Encryption refused a connector or credentials.
    #[error("{0} can't be sealed")]
    #[explain(hint = "nothing was changed; try again")]
    Sealing(Escaped),
}

#[cfg(test)]
mod tests;
