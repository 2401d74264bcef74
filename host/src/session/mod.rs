//! A registry that is open for some work in one repository: its flavor has given credentials for that, and the registry
//! has accepted them.
//!
//! Pulls, pushes, deletions and lists all go through here, so that each asks for credentials of its own purpose and has
//! them renewed while it works.

mod error;
mod intent;

pub(crate) use error::{SessionError, Unregistered};
pub(crate) use intent::Intent;

use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::access::{Access, AccessContext};
use crate::catalog::Catalog;
use crate::credential::Credential;
use crate::distribution::{self, Client, RegistryClient, Renewals, RepositoryClient, renewals};
use crate::docker;
use crate::environment::Environment;
use crate::flavor::{Prepared, Purpose, UploadProfile};
use crate::registry::{self, Destination, Located, RemoteName, Target, locate_registry};
use crate::retrying::retry_first_contact;
use crate::store::{Account, RegistryRecord, Store};
use crate::text::Escaped;
use crate::waiting::waiting_for;

/// What sessions are opened with.
pub(crate) struct Services<'a> {
    /// Registries, connectors, credentials.
    pub(crate) store: &'a Store,
    /// Flavors.
    pub(crate) catalog: Catalog<'a>,
    /// The distribution client.
    pub(crate) client: Client,
    /// The process's environment, as Docker's tools read it.
    pub(crate) environment: &'a Environment,
    /// Docker's configuration.
    pub(crate) docker: docker::Configuration,
}

/// A registry that is about to be opened.
pub(crate) struct Opening<'a> {
    access: Access<'a>,
    client: &'a Client,
    target: Target,
    intent: Intent,
    insecure: bool,
}

/// An open repository.
pub(crate) struct Session<'a> {
    access: Access<'a>,
    renewals: Renewals,
    /// The registry, and the image's name there.
    pub(crate) target: Target,
    /// The image's repository.
    pub(crate) repository: RepositoryClient,
    /// Whose credentials open it.
    pub(crate) account: Account,
}

/// An open registry, to list its repositories.
pub(crate) struct RegistrySession<'a> {
    access: Access<'a>,
    /// The registry.
    pub(crate) registry: RegistryClient,
}

impl Services<'_> {
    /// What access to a registry needs.
    pub(crate) fn access(&self) -> AccessContext<'_> {
        let Self { store, catalog, environment, docker, .. } = self;
        AccessContext { store, catalog, docker, environment }
    }

    /// Finds what a name names, for a session of this intent. `in_use` is the registry for names without a host, in the
    /// place of the one that is stored as in use.
    ///
    /// # Errors
    /// When no registry is meant, or several own it.
    pub(crate) async fn locate(
        &self,
        name: &RemoteName,
        in_use: Option<&Destination>,
        intent: Intent,
    ) -> Result<Target, SessionError> {
        Ok(name.locate(self.store, &self.catalog, in_use, intent.registry_use()).await?)
    }

    /// Finds a registry by its name or its URI.
    ///
    /// # Errors
    /// When there is none of that name, or no flavor accepts the URI.
    pub(crate) async fn locate_registry(&self, destination: &Destination) -> Result<Located, SessionError> {
        Ok(locate_registry(self.store, &self.catalog, destination).await?)
    }

    /// Opens a target's repository, and asks the registry the first question. `insecure` allows plain HTTP to this
    /// registry, whether that is stored with it or not.
    ///
    /// # Errors
    /// If no credentials can be had, or the registry can't be reached or does not accept them.
    pub(crate) async fn open(
        &self,
        target: Target,
        intent: Intent,
        insecure: bool,
    ) -> Result<Session<'_>, SessionError> {
        let anybody = repository(&self.client, &target, intent, insecure, Credential::Anonymous)?;
        // The registry is found while the flavor is loaded and gives the credentials: its answer to anybody tells what
        // it wants. In a task of its own, since a flavor computes without a pause; it ends with this one.
        let mut greeting = JoinSet::new();
        greeting.spawn(async move { retry_first_contact(|| anybody.greeting()).await }.in_current_span());
        let opening = Opening::new(self.access(), &self.client, target, intent, insecure).await?;
        let mut session = opening.login().await?;
        if let Some(Ok(Err(error))) = greeting.join_next().await {
            return Err(session.explain(error));
        }
        session.authenticate().await?;
        Ok(session)
    }

    /// Opens a whole registry, to list its repositories.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub(crate) async fn open_registry(
        &self,
        located: &Located,
        insecure: bool,
    ) -> Result<RegistrySession<'_>, SessionError> {
        let Located { registry, registered } = located;
        let registered = *registered;
        let access = access_to(self.access(), registry, registered).await?.with_purpose(Purpose::Listing);
        let waiting = waiting_for(format!("flavor {}", registry.flavor));
        let login = access.registry_login().await.map_err(|reason| SessionError::of(registry, registered, reason))?;
        drop(waiting);
        let plain_http = registry::plain_http(registry, insecure);
        let client = self.client.registry(registry.uri.host(), plain_http, login.credential)?;
        let session = RegistrySession { access, registry: client };
        match retry_first_contact(|| session.registry.authenticate()).await {
            Ok(()) => Ok(session),
            Err(error) => Err(session.explain(error)),
        }
    }
}

