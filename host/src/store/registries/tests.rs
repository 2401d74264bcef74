use super::super::{ConnectorRecord, Home};
use super::*;

fn a_registry_is_kept_until_it_is_removed(home: &Home) {
    let prod = RegistryRecord::example("prod", "ghcr.io/acme");
    Store::open(home).unwrap().put_registry(&prod, Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
    let store = Store::open(home).unwrap();
    assert_eq!(store.registries().unwrap(), std::slice::from_ref(&prod));
    let again = store.put_registry(&prod, Grantee::EXAMPLE, &[], IfTaken::Refuse);
    assert!(matches!(again, Err(StoreError::RegistryRegistered(_))));
    assert!(matches!(store.remove_flavor("default"), Err(StoreError::FlavorInUse { .. })));
    store.remove_registry(&prod.name).unwrap();
    assert!(matches!(store.registry(&prod.name), Err(StoreError::NoRegistry { .. })));
}

fn a_registry_that_is_removed_is_no_longer_the_current_one(home: &Home) {
    let store = Store::open(home).unwrap();
    let prod = RegistryRecord::example("prod", "ghcr.io/acme");
    assert!(store.use_registry(&prod.name).is_err());
    store.put_registry(&prod, Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
    store.use_registry(&prod.name).unwrap();
    assert_eq!(store.current_registry().unwrap(), Some(prod.name.clone()));
    store.remove_registry(&prod.name).unwrap();
    assert_eq!(store.current_registry().unwrap(), None);
}

fn processes_that_write_at_once_lose_nothing(home: &Home) {
    std::thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                let store = Store::open(home).unwrap();
                for n in 0..10 {
                    let registry = RegistryRecord::example(&format!("r{writer}-{n}"), "ghcr.io/acme");
                    store.put_registry(&registry, Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
                }
            });
        }
    });
    assert_eq!(Store::open(home).unwrap().registries().unwrap().len(), 40);
}

/// A store with a connector, and the registry `prod` that uses it, is granted a host and is the current one.
fn store_with_prod(home: &Home) -> (Store, RegistryRecord, Vec<Grant>) {
    let store = Store::open(home).unwrap();
    let connector = ConnectorRecord {
        name: "ci".parse().unwrap(),
        connector_type: "vault".to_owned(),
        method: "password".to_owned(),
        fields: Vec::new(),
        uses: String::new(),
    };
    store.put_connector(&connector, IfTaken::Refuse).unwrap();
    let example = RegistryRecord::example("prod", "ghcr.io/acme");
    let prod = RegistryRecord { connector: Some(connector.name), insecure: true, ..example };
    let grants = vec![Grant::with_secrets("https://api.example.com".parse().unwrap())];
    store.put_registry(&prod, Grantee::EXAMPLE, &grants, IfTaken::Refuse).unwrap();
    store.use_registry(&prod.name).unwrap();
    (store, prod, grants)
}

fn a_registry_that_is_renamed_takes_everything_along(home: &Home) {
    let (store, prod, grants) = store_with_prod(home);
    let live: Name = "live".parse().unwrap();
    store.rename_registry(&prod.name, &live).unwrap();
    assert_eq!(store.registries().unwrap(), [RegistryRecord { name: live.clone(), ..prod.clone() }]);
    assert_eq!(store.current_registry().unwrap().as_ref(), Some(&live));
    assert_eq!(store.registry_grants(Grantee::EXAMPLE, &live).unwrap(), grants);
    assert_eq!(store.registry_grants(Grantee::EXAMPLE, &prod.name).unwrap(), []);
    assert!(matches!(store.remove_connector(&"ci".parse().unwrap()), Err(StoreError::ConnectorInUse { .. })));
}

