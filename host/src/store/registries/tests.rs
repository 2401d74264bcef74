use super::super::{ConnectorRecord, Home};
use super::*;

#[test]
fn a_registry_is_kept_until_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let prod = RegistryRecord::example("prod", "ghcr.io/acme");
    Store::open(&home).unwrap().add_registry(&prod, Grantee::EXAMPLE, &[]).unwrap();
    let store = Store::open(&home).unwrap();
    assert_eq!(store.registries().unwrap(), std::slice::from_ref(&prod));
    assert!(matches!(store.add_registry(&prod, Grantee::EXAMPLE, &[]), Err(StoreError::RegistryTaken(_))));
    assert!(matches!(store.remove_flavor("default"), Err(StoreError::FlavorInUse { .. })));
    store.remove_registry(&prod.name).unwrap();
    assert!(matches!(store.registry(&prod.name), Err(StoreError::NoRegistry { .. })));
}

#[test]
fn a_registry_that_is_removed_is_no_longer_the_current_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Home::at(folder.path())).unwrap();
    let prod = RegistryRecord::example("prod", "ghcr.io/acme");
    assert!(store.use_registry(&prod.name).is_err());
    store.add_registry(&prod, Grantee::EXAMPLE, &[]).unwrap();
    store.use_registry(&prod.name).unwrap();
    assert_eq!(store.current_registry().unwrap(), Some(prod.name.clone()));
    store.remove_registry(&prod.name).unwrap();
    assert_eq!(store.current_registry().unwrap(), None);
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let home = &home;
            scope.spawn(move || {
                let store = Store::open(home).unwrap();
                for n in 0..10 {
                    let registry = RegistryRecord::example(&format!("r{writer}-{n}"), "ghcr.io/acme");
                    store.add_registry(&registry, Grantee::EXAMPLE, &[]).unwrap();
                }
            });
        }
    });
    assert_eq!(Store::open(&home).unwrap().registries().unwrap().len(), 40);
}
