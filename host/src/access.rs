//! What it takes to get into a registry: its flavor, which prepares and gives credentials, its connector, and credentials that
//! were given before and still work.
//!
//! Pushes and checks go through here alike, so that what a check finds is what a push meets.

mod error;
mod view;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub(crate) use error::AccessError;
pub(crate) use view::view;

use crate::connector;
use crate::credential::{Credential, Login};
use crate::docker;
use crate::flavor::{Asked, Catalog, ConnectorView, Extent, Flavor, FlavorCredential, Prepared, RegistryView};
use crate::image::Reference;
use crate::store::{CachedCredential, RegistryRecord, Store, StoreError};

/// How long before their end credentials are no longer used: more than any one request waits to be let in, and more than
/// two clocks that are kept by NTP ever differ.
const MARGIN: Duration = Duration::from_secs(120);

/// How long credentials are used again that may come of the machine itself, e.g. of the role that its cloud gives it: the
/// machine may have another role by now, and the store may be on a disk that another machine reads.
const OF_THIS_MACHINE: Duration = Duration::from_secs(15 * 60);

/// Credentials with less life than this are not renewed before they are refused: half of nearly nothing would be a call of
/// the flavor for every request.
const SHORTEST: Duration = Duration::from_secs(30);

/// What getting in uses.
#[derive(Clone, Copy)]
pub(crate) struct Means<'a> {
    /// What crhost keeps.
    pub(crate) store: &'a Store,
    /// Flavors.
    pub(crate) catalog: &'a Catalog<'a>,
    /// Docker's configuration.
    pub(crate) docker: &'a docker::Configuration,
}

/// A registry that its flavor and its connector are ready for.
pub(crate) struct Access<'a> {
    means: Means<'a>,
    flavor: Flavor,
    registry: RegistryView,
    connector: Option<ConnectorView>,
}

impl<'a> Access<'a> {
    /// The access to a registered registry.
    ///
    /// # Errors
    /// When its flavor is not to be had, or its connector can't be used.
    pub(crate) async fn to(means: Means<'a>, registry: &RegistryRecord) -> Result<Self, AccessError> {
        let (flavor, record) = means.catalog.get(&registry.flavor).await?;
        let view = view(registry, &flavor, means.catalog.registry_grants(&record, &registry.name)?);
        let connector = connector::of_registry(means.store, registry, flavor.description())?;
        Ok(Self::of(means, flavor, view, connector))
    }

    /// The access with these parts, for registries that are not registered yet.
    #[must_use]
    pub(crate) fn of(
        means: Means<'a>,
        flavor: Flavor,
        registry: RegistryView,
        connector: Option<ConnectorView>,
    ) -> Self {
        Self { means, flavor, registry, connector }
    }

