//! A registry that is open for a push: its flavor has prepared the repository and given credentials, and the registry
//! has accepted them.

use std::sync::Arc;

use super::backoff::retry_first_contact;
use super::compress::Compression;
use super::error::{PushError, Unregistered};
use super::progress::{Event, Progress};
use crate::access::{Access, AccessContext, AccessError};
use crate::credential::Credential;
use crate::distribution::{Client, Renewals, RepositoryClient, renewals};
use crate::flavor::UploadProfile;
use crate::registry::{self, Target};
use crate::store::Account;
use crate::waiting::waiting_for;

/// An open registry.
pub(super) struct Session<'a> {
    access: Access<'a>,
    renewals: Renewals,
    /// The registry, and the image's name there.
    pub(super) target: Target,
    /// The image's repository.
    pub(super) repository: RepositoryClient,
    /// Whose credentials open it.
    pub(super) account: Account,
    /// The registry's way to take uploads.
    pub(super) profile: UploadProfile,
}

impl<'a> Session<'a> {
    /// Has the flavor prepare the repository, logs in, and asks the registry the first question. Nothing is uploaded.
    /// `insecure` allows plain HTTP to this registry, whether that is stored with it or not.
    ///
    /// # Errors
    /// If the flavor refuses, no credentials can be had, or the registry does not accept them.
    pub(super) async fn open(
        context: AccessContext<'a>,
        client: &Client,
        target: Target,
        insecure: bool,
        compression: Compression,
        progress: &Arc<dyn Progress>,
    ) -> Result<Self, PushError> {
        let image = &target.image;
        progress.event(Event::Target { image: image.to_string().into(), registry: target.label().into() });
        let flavor = &target.registry.flavor;
        let waiting = waiting_for(format!("flavor {flavor}"));
        let access = match target.registered {
            true => Access::to(context, &target.registry).await?,
            false => Access::unregistered(context, &target.registry).await?,
        };
        let prepared = access.prepare(image).await.map_err(|reason| of_target(&target, reason))?;
        tracing::info!("flavor `{flavor}` prepared the push of `{image}`");
        for note in prepared.notes {
            progress.event(Event::Note { flavor: target.registry.flavor.clone().into(), note: note.into() });
        }
        if matches!(compression, Compression::Zstd(_)) && !prepared.profile.zstd {
            return Err(PushError::NoZstd { flavor: target.registry.flavor.to_string().into() });
        }
        let login = access.login(image).await.map_err(|reason| of_target(&target, reason))?;
        drop(waiting);
        let plain_http = registry::plain_http(&target.registry, insecure);
        let repository = client.repository(image.host(), image.repository(), plain_http, login.credential)?;
        let (renewer, renewals) = renewals();
        repository.renew_with(login.renew_at, renewer).await;
        let profile = prepared.profile;
        let account = account(&target, &Credential::Anonymous);
        let mut session = Self { access, renewals, target, repository: repository.clone(), account, profile };
        let opened = session.renewing(retry_first_contact(|| repository.authenticate())).await;
        // Only now it is known whether a credential helper was asked.
        session.account = self::account(&session.target, &repository.credential().await);
        if !session.target.registered {
            progress.event(Event::Unregistered {
                flavor: session.target.registry.flavor.clone().into(),
                uri: session.target.registry.uri.to_string().into(),
                credentials: session.access.whose(),
            });
        }
        match opened {
            Ok(()) => Ok(session),
            Err(error) => Err(session.explain(error.into())),
        }
    }

    /// Works with the repository. Requests of the work that need new credentials get them from the flavor meanwhile.
    pub(super) async fn renewing<T>(&mut self, work: impl Future<Output = T>) -> T {
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
    pub(super) fn explain(&self, error: PushError) -> PushError {
        match error {
            PushError::Distribution(error) => {
                self.access.explain(error).map_or_else(PushError::Distribution, PushError::Access)
            }
            other => other,
        }
    }

    /// Cancels all uploads that are open, within a few seconds.
    pub(super) async fn cancel_uploads(&self) {
        self.repository.cancel_uploads().await;
    }
}

/// An error of a registry's flavor, which a registration may mend where there is none.
fn of_target(target: &Target, reason: AccessError) -> PushError {
    if target.registered {
        return reason.into();
    }
    let (flavor, uri) = (target.registry.flavor.clone().into(), target.registry.uri.clone());
    PushError::Unregistered(Box::new(Unregistered { reason, flavor, uri }))
}

/// Whose credentials these are.
fn account(target: &Target, credential: &Credential) -> Account {
    let username = match credential {
        Credential::Basic { username, .. } => username.clone(),
        Credential::Anonymous | Credential::IdentityToken(_) => String::new(),
    };
    Account { host: target.image.host().clone(), connector: target.registry.connector.clone(), username }
}
