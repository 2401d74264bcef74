use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::ExposeSecret as _;

use super::super::{Grantee, Home, RegistryRecord, StoredField, StoredKind, StoredValue};
use super::*;
use crate::store::AuditRecord;

const SECRET: &str = "correct/horse+battery staple";

fn store(home: &Home) -> Store {
    Store::open(home).unwrap()
}

fn record(name: &str, secret: &str) -> ConnectorRecord {
    let field = |name: &str, kind, value: &str| {
        let public_members = if kind == StoredKind::SecretJson { vec!["id".to_owned()] } else { vec![] };
        StoredField { name: name.to_owned(), kind, public_members, value: StoredValue::Given(value.into()) }
    };
    let fields = vec![
        field("username", StoredKind::Text, "alice"),
        field("password", StoredKind::Secret, secret),
        field("key", StoredKind::SecretJson, &format!(r#"{{"id":"a","key":"{secret}"}}"#)),
    ];
    ConnectorRecord {
        name: name.parse().unwrap(),
        connector_type: "vault".to_owned(),
        method: "password".to_owned(),
        fields,
        uses: "{}".to_owned(),
    }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[track_caller]
fn assert_damaged(store: &Store, connector: &str) {
    match store.connector(&name(connector)) {
        Err(error @ StoreError::Damaged(_)) => {
            let message = error.to_string();
            assert!(message.contains(&format!("`{connector}`")) && !message.contains(SECRET), "{message}");
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("`{connector}` opens"),
    }
}

fn a_connector_is_kept_until_it_is_removed(home: &Home) {
    store(home).put_connector(&record("prod", SECRET), IfTaken::Refuse).unwrap();
    let store = store(home);
    let summary =
        ConnectorSummary { name: name("prod"), connector_type: "vault".to_owned(), method: "password".to_owned() };
    assert_eq!(store.connectors().unwrap(), [summary]);
    let opened = store.connector(&name("prod")).ok().unwrap();
    let value = |field: &StoredField| match &field.value {
        StoredValue::Given(value) => value.expose_secret().to_owned(),
        StoredValue::Implicit(_) => panic!("`{}` was given", field.name),
    };
    let values: Vec<String> = opened.fields.iter().map(value).collect();
    assert_eq!(values[..2], ["alice", SECRET]);
    assert_eq!(opened.fields[2].public_members, ["id"]);
    let again = store.put_connector(&record("prod", "x"), IfTaken::Refuse);
    assert!(matches!(again, Err(StoreError::ConnectorRegistered(_))));
    store.remove_connector(&name("prod")).unwrap();
    assert!(matches!(store.connector(&name("prod")), Err(StoreError::NoConnector { .. })));
    assert!(matches!(store.remove_connector(&name("prod")), Err(StoreError::NoConnector { .. })));
}

fn a_connector_that_a_registry_uses_stays(home: &Home) {
    let store = store(home);
    let registry = RegistryRecord { connector: Some(name("prod")), ..RegistryRecord::example("dev", "ghcr.io/acme") };
    let put = store.put_registry(&registry, Grantee::EXAMPLE, &[], IfTaken::Refuse);
    assert!(matches!(put, Err(StoreError::NoConnector { .. })));
    store.put_connector(&record("prod", SECRET), IfTaken::Refuse).unwrap();
    store.put_registry(&registry, Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
    assert_eq!(store.registry(&registry.name).unwrap(), registry);
    match store.remove_connector(&name("prod")) {
        Err(StoreError::ConnectorInUse { registries, .. }) => assert_eq!(registries, [name("dev")]),
        _ => panic!("it was removed"),
    }
    store.remove_registry(&registry.name).unwrap();
    store.remove_connector(&name("prod")).unwrap();
}

fn a_connector_changes_as_a_whole_and_registries_follow_its_name(home: &Home) {
    let store = store(home);
    let (old, taken) = (record("prod", SECRET), record("taken", "x"));
    store.put_connector(&old, IfTaken::Refuse).unwrap();
    store.put_connector(&taken, IfTaken::Refuse).unwrap();
    let registry = RegistryRecord { connector: Some(name("prod")), ..RegistryRecord::example("dev", "ghcr.io/acme") };
    store.put_registry(&registry, Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
    let new = record("prod", "another");
    store.update_connector(&old, &new).unwrap();
    // What was read before that is no longer what it was.
    assert!(matches!(store.update_connector(&old, &record("prod", "late")), Err(StoreError::ConnectorChanged(_))));
    assert!(matches!(store.update_connector(&new, &taken), Err(StoreError::ConnectorTaken(_))));
    assert!(is_same(&store.connector(&name("prod")).ok().unwrap(), &new));
    store.update_connector(&new, &record("live", "another")).unwrap();
    assert!(matches!(store.connector(&name("prod")), Err(StoreError::NoConnector { .. })));
    assert!(is_same(&store.connector(&name("live")).ok().unwrap(), &new));
    assert_eq!(store.registry(&name("dev")).unwrap().connector, Some(name("live")));
    assert_eq!(store.registries_of_connector(&name("live")).unwrap(), [name("dev")]);
    assert!(matches!(store.update_connector(&new, &new), Err(StoreError::NoConnector { .. })));
}

#[test]
fn no_form_of_a_secret_is_in_the_store_s_files() {
    let directory = tempfile::tempdir().unwrap();
    store(&Home::at(directory.path())).put_connector(&record("prod", SECRET), IfTaken::Refuse).unwrap();
    let hex = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut forms = vec![SECRET.to_owned(), hex.to_uppercase(), hex];
    // Base64 writes three bytes as four letters; which three depends on what stands before the secret.
    for start in 0..3 {
        let part = SECRET.get(start..start + 15).unwrap();
        forms.extend([STANDARD_NO_PAD.encode(part), URL_SAFE_NO_PAD.encode(part)]);
    }
    let mut files = 0;
    for entry in fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files += 1;
            let bytes = fs::read(&path).unwrap();
            for form in &forms {
                let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
                assert!(!found, "{} holds `{form}`", path.display());
            }
        }
    }
    assert!(files >= 2, "the store and the key are not where they were looked for");
}

fn the_sealed_fields_of_another_row_do_not_open(home: &Home) {
    let store = store(home);
    store.put_connector(&record("a", SECRET), IfTaken::Refuse).unwrap();
    store.put_connector(&record("b", "other"), IfTaken::Refuse).unwrap();
    let execute = |sql| store.change(AuditRecord::default(), |transaction| transaction.batch(sql)).unwrap();
    execute("UPDATE connectors SET fields = (SELECT fields FROM connectors AS other WHERE other.name = 'a')");
    assert!(store.connector(&name("a")).is_ok());
    assert_damaged(&store, "b");
    // Renamed, or given to the flavors of another type.
    execute("UPDATE connectors SET name = 'c' WHERE name = 'b'; UPDATE connectors SET type = 'evil' WHERE name = 'a'");
    assert_damaged(&store, "c");
    assert_damaged(&store, "a");
}

#[test]
fn what_was_changed_or_sealed_with_another_key_does_not_open() {
    let directory = tempfile::tempdir().unwrap();
    let (store, key) = (store(&Home::at(directory.path())), directory.path().join("key"));
    store.put_connector(&record("a", SECRET), IfTaken::Refuse).unwrap();
    let bytes = fs::read(&key).unwrap();
    fs::write(&key, [7; super::super::key::LENGTH]).unwrap();
    assert_damaged(&store, "a");
    fs::write(&key, bytes).unwrap();
    assert!(store.connector(&name("a")).is_ok());
    let sql = "UPDATE connectors SET fields = CAST(fields || x'00' AS BLOB)";
    store.change(AuditRecord::default(), |transaction| transaction.batch(sql)).unwrap();
    assert_damaged(&store, "a");
}

#[test]
fn a_lost_key_is_not_replaced_while_connectors_need_it() {
    let directory = tempfile::tempdir().unwrap();
    let (store, key) = (store(&Home::at(directory.path())), directory.path().join("key"));
    store.put_connector(&record("a", SECRET), IfTaken::Refuse).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(matches!(store.connector(&name("a")), Err(StoreError::NoKey(_))));
    assert!(matches!(store.put_connector(&record("b", SECRET), IfTaken::Refuse), Err(StoreError::NoKey(_))));
    assert!(!key.exists());
    store.remove_connector(&name("a")).unwrap();
    store.put_connector(&record("b", SECRET), IfTaken::Refuse).unwrap();
    assert!(store.connector(&name("b")).is_ok());
}

#[test]
fn what_was_removed_is_gone_from_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&Home::at(directory.path()));
    store.put_connector(&record("a", SECRET), IfTaken::Refuse).unwrap();
    let sql = "SELECT fields FROM connectors";
    let sealed: Vec<u8> = store.read(|view| view.only(sql, ())).unwrap();
    let is_there = || {
        let file = fs::read(directory.path().join("crhost.db")).unwrap();
        file.windows(16).any(|window| window == &sealed[13..29])
    };
    assert!(is_there());
    store.remove_connector(&name("a")).unwrap();
    assert!(!is_there());
}

crate::store::homes::in_both_homes! {
    a_connector_is_kept_until_it_is_removed,
    a_connector_that_a_registry_uses_stays,
    a_connector_changes_as_a_whole_and_registries_follow_its_name,
    the_sealed_fields_of_another_row_do_not_open,
}
