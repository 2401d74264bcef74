//! The components of a file's flavors and policies: found by the digests of the lock, or fetched.

use std::collections::BTreeMap;

use super::error::ConfigurationError;
use super::file::{Evaluated, absolute_text, filled_in};
use super::kept::KeptComponents;
use super::lock::{Lock, Locked, lock_of};
use crate::catalog::{Component, remote_name};
use crate::components::{Signers, fetch};
use crate::environment::Environment;
use crate::flavor::builtin;
use crate::image::Digest;
use crate::inspect::Inspector;
use crate::registry::RemoteName;
use crate::store::Store;

/// What the lock decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What is in it holds, and what is not is added.
    Add,
    /// It has everything, and nothing else.
    Locked,
    /// Nothing: it is made anew.
    Update,
}

/// Where components are looked for.
pub(crate) struct Sources<'a> {
    /// The store, which has those of registered flavors and policies.
    pub(crate) store: &'a Store,
    /// Those that were fetched before.
    pub(crate) kept: Option<KeptComponents>,
    /// What opens registries; absent to fetch nothing.
    pub(crate) inspector: Option<&'a Inspector<'a>>,
    /// The variables of the process.
    pub(crate) environment: &'a Environment,
    /// What the lock decides.
    pub(crate) mode: Mode,
}

/// The components of a file.
pub(crate) struct Fetched {
    /// Those of flavors that are not built in, by their names.
    pub(super) flavors: BTreeMap<String, Component>,
    /// Those of policies that are not built in, by their names.
    pub(super) policies: BTreeMap<String, Component>,
    /// The lock that has them all.
    pub(crate) lock: Lock,
}

/// A flavor or policy of the file.
struct Wanted<'a> {
    /// `flavor` or `policy`.
    what: &'static str,
    name: &'a str,
    source: &'a str,
    locked: Option<&'a Locked>,
}

/// Finds or fetches all components of a file.
///
/// # Errors
/// When one is not there or is another one than the lock says, or the lock does not fit.
pub(crate) async fn resolve(
    file: &Evaluated,
    lock: &Lock,
    sources: &Sources<'_>,
) -> Result<Fetched, ConfigurationError> {
    let (mut flavors, mut policies, mut made) = (BTreeMap::new(), BTreeMap::new(), Lock::default());
    for (name, entry) in &file.file.flavors {
        if let Some(source) = &entry.source {
            let wanted = Wanted { what: "flavor", name, source, locked: lock.flavors.get(name) };
            let (component, locked) = sources.find(file, &wanted).await?;
            flavors.insert(name.clone(), component);
            made.flavors.insert(name.clone(), locked);
        }
    }
    for (name, entry) in &file.file.policies {
        if builtin::find_policy(&entry.source).is_none() {
            let wanted = Wanted { what: "policy", name, source: &entry.source, locked: lock.policies.get(name) };
            let (component, locked) = sources.find(file, &wanted).await?;
            policies.insert(name.clone(), component);
            made.policies.insert(name.clone(), locked);
        }
    }
    if sources.mode == Mode::Locked && made != *lock {
        let gone = lock.flavors.keys().filter(|name| !made.flavors.contains_key(*name));
        let gone = gone.chain(lock.policies.keys().filter(|name| !made.policies.contains_key(*name))).next();
        let problem = format!("it has `{}`, which the file has not", gone.map_or("more", String::as_str));
        return Err(unfit(file, problem));
    }
    Ok(Fetched { flavors, policies, lock: made })
}

/// The error for a lock that is not for the file.
fn unfit(file: &Evaluated, problem: String) -> ConfigurationError {
    ConfigurationError::Lock {
        lock: format!("`{}`", lock_of(&file.path).display()).into(),
        problem: problem.into(),
        hint: format!("`crhost apply --lock-only {}` writes it; review and commit both", file.path.display()).into(),
    }
}

impl Sources<'_> {
    async fn find(&self, file: &Evaluated, wanted: &Wanted<'_>) -> Result<(Component, Locked), ConfigurationError> {
        let Wanted { what, name, source, locked } = *wanted;
        let at = file.at(what, name);
        let locked = locked.filter(|locked| locked.source == source && self.mode != Mode::Update);
        if locked.is_none() && self.mode == Mode::Locked {
            return Err(unfit(file, format!("{what} `{name}` is not in it with the source `{source}`")));
        }
        let place = filled_in(&at, source, self.environment)?;
        let remote = remote_name(&place);
        let path = file.path_of(what, name, &place);
        if let Some(Locked { origin: None, .. }) = locked.filter(|_| remote.is_some()) {
            return Err(unfit(file, format!("{what} `{name}` is from a registry, and it has no `origin` of it")));
        }
        // A file is read where there is one: it may be another one than was locked.
        let is_there = remote.is_none() && path.exists();
        if let Some(locked) = locked.filter(|_| !is_there)
            && let Some(bytes) = self.known(&locked.digest)
        {
            let origin = locked.origin.clone().unwrap_or_else(|| absolute_text(&path));
            return Ok((Component { bytes, label: name.to_owned(), origin }, locked.clone()));
        }
        let component = match remote {
            None => Component::read(&path).map_err(|error| ConfigurationError::of_entry(&at, &error))?,
            Some(remote) => {
                let Some(inspector) = self.inspector else {
                    return Err(ConfigurationError::Offline { at: at.into() });
                };
                // The very artifact, where its tag may name another one by now.
                let pinned = locked.and_then(|locked| locked.origin.as_deref()).and_then(remote_name);
                self.fetched(inspector, &at, pinned.unwrap_or(remote)).await?
            }
        };
        let digest = Digest::of(&component.bytes);
        if let Some(locked) = locked
            && locked.digest != digest
        {
            let (at, locked) = (at.into(), locked.digest.as_str().into());
            return Err(ConfigurationError::Digest { at, found: digest.as_str().into(), locked });
        }
        if let Some(kept) = &self.kept {
            kept.keep(&digest, &component.bytes);
        }
        let origin = remote.map(|_| component.origin.clone());
        Ok((component, Locked { source: source.to_owned(), origin, digest }))
    }

    /// The component of a digest that is on this machine.
    fn known(&self, digest: &Digest) -> Option<Vec<u8>> {
        let flavor = || self.store.flavors().ok()?.into_iter().find(|flavor| flavor.digest == *digest);
        let policy = || self.store.policies().ok()?.into_iter().find(|one| one.is_stored && one.digest == *digest);
        let stored = flavor().and_then(|flavor| self.store.component(&flavor).ok());
        let stored = stored.or_else(|| policy().and_then(|policy| self.store.policy_component(&policy).ok()));
        stored.or_else(|| self.kept.as_ref()?.component(digest))
    }

    async fn fetched(&self, inspector: &Inspector<'_>, at: &str, name: &str) -> Result<Component, ConfigurationError> {
        let name: RemoteName = name
            .parse()
            .map_err(|error: crate::registry::RemoteNameError| ConfigurationError::malformed(at, error.to_string()))?;
        let signers = Signers::of(self.store, None)?;
        let fetched = fetch(inspector, &name, &signers).await;
        fetched.map(|fetched| fetched.component).map_err(|error| ConfigurationError::of_entry(at, &error))
    }
}
