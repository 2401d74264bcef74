//! Asks the registries of a push for layers that this machine has not pushed, before anything is sent.

use std::collections::HashMap;
use std::pin::Pin;

use super::agreed::agreed;
use super::by_daemon;
use super::plan::{Known, known_blobs};
use super::pusher::Pusher;
use super::remote_layers::{Destined, Finder};
use super::request::{EngineChoice, Request};
use super::session::Session;
use super::tags;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Tag};
use crate::source::{LayerKey, Source};

/// What is known of the layers before one is read.
#[derive(Default)]
pub(super) struct Found {
    /// The blobs that several registries agree on.
    pub(super) known: Option<Known>,
    /// Those of layers that this machine has not pushed, which all of the registries have.
    pub(super) blobs: HashMap<LayerKey, Descriptor>,
}

impl Pusher<'_> {
    /// The blobs of such layers, which all of the registries have.
    pub(super) async fn find_layers(
        &self,
        request: &Request,
        source: &Source,
        sessions: Vec<&mut Session<'_>>,
    ) -> Found {
        if !self.is_asked(request, source, &sessions).await {
            return Found::default();
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
        let (image, store, compression) = (source.image(), self.services.store, request.compression);
        let layers = image.layers();
        let mut finding: Pin<Box<dyn Future<Output = Found> + '_>> = Box::pin(async {
            let known = known_blobs(&layers, compression, store);
            match destined.as_slice() {
                [_] => Found { known: None, blobs: finder.find(image, &known, &destined).await },
                several => {
                    let repositories: Vec<&RepositoryClient> = several.iter().map(|to| to.repository).collect();
                    let known = agreed(known, &layers, compression, store, &repositories).await;
                    let blobs = finder.find(image, &known, &destined).await;
                    Found { known: Some(known), blobs }
                }
            }
        });
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
