//! Asks the registries of a push for layers that this machine has not pushed, before anything is sent.

use std::collections::HashMap;
use std::pin::Pin;

use super::by_daemon;
use super::pusher::Pusher;
use super::remote_layers::{Destined, Finder};
use super::request::{EngineChoice, Request};
use super::session::Session;
use super::tags;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Tag};
use crate::source::{LayerKey, Source};

impl Pusher<'_> {
    /// The blobs of such layers, which all of the registries have.
    pub(super) async fn find_layers(
        &self,
        request: &Request,
        source: &Source,
        sessions: Vec<&mut Session<'_>>,
    ) -> HashMap<LayerKey, Descriptor> {
        if !self.is_asked(request, source, &sessions).await {
            return HashMap::new();
        }
        let repositories: Vec<(RepositoryClient, Vec<Tag>, bool)> = sessions
            .iter()
            .map(|Session { open, profile }| {
                (open.repository.clone(), tags::wanted(&request.tags, &open.target), profile.mount)
            })
            .collect();
        let destined =
            repositories.iter().map(|(repository, tags, mounts)| Destined { repository, tags, mounts: *mounts });
        let destined: Vec<Destined<'_>> = destined.collect();
        let finder = Finder {
            access: self.services.access(),
            client: &self.services.client,
            from: &request.cache_from,
            in_use: request.in_use.as_ref(),
            insecure: request.insecure,
            compression: request.compression,
            if_changed: request.if_changed,
            dry_run: request.dry_run,
        };
        let mut finding: Pin<Box<dyn Future<Output = HashMap<LayerKey, Descriptor>> + '_>> =
            Box::pin(finder.find(source.image(), &destined));
        for session in sessions {
            finding = Box::pin(session.open.renewing(finding));
        }
        finding.await
    }

    /// Whether the answer matters: not where a daemon sends the image, nor where the user named its manifest, which
    /// decides about the blobs.
    async fn is_asked(&self, request: &Request, source: &Source, sessions: &[&mut Session<'_>]) -> bool {
        if sessions.iter().any(|session| session.open.target.image.digest().is_some()) {
            return false;
        }
        if request.engine == EngineChoice::Daemon {
            return false;
        }
        let [only] = sessions else { return !sessions.is_empty() };
        let credential = only.open.repository.credential().await;
        let by_daemon = by_daemon::choose(request, source, &only.open.target, &credential);
        !matches!(by_daemon, Ok(Some(_)))
    }
}