fn a_registry_does_not_take_the_name_of_another(home: &Home) {
    let (store, prod, grants) = store_with_prod(home);
    let other = RegistryRecord::example("other", "ghcr.io/other");
    store.put_registry(&other, Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
    for taken in [&other.name, &prod.name] {
        assert!(matches!(store.rename_registry(&prod.name, taken), Err(StoreError::RegistryTaken(_))));
        assert!(matches!(store.copy_registry(&prod.name, taken), Err(StoreError::RegistryTaken(_))));
    }
    let unknown: Name = "unknown".parse().unwrap();
    assert!(matches!(store.rename_registry(&unknown, &other.name), Err(StoreError::NoRegistry { .. })));
    assert!(matches!(store.copy_registry(&unknown, &other.name), Err(StoreError::NoRegistry { .. })));
    assert_eq!(store.registries().unwrap(), [other.clone(), prod.clone()]);
    assert_eq!(store.registry_grants(Grantee::EXAMPLE, &prod.name).unwrap(), grants);
    assert_eq!(store.registry_grants(Grantee::EXAMPLE, &other.name).unwrap(), []);
}

fn a_copy_has_all_that_the_registry_has_and_lives_on_without_it(home: &Home) {
    let (store, prod, grants) = store_with_prod(home);
    let copy: Name = "copy".parse().unwrap();
    store.copy_registry(&prod.name, &copy).unwrap();
    assert_eq!(store.current_registry().unwrap().as_ref(), Some(&prod.name));
    store.remove_registry(&prod.name).unwrap();
    assert_eq!(store.registries().unwrap(), [RegistryRecord { name: copy.clone(), ..prod }]);
    assert_eq!(store.registry_grants(Grantee::EXAMPLE, &copy).unwrap(), grants);
}

fn a_registry_that_changed_since_it_was_read_is_not_overwritten(home: &Home) {
    let (store, prod, _) = store_with_prod(home);
    let moved =
        RegistryRecord { uri: "ghcr.io/moved".parse().unwrap(), confirmed: false, insecure: false, ..prod.clone() };
    store.update_registry(&prod, &moved).unwrap();
    let disconnected = RegistryRecord { connector: None, ..prod.clone() };
    assert!(matches!(store.update_registry(&prod, &disconnected), Err(StoreError::RegistryChanged(_))));
    assert_eq!(store.registry(&prod.name).unwrap(), moved);
    let unknown = RegistryRecord { connector: Some("unknown".parse().unwrap()), ..prod.clone() };
    assert!(matches!(store.update_registry(&moved, &unknown), Err(StoreError::NoConnector { .. })));
    assert_eq!(store.registry(&prod.name).unwrap(), moved);
}

#[test]
fn what_is_stored_is_examined_in_a_copy_that_can_t_be_changed_and_nothing_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let home = Home::at(&directory.path().join("home"));
    assert!(Store::examine(&home).unwrap().is_none());
    assert!(!home.data().exists());
    let prod = RegistryRecord::example("prod", "ghcr.io/acme");
    Store::open(&home).unwrap().put_registry(&prod, Grantee::EXAMPLE, &[], IfTaken::Refuse).unwrap();
    let before = std::fs::read(home.data().join("crhost.db")).unwrap();
    let copy = Store::examine(&home).unwrap().unwrap();
    assert_eq!(copy.registries().unwrap(), std::slice::from_ref(&prod));
    assert!(matches!(copy.remove_registry(&prod.name), Err(StoreError::Unusable { .. })));
    assert_eq!(std::fs::read(home.data().join("crhost.db")).unwrap(), before);
}

crate::store::homes::in_both_homes! {
    a_registry_is_kept_until_it_is_removed,
    a_registry_that_is_removed_is_no_longer_the_current_one,
    processes_that_write_at_once_lose_nothing,
    a_registry_that_is_renamed_takes_everything_along,
    a_registry_does_not_take_the_name_of_another,
    a_copy_has_all_that_the_registry_has_and_lives_on_without_it,
    a_registry_that_changed_since_it_was_read_is_not_overwritten,
}
