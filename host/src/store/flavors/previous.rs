//! The flavor that a registered one took the place of: its row, its component's file, and the grants that it had.
//!
//! One for each name: what a user wants back is what worked before the last change.

use super::record::{self, FlavorRecord, Table};
use crate::grant::Grant;
use crate::image::Digest;
use crate::store::audit::{AuditAction, AuditRecord};
use crate::store::database::Store;
use crate::store::error::StoreError;
use crate::store::granted::Granted;
use crate::store::grants::{self, Grantee};
use crate::store::sql::Transaction;

/// Keeps a registered flavor that another one is about to take the place of, with its grants for every registry. Gives
/// the one that was kept until now, whose component may be unused then.
pub(super) fn keep(transaction: &Transaction<'_>, old: &FlavorRecord) -> Result<Option<FlavorRecord>, StoreError> {
    let replaced = record::find(transaction, Table::Previous, &old.name)?;
    let grantee = Grantee { flavor: &old.name, digest: Some(&old.digest) };
    let granted = grants::of_every_registry(transaction, grantee)?;
    record::put(transaction, Table::Previous, old)?;
    // Never fails: patterns and flags make JSON.
    let granted = serde_json::to_string(&granted).unwrap_or_default();
    transaction.execute("UPDATE previous_flavors SET grants = ?2 WHERE name = ?1", (&old.name, granted))?;
    Ok(replaced)
}

/// The grants that the kept flavor of a name had.
fn kept_grants(transaction: &Transaction<'_>, name: &str) -> Result<Vec<Grant>, StoreError> {
    let sql = "SELECT grants FROM previous_flavors WHERE name = ?1";
    let text: Option<String> = transaction.first(sql, [name])?;
    let damaged = |_| StoreError::Damaged(format!("flavor `{name}` has wrong grants of before").into());
    serde_json::from_str(&text.unwrap_or_else(|| "[]".to_owned())).map_err(damaged)
}

impl Store {
    /// The flavor whose place the registered one of this name took.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn previous_flavor(&self, name: &str) -> Result<Option<FlavorRecord>, StoreError> {
        self.read(|connection| record::find(connection, Table::Previous, name))
    }

    /// Has the registered flavor of a name and the one before it change places, in one transaction. The one that comes
    /// back has the grants for every registry and the accepted operations that it had; grants for single registries
    /// belong to those registries, and stay. `from` and `to` are the components that the caller decided about.
    ///
    /// # Errors
    /// When others are registered or kept by now.
    pub(crate) fn swap_flavor(&self, name: &str, from: &Digest, to: &Digest) -> Result<(), StoreError> {
        let record = AuditRecord::change(AuditAction::FlavorRollback, name).by_flavor(name, Some(to));
        self.change_told(record, |transaction, told| {
            let before = Granted::of_flavor(transaction, name)?;
            let current = record::find(transaction, Table::Registered, name)?;
            let previous = record::find(transaction, Table::Previous, name)?;
            let (Some(current), Some(previous)) = (current, previous) else {
                return Err(StoreError::FlavorChanged(name.into()));
            };
            if current.digest != *from || previous.digest != *to {
                return Err(StoreError::FlavorChanged(name.into()));
            }
            let granted = kept_grants(transaction, name)?;
            keep(transaction, &current)?;
            record::put(transaction, Table::Registered, &previous)?;
            let grantee = Grantee { flavor: name, digest: Some(&previous.digest) };
            grants::clear(transaction, name)?;
            grants::insert(transaction, grantee, None, &granted)?;
            grants::carry_over(transaction, grantee)?;
            told.changed = before.until(&Granted::of_flavor(transaction, name)?);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Home;

    fn flavor(version: &str, bytes: &[u8]) -> FlavorRecord {
        FlavorRecord {
            name: "a".to_owned(),
            version: version.to_owned(),
            contract: "0.1.0".to_owned(),
            summary: "For tests".to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            origin: "./x.wasm".to_owned(),
            description: None,
            accepted_operations: vec![format!("acme/token/{version}")],
        }
    }

    fn grants_of(store: &Store, record: &FlavorRecord) -> Vec<Grant> {
        store.grants(Grantee { flavor: &record.name, digest: Some(&record.digest) }).unwrap()
    }

    fn what_was_replaced_comes_back_with_what_it_was_granted_and_goes_again(home: &Home) {
        let store = Store::open(home).unwrap();
        let (one, two) = (flavor("1.0.0", b"one"), flavor("2.0.0", b"two"));
        let [x, y] = ["https://x.example", "https://y.example"].map(|text| Grant::asked(text.parse().unwrap()));
        store.add_flavor(&one, b"one", std::slice::from_ref(&x), None, true).unwrap();
        assert!(store.previous_flavor("a").unwrap().is_none());
        store.add_flavor(&two, b"two", std::slice::from_ref(&y), Some(&one.digest), true).unwrap();
        assert_eq!(store.previous_flavor("a").unwrap().as_ref(), Some(&one));
        assert_eq!(store.component(&one).unwrap(), b"one");
        // Decided about other components than there are.
        let moved = store.swap_flavor("a", &one.digest, &two.digest);
        assert!(matches!(moved, Err(StoreError::FlavorChanged(_))));
        store.swap_flavor("a", &two.digest, &one.digest).unwrap();
        assert_eq!(store.flavor("a").unwrap().as_ref(), Some(&one));
        assert_eq!(grants_of(&store, &one), std::slice::from_ref(&x));
        assert_eq!(store.component(&store.flavor("a").unwrap().unwrap()).unwrap(), b"one");
        store.swap_flavor("a", &one.digest, &two.digest).unwrap();
        assert_eq!(store.flavor("a").unwrap().as_ref(), Some(&two));
        assert_eq!(grants_of(&store, &two), std::slice::from_ref(&y));
    }

    #[test]
    fn one_component_is_kept_for_each_name_and_all_go_with_the_flavor() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let mut before: Option<Digest> = None;
        for version in ["1.0.0", "2.0.0", "3.0.0"] {
            let next = flavor(version, version.as_bytes());
            store.add_flavor(&next, version.as_bytes(), &[], before.as_ref(), true).unwrap();
            before = Some(next.digest);
        }
        let files = || std::fs::read_dir(directory.path().join("components/sha256")).unwrap().count();
        assert_eq!(files(), 2);
        assert_eq!(store.previous_flavor("a").unwrap().unwrap().version, "2.0.0");
        assert!(store.remove_flavor("a").unwrap());
        assert_eq!(files(), 0);
        assert!(store.previous_flavor("a").unwrap().is_none());
    }

    crate::store::homes::in_both_homes! {
        what_was_replaced_comes_back_with_what_it_was_granted_and_goes_again,
    }
}