    /// Has the flavor check, or make, what must exist before an image is pushed.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn prepare(&self, image: &Reference) -> Result<Prepared, AccessError> {
        let prepared = self.flavor.prepare_image_push(self.asked(image)).await;
        self.means.catalog.keep_runs(&self.flavor);
        Ok(prepared?)
    }

    /// Credentials for an image's repository: those that were given before, if they still work for a while, or new ones.
    ///
    /// # Errors
    /// The flavor's refusal or failure, or that of Docker's credential helpers.
    pub(crate) async fn login(&self, image: &Reference) -> Result<Login, AccessError> {
        if let Some(kept) = self.kept(image) {
            tracing::debug!("credentials that were given before still work for {} s", left(kept.expires_at).as_secs());
            let credential = Credential::Basic { username: kept.username, password: kept.password };
            return Ok(Login { credential, renew_at: renew_at(Some(kept.expires_at)) });
        }
        self.fresh_login(image).await
    }

    /// New credentials for an image's repository, whatever was given before.
    ///
    /// # Errors
    /// As for [`Access::login`].
    pub(crate) async fn fresh_login(&self, image: &Reference) -> Result<Login, AccessError> {
        self.forget(image);
        let given = self.flavor.credentials(self.asked(image)).await;
        self.means.catalog.keep_runs(&self.flavor);
        match given? {
            FlavorCredential::Anonymous => Ok(Login::lasting(Credential::Anonymous)),
            FlavorCredential::DockerConfig => Ok(Login::lasting(self.means.docker.credential(image.host()).await?)),
            FlavorCredential::Basic { username, password, expires_at, whole_registry } => {
                let extent = if whole_registry { Extent::Registry } else { Extent::Repository };
                if let Some(end) = expires_at.filter(|end| left(*end) > MARGIN) {
                    let latest = now().saturating_add((MARGIN + OF_THIS_MACHINE).as_secs());
                    let expires_at = if self.is_of_this_machine() { end.min(latest) } else { end };
                    let kept = CachedCredential { username: username.clone(), password: password.clone(), expires_at };
                    self.keep(image, extent, &kept);
                }
                let credential = Credential::Basic { username, password };
                Ok(Login { credential, renew_at: renew_at(expires_at) })
            }
        }
    }

    /// Forgets what is kept for an image's repository: it was refused, or something better is on its way.
    pub(crate) fn forget(&self, image: &Reference) {
        for extent in [Extent::Registry, Extent::Repository] {
            let forgotten = self.means.store.remove_cached_credential(&self.flavor.question(self.asked(image), extent));
            spared(forgotten);
        }
    }

    fn kept(&self, image: &Reference) -> Option<CachedCredential> {
        let until = now().saturating_add(MARGIN.as_secs());
        [Extent::Registry, Extent::Repository].into_iter().find_map(|extent| {
            let question = self.flavor.question(self.asked(image), extent);
            spared(self.means.store.cached_credential(&question, until)).flatten()
        })
    }

    /// Keeps credentials for the next time.
    fn keep(&self, image: &Reference, extent: Extent, credential: &CachedCredential) {
        let question = self.flavor.question(self.asked(image), extent);
        spared(self.means.store.cache_credential(&question, credential));
    }

    /// Whether the credentials may come of what the machine itself answers, which no question names.
    fn is_of_this_machine(&self) -> bool {
        let method = self
            .connector
            .as_ref()
            .and_then(|connector| self.flavor.description().auth_method(&connector.connector_type, &connector.method));
        method.is_some_and(|method| method.implicit)
    }

    fn asked<'b>(&'b self, image: &'b Reference) -> Asked<'b> {
        Asked { registry: &self.registry, connector: self.connector.as_ref(), image }
    }
}

/// What becomes of looking for credentials that are kept, or of keeping some: to fail at that is no reason to fail at what
/// they are for.
fn spared<T>(outcome: Result<T, StoreError>) -> Option<T> {
    outcome.inspect_err(|error| tracing::warn!("no credentials are kept: {error}")).ok()
}

/// When to ask for new credentials; never, where they do not end, or ended before they were given: then the flavor knows
/// no better.
fn renew_at(expires_at: Option<u64>) -> Option<Instant> {
    let left = expires_at.map(left).filter(|left| *left >= SHORTEST)?;
    // Those that live shortly are used for most of their life.
    Instant::now().checked_add(left.saturating_sub(MARGIN).max(left / 2))
}

fn left(expires_at: u64) -> Duration {
    Duration::from_secs(expires_at.saturating_sub(now()))
}

/// Unix time in seconds.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_renewed_before_they_end() {
        let wait = |life: u64| {
            let renewed = renew_at(Some(now() + life))?;
            Some(renewed.saturating_duration_since(Instant::now()).as_secs_f32())
        };
        assert!((3470.0..=3481.0).contains(&wait(3600).unwrap()));
        assert!((28.0..=30.0).contains(&wait(60).unwrap()));
        assert!(renew_at(Some(1)).is_none() && renew_at(None).is_none());
    }
}
