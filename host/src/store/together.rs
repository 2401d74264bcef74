//! Several changes in one transaction: all of them are made, or none, also when the process is killed in between.

use super::database::Store;
use super::error::StoreError;

impl Store {
    /// Makes all changes of `work` in one transaction. Other processes wait with theirs until it ends, so that what
    /// `work` reads is still so when it writes.
    ///
    /// # Errors
    /// Those of `work`, and when the store can't be written; nothing has changed then.
    pub(crate) fn together<T, E: From<StoreError>>(&self, work: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        if let Some(reason) = self.why_fixed() {
            return Err(reason.into());
        }
        // The keyring may ask the user: not while others wait.
        self.unlock()?;
        self.execute("BEGIN IMMEDIATE")?;
        self.together.begin();
        let done = work(self).and_then(|value| Ok(self.execute("COMMIT").map(|()| value)?));
        if done.is_err() {
            // Where the database has taken it back already, there is nothing more to do.
            let _ = self.execute("ROLLBACK");
        }
        let unused = self.together.end();
        if done.is_ok() {
            // All is committed: a file too many is no failure of it.
            for digest in unused {
                if let Err(reason) = self.remove_unused_component(&digest) {
                    tracing::debug!("an unused component stays: {reason}");
                }
            }
        }
        done
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

    #[test]
    fn changes_are_made_together_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let names = || store.registries().unwrap().into_iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
        let failed: Result<(), StoreError> = store.together(|store| {
            put(store, "a")?;
            assert!(store.has_registry(&"a".parse().unwrap())?);
            put(store, "a")
        });
        assert!(failed.is_err() && names().is_empty());
        store.together(|store| put(store, "a").and_then(|()| put(store, "b"))).unwrap();
        assert_eq!(names(), ["a", "b"]);
        assert_eq!(Store::open(&Home::at(directory.path())).unwrap().registries().unwrap().len(), 2);
    }

    #[test]
    fn a_store_in_memory_makes_no_file_and_opens_what_it_sealed() {
        let store = Store::in_memory().unwrap();
        put(&store, "a").unwrap();
        assert!(store.has_registry(&"a".parse().unwrap()).unwrap());
        assert!(!std::path::Path::new("key").exists());
    }
}
