//! Tests of the store run in each of its homes.

use super::{Home, SharedDatabase, Store};
use crate::store::sql::Postgres;

/// Runs a test with a file of SQLite.
pub(super) fn on_sqlite(test: impl Fn(&Home)) {
    let directory = tempfile::tempdir().unwrap();
    test(&Home::at(directory.path()));
}

/// Runs a test with a PostgreSQL, in a schema of its own.
pub(super) fn on_postgres(test: impl Fn(&Home)) {
    let directory = tempfile::tempdir().unwrap();
    let key_file = directory.path().join("wrapping-key");
    crate::files::private::create_file(&key_file).unwrap();
    std::fs::write(&key_file, *super::random::bytes::<32>().unwrap()).unwrap();
    let server = std::env::var("CRHOST_TEST_DATABASE")
        .expect("CRHOST_TEST_DATABASE names no PostgreSQL: `cargo xtask postgres COMMAND…` starts one");
    let schema = format!("t{:016x}", u64::from_le_bytes(*super::random::bytes().unwrap()));
    let admin = Postgres::connect(&server.as_str().into(), None).unwrap();
    admin.run(&format!("CREATE SCHEMA {schema}")).unwrap();
    let join = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{join}options=-csearch_path%3D{schema}").into();
    let shared = SharedDatabase { url, password: None, key_file: Some(key_file) };
    test(&Home::at(directory.path()).with_shared(shared));
    admin.run(&format!("DROP SCHEMA {schema} CASCADE")).unwrap();
}

/// Makes two tests of each of these functions, which take a home: one for each home of the store.
macro_rules! in_both_homes {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $test() {
                crate::store::homes::on_sqlite(super::$test);
            })+
        }

        mod postgres {
            $(#[test]
            #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
            fn $test() {
                crate::store::homes::on_postgres(super::$test);
            })+
        }
    };
}

pub(super) use in_both_homes;

/// What only many machines meet.
mod shared {
    use super::*;
    use crate::store::{AuditRecord, StoreError};

    #[test]
    #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
    fn a_database_opens_with_its_own_wrapping_key_alone_and_a_new_one_takes_its_place() {
        on_postgres(|home| {
            let connector = crate::store::ConnectorRecord {
                name: "a".parse().unwrap(),
                connector_type: "vault".to_owned(),
                method: "password".to_owned(),
                fields: Vec::new(),
                uses: String::new(),
            };
            let store = Store::open(home).unwrap();
            store.put_connector(&connector, crate::store::IfTaken::Refuse).unwrap();
            let new = home.data().join("new-key");
            crate::files::private::create_file(&new).unwrap();
            std::fs::write(&new, [7; 32]).unwrap();
            let shared = SharedDatabase { key_file: Some(new.clone()), ..home.shared().unwrap().clone() };
            let renewed = home.clone().with_shared(shared);
            let with_other = Store::open(&renewed).unwrap().connector(&connector.name);
            assert!(matches!(with_other, Err(StoreError::OtherWrappingKey(_))));
            store.rewrap_key(new).unwrap();
            assert!(Store::open(&renewed).unwrap().connector(&connector.name).is_ok());
            assert!(matches!(store.connector(&connector.name), Err(StoreError::OtherWrappingKey(_))));
        });
    }

    #[test]
    #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
    fn a_newer_database_is_left_alone_and_a_transaction_that_fails_keeps_nothing() {
        on_postgres(|home| {
            let store = Store::open(home).unwrap();
            let failed: Result<(), StoreError> = store.change(AuditRecord::default(), |transaction| {
                transaction.execute("UPDATE crhost_version SET version = 0", ())?;
                Err(StoreError::Damaged("test".into()))
            });
            assert!(failed.is_err());
            store
                .change(AuditRecord::default(), |transaction| {
                    transaction.execute("UPDATE crhost_version SET version = version + 1", ())
                })
                .unwrap();
            assert!(matches!(Store::open(home), Err(StoreError::Newer { .. })));
            assert!(matches!(Store::examine(home), Err(StoreError::Newer { .. })));
        });
    }

    #[test]
    #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
    fn machines_that_open_a_new_database_at_once_make_its_tables_once() {
        on_postgres(|home| {
            std::thread::scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| Store::open(home).unwrap().registries().unwrap());
                }
            });
        });
    }
}
