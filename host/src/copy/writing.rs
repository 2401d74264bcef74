//! The side that is written: its flavor prepares it when the first image is to go there, and not before.

use super::copier::Copier;
use crate::policy::Asked;
use crate::push::{Compression, PushError, Session};
use crate::registry::Target;

/// A repository that is written.
pub(crate) struct Writing<'a> {
    copier: &'a Copier<'a>,
    /// The registry, and the name there.
    pub(super) place: &'a Target,
    /// Whether plain HTTP may be spoken to it, though that is not stored with it.
    pub(super) insecure: bool,
    open: Option<Session<'a>>,
}

impl<'a> Writing<'a> {
    /// A repository that is not open yet.
    pub(crate) fn new(copier: &'a Copier<'a>, place: &'a Target, insecure: bool) -> Self {
        Self { copier, place, insecure, open: None }
    }

    /// Who says whether an image may go there.
    pub(super) fn asked(&self) -> Asked<'a> {
        let services = self.copier.services;
        Asked { catalog: &services.catalog, environment: services.environment, registry: &self.place.registry }
    }

    /// The open repository. The first time, its flavor prepares it for a push, for a dry run as well.
    ///
    /// # Errors
    /// If the flavor refuses, no credentials can be had, or the registry does not accept them.
    pub(crate) async fn open(&mut self) -> Result<&mut Session<'a>, PushError> {
        let session = match self.open.take() {
            Some(session) => session,
            None => {
                let Copier { services, progress, .. } = self.copier;
                let (context, place) = (services.access(), self.place.clone());
                let (insecure, compression) = (self.insecure, Compression::default());
                Session::open(context, &services.client, place, insecure, compression, &progress.whole()).await?
            }
        };
        Ok(self.open.insert(session))
    }

    /// Cancels all uploads that are open, within a few seconds.
    pub(crate) async fn cancel_uploads(&self) {
        if let Some(session) = &self.open {
            session.cancel_uploads().await;
        }
    }
}
