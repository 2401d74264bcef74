//! A registry that is open for a push: its flavor has prepared the repository and given credentials, and the registry
//! has accepted them.

use std::sync::Arc;

use super::compress::Compression;
use super::error::PushError;
use super::progress::{Event, Progress};
use crate::access::AccessContext;
use crate::distribution::Client;
use crate::flavor::UploadProfile;
use crate::registry::Target;
use crate::session::{self, Intent, Opening};

/// An open registry.
pub(super) struct Session<'a> {
    /// The open repository.
    pub(super) open: session::Session<'a>,
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
        client: &'a Client,
        target: Target,
        insecure: bool,
        compression: Compression,
        progress: &Arc<dyn Progress>,
    ) -> Result<Self, PushError> {
        let image = target.image.to_string();
        let (registry, registered) = (target.registry.clone(), target.registered);
        progress.event(Event::Target { image: image.as_str().into(), registry: target.label().into() });
        let opening = Opening::new(context, client, target, Intent::Push, insecure).await?;
        let prepared = opening.prepare().await?;
        tracing::info!("flavor `{}` prepared the push of `{image}`", registry.flavor);
        for note in prepared.notes {
            progress.event(Event::Note { flavor: registry.flavor.clone().into(), note: note.into() });
        }
        if matches!(compression, Compression::Zstd(_)) && !prepared.profile.zstd {
            return Err(PushError::NoZstd { flavor: registry.flavor.into() });
        }
        let mut open = opening.login().await?;
        let opened = open.authenticate().await;
        if !registered {
            progress.event(Event::Unregistered {
                flavor: registry.flavor.into(),
                uri: registry.uri.to_string().into(),
                credentials: open.whose(),
            });
        }
        opened?;
        Ok(Self { open, profile: prepared.profile })
    }

    /// An error of the registry, with what is known of the credentials that it refused.
    pub(super) fn explain(&self, error: PushError) -> PushError {
        match error {
            PushError::Distribution(error) => self.open.explain(error).into(),
            other => other,
        }
    }

    /// Cancels all uploads that are open, within a few seconds.
    pub(super) async fn cancel_uploads(&self) {
        self.open.repository.cancel_uploads().await;
    }
}
