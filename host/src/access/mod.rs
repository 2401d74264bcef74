//! Access to a registry: its flavor, which prepares pushes and gives credentials, its connector, and the cache of
//! credentials.
//!
//! Pushes and checks share this code, so that a check meets the conditions of a push.

mod account;
mod asked_server;
mod by_server;
mod cache;
mod cleanup;
mod error;
mod expiry;
mod given;
mod kept;
mod key_wrapping;
mod refusal;
mod view;
mod wire_profile;

use std::borrow::Cow;
use std::time::Instant;

use parking_lot::Mutex;

use account::Account;
use asked_server::AskedServer;
pub(crate) use error::AccessError;
pub(crate) use expiry::{handed_out_until, left};
use given::Given;
pub(crate) use kept::{RegistryLogin, kept};
pub(crate) use view::registry_view;
pub(crate) use wire_profile::wire_of;

use crate::catalog::Catalog;
use crate::connector::{self, OpenConnector};
use crate::credential::{Credential, Login};
use crate::environment::Environment;
use crate::flavor::{
    ConnectorView, CredentialContext, CredentialScope, Flavor, FlavorCredential, Prepared, Purpose, PushContext,
    RegistryView,
};
use crate::image::{Digest, Reference};
use crate::store::{CachedCredential, Name, RegistryRecord, Store};
use crate::text::{Escaped, Moment};
use crate::{distribution, docker};

/// The services that access to any registry needs.
#[derive(Clone, Copy)]
pub(crate) struct AccessContext<'a> {
    /// The store, with registries, connectors and cached credentials.
    pub(crate) store: &'a Store,
    /// The flavors.
    pub(crate) catalog: &'a Catalog<'a>,
    /// Docker's configuration, for flavors that choose its credentials.
    pub(crate) docker: &'a docker::Configuration,
    /// The environment of the process, for connectors with implicit values.
    pub(crate) environment: &'a Environment,
}

/// A registry with its flavor and its connector, ready for calls.
pub(crate) struct Access<'a> {
    context: AccessContext<'a>,
    /// Absent where a server is asked in its place.
    flavor: Option<Flavor>,
    server: Option<AskedServer>,
    registry: RegistryView,
    connector: Option<OpenConnector>,
    connector_name: Option<Name>,
    purpose: Purpose,
    /// Whether credentials are kept for others who ask.
    keeps: bool,
    /// Of the last login.
    account: Mutex<Account>,
}

impl<'a> Access<'a> {
    /// The access to a registered registry.
    ///
    /// # Errors
    /// When its flavor can't be loaded, or its connector can't be used.
    pub(crate) async fn to(context: AccessContext<'a>, registry: &RegistryRecord) -> Result<Self, AccessError> {
        if let Some(access) = Self::of_server(context, registry)? {
            return Ok(access);
        }
        let (flavor, record) = context.catalog.get(&registry.flavor).await?;
        let view =
            registry_view(registry, flavor.description(), context.catalog.registry_grants(&record, &registry.name)?);
        let connector = connector::of_registry(context.store, registry, flavor.description(), context.environment)?;
        Ok(Self { connector_name: registry.connector.clone(), ..Self::of(context, flavor, view, connector) })
    }

    /// The access to a registry that is not registered: without a connector, and with the registry's own host alone.
    ///
    /// # Errors
    /// When its flavor can't be loaded.
    pub(crate) async fn unregistered(
        context: AccessContext<'a>,
        registry: &RegistryRecord,
    ) -> Result<Self, AccessError> {
        let (flavor, _) = context.catalog.get(&registry.flavor).await?;
        let flavor = flavor.confined();
        let view = registry_view(registry, flavor.description(), Vec::new());
        Ok(Self::of(context, flavor, view, None))
    }

    /// The digest of the flavor's component; `None` where a server is asked in its place.
    #[must_use]
    pub(crate) fn component(&self) -> Option<&Digest> {
        self.flavor.as_ref().map(|flavor| flavor.identity().digest)
    }

