use std::fs;
use std::path::{Path, PathBuf};

use super::super::Home;
use super::super::component_place::Components;
use super::*;

fn component_file(directory: &Path, digest: &Digest) -> PathBuf {
    Components::file(&directory.join("components/sha256"), digest)
}

fn flavor(name: &str, bytes: &[u8]) -> FlavorRecord {
    FlavorRecord {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        contract: "0.1.0".to_owned(),
        summary: "For tests".to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        origin: "./x.wasm".to_owned(),
        description: None,
        accepted_operations: Vec::new(),
    }
}

#[test]
fn a_flavor_is_kept_until_it_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let home = Home::at(directory.path());
    let a = flavor("a", b"one");
    assert_eq!(Store::open(&home).unwrap().add_flavor(&a, b"one", &[], None, true).unwrap(), Added::New);
    let store = Store::open(&home).unwrap();
    assert_eq!(store.add_flavor(&a, b"one", &[], None, true).unwrap(), Added::Unchanged);
    assert_eq!(store.flavors().unwrap(), std::slice::from_ref(&a));
    assert_eq!(store.component(&a).unwrap(), b"one");
    assert!(store.remove_flavor("a").unwrap());
    assert!(!store.remove_flavor("a").unwrap());
    assert!(!component_file(directory.path(), &a.digest).exists());
}

#[test]
fn other_bytes_take_a_name_only_with_replace() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Home::at(directory.path())).unwrap();
    let (one, two) = (flavor("a", b"one"), flavor("a", b"two"));
    store.add_flavor(&one, b"one", &[], None, true).unwrap();
    assert!(matches!(store.add_flavor(&two, b"two", &[], None, true), Err(StoreError::FlavorTaken(_))));
    assert_eq!(store.flavors().unwrap(), std::slice::from_ref(&one));
    assert_eq!(store.add_flavor(&two, b"two", &[], Some(&one.digest), true).unwrap(), Added::Replaced);
    assert_eq!(store.component(&two).unwrap(), b"two");
    // The one before stays, to come back; the one before that is gone.
    assert!(component_file(directory.path(), &one.digest).exists());
    let three = flavor("a", b"three");
    assert!(matches!(
        store.add_flavor(&three, b"three", &[], Some(&one.digest), true),
        Err(StoreError::FlavorTaken(_))
    ));
    store.add_flavor(&three, b"three", &[], Some(&two.digest), true).unwrap();
    assert!(!component_file(directory.path(), &one.digest).exists());
}

#[test]
fn a_component_that_was_changed_on_disk_is_not_used() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Home::at(directory.path())).unwrap();
    let a = flavor("a", b"one");
    store.add_flavor(&a, b"one", &[], None, true).unwrap();
    fs::write(component_file(directory.path(), &a.digest), b"evil").unwrap();
    assert!(matches!(store.component(&a), Err(StoreError::Damaged(_))));
}

fn grantee(record: &FlavorRecord) -> Grantee<'_> {
    Grantee { flavor: &record.name, digest: Some(&record.digest) }
}

fn other_bytes_have_none_of_the_grants_of_the_old_ones(home: &Home) {
    let store = Store::open(home).unwrap();
    let (one, two) = (flavor("a", b"one"), flavor("a", b"two"));
    let [x, y] = ["https://x.example", "https://y.example"].map(|text| Grant::asked(text.parse().unwrap()));
    store.add_flavor(&one, b"one", std::slice::from_ref(&x), None, true).unwrap();
    assert_eq!(store.grants(grantee(&one)).unwrap(), std::slice::from_ref(&x));
    assert_eq!(store.grants(grantee(&two)).unwrap(), []);
    store.add_flavor(&one, b"one", std::slice::from_ref(&y), None, true).unwrap();
    assert_eq!(store.grants(grantee(&one)).unwrap(), [x.clone(), y.clone()]);
    store.change_grants(grantee(&one), None, &[], std::slice::from_ref(&x.pattern)).unwrap();
    assert_eq!(store.grants(grantee(&one)).unwrap(), std::slice::from_ref(&y));
    store.add_flavor(&two, b"two", std::slice::from_ref(&x), Some(&one.digest), true).unwrap();
    assert_eq!(store.grants(grantee(&one)).unwrap(), []);
    assert_eq!(store.grants(grantee(&two)).unwrap(), std::slice::from_ref(&x));
    store.remove_flavor("a").unwrap();
    assert_eq!(store.grants(grantee(&two)).unwrap(), []);
}

fn operations_are_accepted_for_the_bytes_that_have_them(home: &Home) {
    let store = Store::open(home).unwrap();
    let accepting = |bytes: &[u8], names: &[&str]| FlavorRecord {
        accepted_operations: names.iter().map(|name| (*name).to_owned()).collect(),
        ..flavor("a", bytes)
    };
    let accepted = || store.flavor("a").unwrap().unwrap().accepted_operations;
    store.add_flavor(&accepting(b"one", &["acme/token/x"]), b"one", &[], None, true).unwrap();
    store.add_flavor(&accepting(b"one", &["acme/token/x", "acme/token/y"]), b"one", &[], None, true).unwrap();
    assert_eq!(accepted(), ["acme/token/x", "acme/token/y"]);
    store.add_flavor(&accepting(b"two", &[]), b"two", &[], Some(&Digest::of(b"one")), true).unwrap();
    assert_eq!(accepted(), [""; 0]);
}

crate::store::homes::in_both_homes! {
    other_bytes_have_none_of_the_grants_of_the_old_ones,
    operations_are_accepted_for_the_bytes_that_have_them,
}
