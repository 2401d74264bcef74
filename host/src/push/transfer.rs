//! The layers and the configuration of one image on their way into a registry.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use tokio::task::JoinSet;

use super::compress::Cores;
use super::compression::Compression;
use super::error::PushError;
use super::plan::{self, Plan};
use super::progress::{Event, Progress};
use super::retry::patiently;
use super::upload::Uploader;
use super::{Outcome, Pushed, PushedLayer};
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::image::{Config, Descriptor, Digest, Manifest, media_type};
use crate::registry::Target;
use crate::source::{Feed, Image, Item, Layer, Source};
use crate::store::Store;

/// What a transfer needs.
pub(super) struct Transfer<'a> {
    pub(super) store: &'a Store,
    pub(super) repository: &'a RepositoryClient,
    pub(super) profile: UploadProfile,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) jobs: usize,
    pub(super) compression: Compression,
}

/// Everything but the manifest is in the registry.
pub(super) struct Finished {
    pub(super) media_type: String,
    pub(super) manifest: Bytes,
    pub(super) layers: Vec<PushedLayer>,
}

/// What came of the layers that were sent.
#[derive(Default)]
struct Sent {
    config: Option<Bytes>,
    /// By the digests that the source knows them by.
    blobs: HashMap<Digest, Descriptor>,
}

impl Transfer<'_> {
    /// Sends what is missing, the configuration last.
    pub(super) async fn run(&self, source: Source, plan: Plan) -> Result<Finished, PushError> {
        for blob in plan.present.values() {
            self.progress.event(Event::Present { digest: blob.digest.clone(), size: blob.size });
        }
        let image = source.image().clone();
        let config = self.known_config(&image)?;
        let sent = if plan.wanted.is_empty() && config.is_some() {
            Sent::default()
        } else {
            self.send(source.feed(plan.wanted)).await?
        };
        let config = config.or(sent.config).ok_or(PushError::MissingConfig)?;
        self.learn(&image, &config, &sent.blobs)?;
        let uploaded: HashSet<Digest> = sent.blobs.values().map(|blob| blob.digest.clone()).collect();
        let mut blobs = plan.present;
        blobs.extend(sent.blobs);
        let (media_type, bytes, manifest) = match image.manifest {
            Some(stored) => (stored.media_type, stored.bytes, stored.parsed),
            None => {
                let size = config.len() as u64;
                let descriptor = Descriptor::new(media_type::OCI_CONFIG, Digest::of(&config), size);
                let manifest = Manifest::new(descriptor, plan::blobs_of(&Config::parse(&config)?, &blobs)?);
                (media_type::OCI_MANIFEST.to_owned(), manifest.to_bytes().into(), manifest)
            }
        };
        self.send_config(&manifest.config, config).await?;
        let layers = manifest.layers.into_iter().map(|layer| outcome(layer, &uploaded)).collect();
        Ok(Finished { media_type, manifest: bytes, layers })
    }

    /// The configuration, from the source or, for a daemon's image that was pushed before, from the store.
    fn known_config(&self, image: &Image) -> Result<Option<Bytes>, PushError> {
        match (&image.config, &image.id) {
            (Some(config), _) => Ok(Some(config.clone())),
            (None, Some(id)) => Ok(self.store.config(id)?.map(Bytes::from)),
            (None, None) => Ok(None),
        }
    }

    /// Remembers what makes the next push of these layers short.
    fn learn(&self, image: &Image, config: &[u8], sent: &HashMap<Digest, Descriptor>) -> Result<(), PushError> {
        if image.manifest.is_none() && !sent.is_empty() {
            self.store.learn_layers(&self.compression.method(), sent)?;
        }
        if image.config.is_none() {
            self.store.learn_config(config)?;
        }
        Ok(())
    }

    /// Takes layers from the source as they come and sends so many at once; the first failure ends all.
    async fn send(&self, mut feed: Feed) -> Result<Sent, PushError> {
        let uploader = Uploader {
            repository: self.repository.clone(),
            profile: self.profile,
            cores: Cores::all(self.compression),
            progress: Arc::clone(&self.progress),
        };
        let mut sent = Sent::default();
        let mut tasks: JoinSet<Result<(Digest, Descriptor), PushError>> = JoinSet::new();
        let mut more = true;
        let mut number = 0;
        while more || !tasks.is_empty() {
            tokio::select! {
                item = feed.recv(), if more && tasks.len() < self.jobs => {
                    number += 1;
                    let uploader = uploader.clone();
                    match item.transpose()? {
                        None => more = false,
                        Some(Item::Config(config)) => sent.config = Some(config),
                        Some(Item::Blob(blob, content)) => drop(tasks.spawn(async move {
                            uploader.blob(number, &blob, content).await?;
                            Ok((blob.digest.clone(), blob))
                        })),
                        Some(Item::Tar(content)) => drop(tasks.spawn(async move {
                            let compressed = uploader.tar(number, content).await?;
                            Ok((compressed.diff_id, compressed.blob))
                        })),
                    }
                }
                Some(done) = tasks.join_next() => {
                    let (digest, blob) = done.map_err(|failed| PushError::Task(failed.to_string()))??;
                    sent.blobs.insert(digest, blob);
                }
            }
        }
        Ok(sent)
    }

    async fn send_config(&self, descriptor: &Descriptor, config: Bytes) -> Result<(), PushError> {
        if plan::has(self.repository, descriptor).await? {
            return Ok(());
        }
        // A few KiB that can be made again: the whole upload is one request to be made again.
        let upload = async || {
            let body = stream::iter([Ok(config.clone())]);
            self.repository.start_upload().await?.put(&descriptor.digest, descriptor.size, body).await
        };
        Ok(patiently(&upload).await?)
    }
}

fn outcome(layer: Descriptor, uploaded: &HashSet<Digest>) -> PushedLayer {
    let outcome = if uploaded.contains(&layer.digest) {
        Outcome::Uploaded
    } else if layer.urls.is_empty() {
        Outcome::Present
    } else {
        Outcome::Foreign
    };
    PushedLayer { digest: layer.digest, size: Some(layer.size), outcome }
}

/// What a push would do.
pub(super) fn rehearse(target: Target, image: &Image, plan: &Plan) -> Pushed {
    let layers = image.layers.iter().map(|layer| match (layer, plan.present.get(layer.digest())) {
        (_, Some(blob)) => {
            PushedLayer { digest: blob.digest.clone(), size: Some(blob.size), outcome: Outcome::Present }
        }
        (Layer::Blob(blob), None) => {
            let outcome = if blob.urls.is_empty() { Outcome::Missing } else { Outcome::Foreign };
            PushedLayer { digest: blob.digest.clone(), size: Some(blob.size), outcome }
        }
        (Layer::Tar(diff_id), None) => PushedLayer { digest: diff_id.clone(), size: None, outcome: Outcome::Missing },
    });
    let stored = image.manifest.as_ref();
    Pushed {
        target,
        digest: stored.map(|manifest| Digest::of(&manifest.bytes)),
        media_type: stored.map_or(media_type::OCI_MANIFEST, |manifest| &manifest.media_type).to_owned(),
        layers: layers.collect(),
        dry_run: true,
    }
}
