//! A registry that is open for a push: its flavor has prepared the repository and given credentials, and the registry
//! has accepted them.

use std::sync::Arc;

use super::backoff::retry_first_contact;
use super::compress::Compression;
use super::error::PushError;
use super::progress::{Event, Progress};
use crate::access::{Access, AccessContext};
use crate::distribution::{Client, Renewals, RepositoryClient, renewals};
use crate::flavor::UploadProfile;
use crate::registry::Target;

/// An open registry.
pub(super) struct Session<'a> {
    access: Access<'a>,
    renewals: Renewals,
    /// The registry, and the image's name there.
    pub(super) target: Target,
    /// The image's repository.
    pub(super) repository: RepositoryClient,
    /// The registry's way to take uploads.
    pub(super) profile: UploadProfile,
}

impl<'a> Session<'a> {
    /// Has the flavor prepare the repository, logs in, and asks the registry the first question. Nothing is uploaded.
    ///
    /// # Errors
    /// If the flavor refuses, no credentials can be had, or the registry does not accept them.
    pub(super) async fn open(
        context: AccessContext<'a>,
        client: &Client,
        target: Target,
        compression: Compression,
        progress: &Arc<dyn Progress>,
    ) -> Result<Self, PushError> {
        let image = &target.image;
        progress.event(Event::Target {
            image: image.to_string().into(),
            registry: target.registry.name.to_string().into(),
        });
        let access = Access::to(context, &target.registry).await?;
        let prepared = access.prepare(image).await?;
        for note in prepared.notes {
            progress.event(Event::Note { flavor: target.registry.flavor.clone().into(), note: note.into() });
        }
        if matches!(compression, Compression::Zstd(_)) && !prepared.profile.zstd {
            return Err(PushError::NoZstd { flavor: target.registry.flavor.to_string().into() });
        }
        let login = access.login(image).await?;
        let repository = client.repository(image.host(), image.repository(), login.credential)?;
        let (renewer, renewals) = renewals();
        repository.renew_with(login.renew_at, renewer).await;
        let mut session = Self { access, renewals, target, repository: repository.clone(), profile: prepared.profile };
        session.renewing(retry_first_contact(|| repository.authenticate())).await?;
        Ok(session)
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

    /// Cancels all uploads that are open, within a few seconds.
    pub(super) async fn cancel_uploads(&self) {
        self.repository.cancel_uploads().await;
    }
}
