//! The file of the database, and the way of an older one to today's tables.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::busy::BUSY_TIMEOUT;
use super::error::StoreError;
use super::steps::{STEPS, known};

/// "crho": distinguishes the file from other SQLite files.
const APPLICATION_ID: i64 = 0x6372_686f;

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the file to the newest version, in one transaction, unless another process has done so first.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = known();
    let found = version(connection)?;
    if found == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let done = usize::try_from(found).map_err(|_| StoreError::Damaged(format!("its version is {found}").into()))?;
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// Checks that all pages of a file can be read and fit together (`PRAGMA quick_check` of SQLite).
pub(super) fn check_pages(file: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::NoDatabase(file.into())) }
}

/// A copy of a file in memory, in the newest version.
pub(super) fn migrated_copy(file: &Path) -> Result<Connection, StoreError> {
    let mut copy = Connection::open_in_memory()?;
    // Tables are filled in any order.
    copy.pragma_update(None, "foreign_keys", "OFF")?;
    // An absolute path, which is no URI.
    copy.execute("ATTACH ?1 AS old", [file.to_string_lossy()])?;
    let sql = "SELECT type, name, sql FROM old.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
    let made: Vec<(String, String, String)> = copy
        .prepare(&format!("{sql} ORDER BY type = 'table' DESC"))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (kind, name, sql) in made {
        copy.execute_batch(&sql)?;
        // Its rows may be many, and who reads them opens the file.
        if kind == "table" && name != "audit" {
            copy.execute_batch(&format!("INSERT INTO main.\"{name}\" SELECT * FROM old.\"{name}\""))?;
        }
    }
    let version: i64 = copy.query_row("PRAGMA old.user_version", [], |row| row.get(0))?;
    copy.execute_batch("DETACH old")?;
    copy.pragma_update(None, "user_version", version)?;
    migrate(&mut copy)?;
    copy.pragma_update(None, "foreign_keys", "ON")?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::super::{Home, Store};
    use super::*;

    #[test]
    fn configurations_that_an_older_crhost_kept_in_clear_are_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("crhost.db");
        crate::files::private::create_file(&file).unwrap();
        let old = Connection::open(&file).unwrap();
        STEPS[..4].iter().for_each(|step| old.execute_batch(step).unwrap());
        old.pragma_update(None, "user_version", 4).unwrap();
        // Larger than a page, so that most of it is in pages of its own.
        let config = "canary-in-an-image ".repeat(1_000);
        old.execute("INSERT INTO configs (digest, bytes) VALUES ('d', ?1)", [config.as_bytes()]).unwrap();
        old.close().unwrap();
        let is_there = || memchr::memmem::find(&std::fs::read(&file).unwrap(), b"canary-in").is_some();
        assert!(is_there());
        drop(Store::open(&Home::at(directory.path())).unwrap());
        assert!(!is_there());
    }

    #[test]
    fn a_copy_of_an_older_file_has_what_was_in_it_and_the_file_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("crhost.db");
        let old = Connection::open(&file).unwrap();
        STEPS[..4].iter().for_each(|step| old.execute_batch(step).unwrap());
        let rows = "INSERT INTO registries (name, flavor, uri, options, registered_at)
                    VALUES ('prod', 'default', 'ghcr.io/acme', '{}', 0);
                    INSERT INTO current_registry VALUES (1, 'prod');
                    PRAGMA user_version = 4;";
        old.execute_batch(rows).unwrap();
        old.close().unwrap();
        let before = std::fs::read(&file).unwrap();
        let copy = migrated_copy(&file).unwrap();
        let name = "SELECT registries.name FROM registries, current_registry WHERE NOT insecure";
        assert_eq!(copy.query_row(name, [], |row| row.get::<_, String>(0)).unwrap(), "prod");
        assert_eq!(version(&copy).unwrap(), i64::try_from(STEPS.len()).unwrap());
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }

    #[test]
    fn registries_outlive_the_steps_and_places_of_unknown_accounts_do_not() {
        let mut connection = Connection::open_in_memory().unwrap();
        for step in STEPS.iter().take(4) {
            connection.execute_batch(step).unwrap();
        }
        let rows = "INSERT INTO registries (name, flavor, uri, options, registered_at)
                    VALUES ('prod', 'default', 'ghcr.io/acme', '{}', 0);
                    INSERT INTO blob_places VALUES ('ghcr.io', 'sha256:x', 'acme/secret', 0);
                    PRAGMA user_version = 4;";
        connection.execute_batch(rows).unwrap();
        migrate(&mut connection).unwrap();
        let registry = "SELECT uri, confirmed, insecure FROM registries";
        let found: (String, bool, bool) =
            connection.query_row(registry, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(found, ("ghcr.io/acme".to_owned(), true, false));
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT COUNT(*) FROM blob_locations"), 0);
        assert_eq!(count("SELECT COUNT(*) FROM sqlite_master WHERE name = 'blob_places'"), 0);
    }
}
