//! The directories of crhost: whose they are, whether the database is whole, and whether its key is there.

use super::bounded::on_thread;
use super::clock;
use super::finding::{Check, Finding};
use crate::error::Kind;
use crate::files::space;
use crate::files::trust::cache_directory;
use crate::store::{Home, KeyStorage, NoHome, Store, StoreError};

/// Looks at the directories. Gives a store to read from, unless the one that is there can't be read.
pub(super) async fn look(home: Result<&Home, &NoHome>) -> (Vec<Finding>, Option<Store>) {
    let home = match home {
        Ok(home) => home.clone(),
        Err(reason) => return (vec![Finding::failed(Check::Home, reason).into_warning()], None),
    };
    match on_thread(Check::Home, move || examine(&home)).await {
        Ok(found) => found,
        Err(failed) => (vec![*failed], None),
    }
}

fn examine(home: &Home) -> (Vec<Finding>, Option<Store>) {
    let path = home.data().display();
    let mut findings = Vec::new();
    let store = match Store::examine(home) {
        Ok(Some(store)) => {
            findings.push(of_directory(home, &format!("`{path}` is yours alone")));
            findings.push(of_database(&store));
            findings.extend(of_key(&store));
            findings.extend(home.shared().and_then(|_| of_clock(&store)));
            Some(store)
        }
        Ok(None) => {
            findings.push(of_directory(home, &format!("nothing is stored yet in `{path}`")));
            Store::without_file(home.data(), &NoHome).ok()
        }
        // Of the place, or of what is in it.
        Err(error @ (StoreError::File { .. } | StoreError::Distrust(_) | StoreError::Untrusted { .. })) => {
            return (vec![Finding::failed(Check::Home, &error)], None);
        }
        Err(error) => {
            findings.push(of_directory(home, &format!("`{path}` is yours alone")));
            findings.push(Finding::failed(Check::Database, &error));
            None
        }
    };
    let compiled = home.compiled();
    if compiled.exists()
        && let Err(reason) = cache_directory(&compiled, home.trusted())
    {
        findings.push(Finding::failed(Check::Home, &reason).into_warning());
    }
    (findings, store)
}

fn of_directory(home: &Home, good: &str) -> Finding {
    match space::can_write(home.data()) {
        Ok(()) => Finding::ok(Check::Home, good),
        Err(reason) => {
            let found = format!("`{}` can't be written: {reason}", home.data().display());
            let next = "set CRHOST_HOME to a directory that you may write to; commands that only read work without";
            Finding::warning(Check::Home, found, next)
        }
    }
}

fn of_database(store: &Store) -> Finding {
    let counted = || -> Result<String, StoreError> {
        let (registries, connectors, flavors) =
            (store.registries()?.len(), store.connectors()?.len(), store.flavors()?.len());
        Ok(format!(
            "whole: {}, {}, {} beside the built-in ones",
            count(registries, "registry", "registries"),
            count(connectors, "connector", "connectors"),
            count(flavors, "flavor", "flavors")
        ))
    };
    match counted() {
        Ok(found) => Finding::ok(Check::Database, found),
        Err(error) => Finding::failed(Check::Database, &error),
    }
}

fn count(many: usize, word: &str, plural: &str) -> String {
    format!("{many} {}", if many == 1 { word } else { plural })
}

/// The clock of a database that many machines share, against this machine's.
fn of_clock(store: &Store) -> Option<Finding> {
    // What can't be read was told of the database.
    store.look().ok().map(|sight| clock::against_database(sight.clock))
}

/// The key, and the connectors that it opens.
fn of_key(store: &Store) -> Vec<Finding> {
    let opened = || -> Result<Option<String>, StoreError> {
        if !store.has_key()? {
            return Ok(None);
        }
        let (storage, location) = store.key_location()?;
        let connectors = store.connectors()?;
        for connector in &connectors {
            store.connector(&connector.name)?;
        }
        let whose = match storage {
            KeyStorage::File => "",
            KeyStorage::Keyring => " of the keyring",
        };
        Ok(Some(format!("`{location}`{whose} opens {}", count(connectors.len(), "connector", "connectors"))))
    };
    vec![match opened() {
        Ok(Some(found)) => Finding::ok(Check::Key, found),
        Ok(None) => Finding::skipped(Check::Key, "no connector is stored, which would be sealed with it"),
        Err(error) if crate::error::Explain::kind(&error) == Kind::General => Finding::failed(Check::Key, &error),
        Err(error) => Finding::failed(Check::Database, &error),
    }]
}