impl RegistrySession<'_> {
    /// An error of the registry, with what is known of the credentials that it refused.
    pub(crate) fn explain(&self, error: distribution::Error) -> SessionError {
        self.access.explain(error).map_or_else(SessionError::Distribution, SessionError::Access)
    }
}

impl<'a> Opening<'a> {
    /// The target's registry with its flavor and its connector. Nothing is sent yet.
    ///
    /// # Errors
    /// When the flavor can't be loaded, or the connector can't be used.
    pub(crate) async fn new(
        context: AccessContext<'a>,
        client: &'a Client,
        target: Target,
        intent: Intent,
        insecure: bool,
    ) -> Result<Self, SessionError> {
        let access = access_to(context, &target.registry, target.registered).await?.with_purpose(intent.purpose());
        Ok(Self { access, client, target, intent, insecure })
    }

    /// Has the flavor check, or make, what must exist before an image is pushed.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn prepare(&self) -> Result<Prepared, SessionError> {
        let Target { registry, registered, image } = &self.target;
        let _waiting = waiting_for(format!("flavor {}", registry.flavor));
        let prepared = self.access.prepare(image).await;
        prepared.map_err(|reason| SessionError::of(registry, *registered, reason))
    }

    /// Has the flavor give credentials. The registry is not asked yet.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure.
    pub(crate) async fn login(self) -> Result<Session<'a>, SessionError> {
        let Target { registry, registered, image } = &self.target;
        let waiting = waiting_for(format!("flavor {}", registry.flavor));
        let login = self.access.login(image).await;
        let login = login.map_err(|reason| SessionError::of(registry, *registered, reason))?;
        drop(waiting);
        let repository = repository(self.client, &self.target, self.intent, self.insecure, login.credential)?;
        let Self { access, target, .. } = self;
        let (renewer, renewals) = renewals();
        repository.renew_with(login.renew_at, renewer).await;
        let account = account(&target, &Credential::Anonymous);
        Ok(Session { access, renewals, target, repository, account })
    }
}

impl Session<'_> {
    /// Asks the registry the first question.
    ///
    /// # Errors
    /// When it can't be reached, or does not accept the credentials.
    pub(crate) async fn authenticate(&mut self) -> Result<(), SessionError> {
        let repository = self.repository.clone();
        let opened = self.renewing(retry_first_contact(|| repository.authenticate())).await;
        // Only now it is known whether a credential helper was asked.
        self.account = account(&self.target, &repository.credential().await);
        opened.map_err(|error| self.explain(error))
    }

    /// What the flavor knows of the registry's protocol, of a repository that exists; `None` where it does not tell, as
    /// for an account that may not push.
    pub(crate) async fn profile(&self) -> Option<UploadProfile> {
        self.access.prepare(&self.target.image).await.ok().map(|prepared| prepared.profile)
    }

    /// Whose credentials the last login gave and where they are from; `None` for none.
    pub(crate) fn whose(&self) -> Option<Escaped> {
        self.access.whose()
    }

    /// Works with the repository. Requests of the work that need new credentials get them from the flavor meanwhile.
    pub(crate) async fn renewing<T>(&mut self, work: impl Future<Output = T>) -> T {
        let Self { access, renewals, target, .. } = self;
        let fresh = async || {
            let login = access.fresh_login(&target.image).await;
            // The refusal of the old credentials, which follows, explains more than this failure.
            login.inspect_err(|error| tracing::warn!("the credentials were not renewed: {error}")).ok()
        };
        tokio::select! {
            done = work => done,
            never = renewals.serve(&fresh) => match never {},
        }
    }

    /// An error of the registry, with what is known of the credentials that it refused.
    pub(crate) fn explain(&self, error: distribution::Error) -> SessionError {
        self.access.explain(error).map_or_else(SessionError::Distribution, SessionError::Access)
    }
}

/// A target's repository, opened with a credential. Nothing is sent yet.
fn repository(
    client: &Client,
    target: &Target,
    intent: Intent,
    insecure: bool,
    credential: Credential,
) -> Result<RepositoryClient, SessionError> {
    let Target { registry, image, .. } = target;
    let plain_http = registry::plain_http(registry, insecure);
    Ok(client.repository(image.host(), image.repository(), plain_http, credential, intent.actions())?)
}

async fn access_to<'a>(
    context: AccessContext<'a>,
    registry: &RegistryRecord,
    registered: bool,
) -> Result<Access<'a>, SessionError> {
    Ok(match registered {
        true => Access::to(context, registry).await?,
        false => Access::unregistered(context, registry).await?,
    })
}

/// Whose credentials these are.
fn account(target: &Target, credential: &Credential) -> Account {
    let username = match credential {
        Credential::Basic { username, .. } => username.clone(),
        Credential::Anonymous | Credential::IdentityToken(_) => String::new(),
    };
    Account { host: target.image.host().clone(), connector: target.registry.connector.clone(), username }
}
