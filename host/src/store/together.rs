//! Several changes in one transaction: all of them are made, or none, also when the process is killed in between.

use super::audit::AuditRecord;
use super::database::Store;
use super::error::StoreError;
use super::sql::Begin;

impl Store {
    /// Makes all changes of `work`, the command `via`, in one transaction. Others wait with theirs until it ends, so
    /// that what `work` reads is still so when it writes.
    ///
    /// # Errors
    /// Those of `work`, and when the store can't be written; nothing has changed then.
    pub(crate) fn together<T, E: From<StoreError>>(
        &self,
        via: &str,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(reason) = self.why_fixed() {
            return Err(reason.into());
        }
        // The keyring may ask the user: not while others wait.
        self.unlock()?;
        let explained = |error| self.database.explain(error);
        let running = self.database.begin(Begin::Write).map_err(explained)?;
        let done = {
            let _running = self.together.start();
            work(self)
        };
        let (unused, records) = (self.together.unused(), self.together.records());
        let value = done?;
        // At the end, so that servers wait for the chain as briefly as they can.
        let records: Vec<_> =
            records.into_iter().map(|record| AuditRecord { via: Some(via.into()), ..record }).collect();
        self.add_to_audit(running.engine(), &records).map_err(explained)?;
        running.commit().map_err(explained)?;
        // All is committed: a file too many is no failure of it.
        for digest in unused {
            if let Err(reason) = self.remove_unused_component(&digest) {
                tracing::debug!("an unused component stays: {reason}");
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Grantee, Home, IfTaken, RegistryRecord};

    fn put(store: &Store, name: &str) -> Result<(), StoreError> {
        let registry = RegistryRecord::example(name, "localhost:5000/acme");
        store.put_registry(&registry, Grantee::EXAMPLE, &[], IfTaken::Refuse).map(drop)
    }

    fn changes_are_made_together_or_not_at_all(home: &Home) {
        let store = Store::open(home).unwrap();
        let names = || store.registries().unwrap().into_iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
        let failed: Result<(), StoreError> = store.together("apply", |store| {
            put(store, "a")?;
            assert!(store.has_registry(&"a".parse().unwrap())?);
            put(store, "a")
        });
        assert!(failed.is_err() && names().is_empty());
        store.together("apply", |store| put(store, "a").and_then(|()| put(store, "b"))).unwrap();
        assert_eq!(names(), ["a", "b"]);
        assert_eq!(Store::open(home).unwrap().registries().unwrap().len(), 2);
    }

    #[test]
    fn a_store_in_memory_makes_no_file_and_opens_what_it_sealed() {
        let store = Store::in_memory().unwrap();
        put(&store, "a").unwrap();
        assert!(store.has_registry(&"a".parse().unwrap()).unwrap());
        store.cache_config(None, b"{}").unwrap();
        assert!(store.config(&crate::image::Digest::of(b"{}")).unwrap().is_some());
        assert!(!std::path::Path::new("key").exists());
    }

    crate::store::homes::in_both_homes! {
        changes_are_made_together_or_not_at_all,
    }
}