    /// Whose credentials the last login gave and where they are from; `None` for none.
    #[must_use]
    pub(crate) fn whose(&self) -> Option<Escaped> {
        self.account.lock().whose().cloned()
    }

    /// The access with these parts, for a registry that is not registered yet.
    #[must_use]
    pub(crate) fn of(
        context: AccessContext<'a>,
        flavor: Flavor,
        registry: RegistryView,
        connector: Option<OpenConnector>,
    ) -> Self {
        // What comes of an id token is for the job whose token it is.
        let keeps = !connector.as_ref().is_some_and(OpenConnector::is_issued);
        let (connector_name, purpose, account) = (None, Purpose::Push, Mutex::default());
        let flavor = Some(flavor);
        Self { context, flavor, server: None, registry, connector, connector_name, purpose, keeps, account }
    }

    /// The same access, for credentials of this purpose.
    #[must_use]
    pub(crate) fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// The same access, for credentials of one caller alone: they are made from what this caller brought, and are kept
    /// for no other.
    #[must_use]
    pub(crate) fn for_one_caller(self) -> Self {
        Self { keeps: false, ..self }
    }

    /// Has the flavor check, or make, the things that must exist before an image is pushed, such as a repository.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn prepare(&self, image: &Reference) -> Result<Prepared, AccessError> {
        if let Some(server) = &self.server {
            return server.prepare(&self.registry, image).await;
        }
        let (flavor, lent) = (self.flavor()?, self.lent().await?);
        let context = PushContext { registry: &self.registry, connector: lent.as_deref(), image };
        let prepared = flavor.prepare_image_push(context).await;
        self.context.catalog.record_usage(flavor);
        Ok(prepared?)
    }

    /// Credentials for an image's repository: cached ones, if they remain valid for a while, or new ones. Where a
    /// credential helper of Docker would have to be asked, there are none yet, to be renewed as soon as the registry
    /// wants some.
    ///
    /// # Errors
    /// The flavor's refusal or failure. What is broken in Docker's configuration is none: the registry may want no
    /// credentials.
    pub(crate) async fn login(&self, image: &Reference) -> Result<Login, AccessError> {
        if let Some(cached) = self.cached(image) {
            let left = expiry::left(cached.expires_at, Moment::now().0);
            tracing::info!("credentials that were given before still work for {} s", left.as_secs());
            let credential = kept::credential(cached.username, cached.password);
            *self.account.lock() = Account::of_flavor(&credential, self.connector_name.as_ref());
            return Ok(Login { credential, renew_at: expiry::renew_at(Some(cached.expires_at)) });
        }
        self.new_login(image, false).await
    }

    /// New credentials for an image's repository, whatever is cached.
    ///
    /// # Errors
    /// As for [`Access::login`].
    pub(crate) async fn fresh_login(&self, image: &Reference) -> Result<Login, AccessError> {
        self.forget(image);
        if let Some(connector) = &self.connector {
            connector.renew().await;
        }
        self.new_login(image, true).await
    }

    async fn new_login(&self, image: &Reference, asks_helpers: bool) -> Result<Login, AccessError> {
        let Given { credential, expires_at, is_for_later, .. } = self.give(Some(image), asks_helpers).await?;
        let renew_at = if is_for_later { Some(Instant::now()) } else { expiry::renew_at(expires_at) };
        Ok(Login { credential, renew_at })
    }

    /// Credentials for the whole registry, as other clients get them: kept ones, or new ones.
    ///
    /// # Errors
    /// As for [`Access::login`].
    pub(crate) async fn kept_registry_login(&self) -> Result<RegistryLogin, AccessError> {
        let context = self.credential_context(None);
        let kept = match self.flavor.as_ref().filter(|_| !self.is_issued()) {
            None => None,
            Some(flavor) => kept::of_registry(self.context.store, flavor.identity(), context),
        };
        let Some(kept) = kept else {
            return self.registry_login().await;
        };
        *self.account.lock() = Account::of_flavor(&kept.credential, self.connector_name.as_ref());
        Ok(kept)
    }

    /// New credentials for the whole registry, as another client needs them.
    ///
    /// # Errors
    /// As for [`Access::login`].
    pub(crate) async fn registry_login(&self) -> Result<RegistryLogin, AccessError> {
        let Given { credential, given_at, expires_at, .. } = self.give(None, true).await?;
        Ok(RegistryLogin { credential, given_at, expires_at })
    }

    /// Has the flavor give credentials, and keeps them where they can be used again.
    async fn give(&self, image: Option<&Reference>, asks_helpers: bool) -> Result<Given, AccessError> {
        if let Some(server) = &self.server {
            return self.given_by(server, image, asks_helpers).await;
        }
        let (flavor, lent) = (self.flavor()?, self.lent().await?);
        let context = CredentialContext { connector: lent.as_deref(), ..self.credential_context(image) };
        let given = flavor.credentials(context).await;
        self.context.catalog.record_usage(flavor);
        let (username, password, expires_at, whole_registry) = match given? {
            FlavorCredential::Anonymous => return Ok(Given::elsewhere(Credential::Anonymous)),
            FlavorCredential::DockerConfig => {
                let uri = &self.registry.uri;
                let repository = image.map(Reference::repository).or(uri.path());
                if !asks_helpers && self.context.docker.needs_helper(uri.host(), repository).await {
                    return Ok(Given { is_for_later: true, ..Given::elsewhere(Credential::Anonymous) });
                }
                let mut configured = self.context.docker.credential(uri.host(), repository).await;
                *self.account.lock() = Account::of_docker(&mut configured);
                return Ok(Given::elsewhere(configured.credential));
            }
            FlavorCredential::Basic { username, password, expires_at, whole_registry } => {
                (username, password, expires_at, whole_registry)
            }
        };
        let shown = image.map_or_else(|| self.registry.uri.to_string(), Reference::to_string);
        tracing::info!("credentials for `{shown}`: those of `{username}`, given by the registry's flavor");
        let now = Moment::now().0;
        let kept_until = match (image, expires_at) {
            (_, Some(end)) => expiry::cache_until(end, now, self.depends_on_machine()),
            (None, None) => Some(expiry::keep_lasting_until(now)),
            // The next push asks the flavor again.
            (Some(_), None) => None,
        };
        let scope = match (image, expires_at) {
            (None, None) => CredentialScope::Lasting,
            (Some(_), _) if !whole_registry => CredentialScope::Repository,
            _ => CredentialScope::Registry,
        };
        let kept = kept_until.filter(|_| self.keeps).map(|until| CachedCredential {
            username: username.clone(),
            password: password.clone(),
            expires_at: until,
            given_at: Some(now),
        });
        kept.iter().for_each(|kept| self.cache(image, scope, kept));
        let credential = kept::credential(username, password);
        *self.account.lock() = Account::of_flavor(&credential, self.connector_name.as_ref());
        Ok(Given { credential, given_at: Some(now), expires_at, is_for_later: false })
    }

    /// The error of a request with the credentials of the last login, in the words of whose they are and where they are
    /// from, or why there were none.
    ///
    /// # Errors
    /// The error itself, where nothing more is known about it.
    pub(crate) fn explain(&self, error: distribution::Error) -> Result<AccessError, distribution::Error> {
        self.account.lock().explain(error).map(|refusal| AccessError::Refused(Box::new(refusal)))
    }

    /// The connector for one call.
    async fn lent(&self) -> Result<Option<Cow<'_, ConnectorView>>, AccessError> {
        Ok(match &self.connector {
            Some(connector) => Some(connector.lend().await?),
            None => None,
        })
    }

    /// The context that kept credentials depend on: without what is issued for each call.
    fn credential_context<'b>(&'b self, image: Option<&'b Reference>) -> CredentialContext<'b> {
        let connector = self.connector.as_ref().map(OpenConnector::kept);
        CredentialContext { registry: &self.registry, connector, purpose: self.purpose, image }
    }
}
