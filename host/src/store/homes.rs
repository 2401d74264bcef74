//! Tests of the store run in each of its homes.

use super::data_key::OpenedKey;
use super::key_service::KeyServices;
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
    let shared = SharedDatabase {
        url,
        password: None,
        key_file: Some(key_file),
        services: KeyServices::default(),
        opened: OpenedKey::default(),
    };
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
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::error::Explain as _;
    use crate::store::{AuditRecord, StoreError};

    use crate::store::rewrap::OldWrapping;
    use crate::store::{ConnectorRecord, IfTaken, KeyStorage, Name};

    fn connector() -> ConnectorRecord {
        ConnectorRecord {
            name: "a".parse().unwrap(),
            connector_type: "vault".to_owned(),
            method: "password".to_owned(),
            fields: Vec::new(),
            uses: String::new(),
        }
    }

    /// A machine that starts, with the key of this byte.
    fn with_key(home: &Home, byte: u8) -> (Home, std::path::PathBuf) {
        let file = home.data().join(format!("key-{byte}"));
        if !file.exists() {
            crate::files::private::create_file(&file).unwrap();
            std::fs::write(&file, std::array::from_fn::<u8, 32, _>(|index| byte.wrapping_add(index as u8))).unwrap();
        }
        let shared = home.shared().unwrap().clone();
        let shared = SharedDatabase { key_file: Some(file.clone()), opened: OpenedKey::default(), ..shared };
        (home.clone().with_shared(shared), file)
    }

    fn opens(home: &Home, name: &Name) -> bool {
        match Store::open(home).unwrap().connector(name) {
            Ok(_) => true,
            Err(StoreError::OtherWrappingKey { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
    fn a_wrapping_key_takes_the_place_of_another_at_once_or_beside_it() {
        on_postgres(|home| {
            let (name, (one, _), (two, second)) = (connector().name, with_key(home, 1), with_key(home, 2));
            let running = Store::open(&one).unwrap();
            running.put_connector(&connector(), IfTaken::Refuse).unwrap();
            assert!(opens(&with_key(home, 1).0, &name) && !opens(&with_key(home, 2).0, &name));
            // Both, in between.
            running.rewrap_key(second.clone(), OldWrapping::Kept).unwrap();
            let recorded = running.check_audit(None).unwrap();
            running.rewrap_key(second, OldWrapping::Kept).unwrap();
            assert_eq!(running.check_audit(None).unwrap(), recorded, "what changes nothing has no row");
            assert!(opens(&with_key(home, 1).0, &name) && opens(&with_key(home, 2).0, &name));
            let mut names: Vec<(String, bool)> =
                running.wrappings().unwrap().into_iter().map(|it| (it.name, it.is_own)).collect();
            // Both may be of the same second.
            names.sort_by_key(|(_, is_own)| !is_own);
            let [(old, true), (_, false)] = names.as_slice() else { panic!("{names:?}") };
            // The data key could be wrapped by one of them alone.
            assert!(matches!(running.rotate_key(KeyStorage::File), Err(StoreError::WrappedByOthers(_))));
            assert!(matches!(running.remove_wrapping(old), Err(StoreError::WrappingInUse(_))));
            assert!(matches!(running.remove_wrapping("x"), Err(StoreError::NoWrapping { .. })));
            Store::open(&two).unwrap().remove_wrapping(old).unwrap();
            assert!(!opens(&with_key(home, 1).0, &name) && opens(&with_key(home, 2).0, &name));
            // What runs has the data key in memory, until that is another one.
            assert!(running.connector(&name).is_ok());
            Store::open(&two).unwrap().rotate_key(KeyStorage::File).unwrap();
            assert!(matches!(running.connector(&name), Err(StoreError::OtherWrappingKey { .. })));
            assert!(opens(&with_key(home, 2).0, &name));
            // At once.
            Store::open(&two).unwrap().rewrap_key(with_key(home, 3).1, OldWrapping::Removed).unwrap();
            assert!(!opens(&with_key(home, 2).0, &name) && opens(&with_key(home, 3).0, &name));
        });
    }

    #[test]
    #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
    fn another_data_key_than_the_one_that_was_wrapped_seals_nothing() {
        on_postgres(|home| {
            let name = connector().name;
            let store = Store::open(&with_key(home, 1).0).unwrap();
            store.put_connector(&connector(), IfTaken::Refuse).unwrap();
            store
                .change(AuditRecord::default(), |change| change.execute("UPDATE wrapped_keys SET verifier = 'x'", ()))
                .unwrap();
            let found = Store::open(&with_key(home, 1).0).unwrap();
            assert!(matches!(found.connector(&name), Err(StoreError::Damaged(_))));
            assert!(matches!(found.cache_config(None, b"{}"), Ok(())));
            let configs: i64 = found.read(|view| view.only("SELECT count(*) FROM configs", ())).unwrap();
            assert_eq!(configs, 0);
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
            // Its tables may be used by older versions.
            assert!(Store::open(home).is_ok() && Store::examine(home).unwrap().is_some());
            for least in ["version", "NULL"] {
                let sql = format!("UPDATE crhost_version SET least = {least}");
                store.remember(|transaction| transaction.batch(&sql)).unwrap();
                assert!(matches!(Store::open(home), Err(StoreError::Newer { .. })), "{least}");
                assert!(matches!(Store::examine(home), Err(StoreError::Newer { .. })), "{least}");
            }
        });
    }

    #[test]
    #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
    fn an_auditor_reads_the_audit_with_the_rights_of_the_guide_and_no_key() {
        on_postgres(|home| {
            let shared = home.shared().unwrap();
            let with_url = |url: String| {
                let keyless = SharedDatabase { key_file: None, url: url.into(), ..shared.clone() };
                home.clone().with_shared(keyless)
            };
            let url = shared.url.expose_secret();
            assert!(Store::open_audit(&with_url(url.to_owned())).unwrap().is_none(), "no tables are made");
            let store = Store::open(home).unwrap();
            store.put_connector(&connector(), IfTaken::Refuse).unwrap();
            let schema: String = store.read(|view| view.only("SELECT current_schema()::text", ())).unwrap();
            let role = format!("{schema}_auditor");
            let may = format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA {schema} TO {role}");
            store.remember(|change| change.batch(&may)).unwrap();
            let auditor = with_url(format!("{url}%20-crole%3D{role}"));
            let denied = Store::open_audit(&auditor).err().unwrap();
            assert!(denied.hint().unwrap().contains("GRANT"), "{denied}");
            let may = format!("GRANT SELECT ON audit, crhost_version TO {role}");
            store.remember(|change| change.batch(&may)).unwrap();
            let audit = Store::open_audit(&auditor).unwrap().unwrap();
            assert_eq!(audit.check_audit(None).unwrap().sequence, 1);
            assert!(audit.missing_audit_triggers().unwrap().is_empty());
            let off = format!("ALTER TABLE audit DISABLE TRIGGER audit_is_not_removed; DROP OWNED BY {role}");
            store.remember(|change| change.batch(&off)).unwrap();
            assert_eq!(store.missing_audit_triggers().unwrap(), ["audit_is_not_removed"]);
            store.remember(|change| change.batch(&format!("DROP ROLE {role}"))).unwrap();
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
