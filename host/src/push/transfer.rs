//! The layers and the configuration of one image on their way into a registry.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use tokio::task::JoinSet;

use super::compress::Cores;
use super::compression::Compression;
use super::error::PushError;
use super::lanes::Lanes;
use super::manifest::{assemble, known_config};
use super::plan::{self, Plan};
use super::progress::{Event, Progress};
use super::retry::{Patience, patiently, told};
use super::upload::{Treatment, Uploader};
use super::{Outcome, Pushed, PushedLayer};
use crate::distribution::{self, RepositoryClient};
use crate::flavor::UploadProfile;
use crate::image::{Descriptor, Digest, Tag, media_type};
use crate::registry::Target;
use crate::source::{Content, Feed, Image, Item, Layer, Source, SourceError, StoredManifest};
use crate::store::Store;

/// Times that a source is read anew for layers that it gave in vain, without any of them arriving: a daemon needs minutes to
/// export a large image.
const FURTHER_ROUNDS: usize = 3;

/// How often what was learnt is kept while layers are sent, so that a push that is killed is not compressed twice.
const KEPT_EVERY: Duration = Duration::from_secs(2);

/// What a transfer needs.
pub(super) struct Transfer<'a> {
    pub(super) store: &'a Store,
    pub(super) repository: &'a RepositoryClient,
    pub(super) profile: UploadProfile,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) lanes: Lanes,
    pub(super) compression: Compression,
}

/// Everything but the manifest is in the registry.
pub(super) struct Finished {
    pub(super) manifest: StoredManifest,
    pub(super) layers: Vec<PushedLayer>,
}

/// A layer in the registry, or why it could not be sent for now.
type Arrived = Result<(Digest, Descriptor), Passing>;

/// A failure after which the source is read anew.
enum Passing {
    /// The registry's, of a layer that came by once.
    Registry(distribution::Error),
    /// The source's, which has another way to give the layer.
    Source(SourceError),
}

/// The layers that are in the registry now.
pub(super) struct Landed {
    sent: Sent,
    uploaded: HashSet<Digest>,
    plan: Plan,
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
        let image = source.image().clone();
        let config = known_config(&image, self.store)?;
        let mut landed = self.send_layers(&source, plan, config.is_none()).await?;
        let config = config.or(landed.sent.config.take()).ok_or(PushError::MissingConfig)?;
        if image.config.is_none() {
            self.store.cache_config(image.id.as_ref(), &config)?;
        }
        let manifest = assemble(&image, &config, &landed.blobs())?;
        self.send_config(&manifest.parsed.config, config).await?;
        let layers = outcomes(&manifest.parsed.layers, |digest| landed.outcome(digest));
        Ok(Finished { manifest, layers })
    }

    /// Sends the layers that are missing, and fetches the configuration if that is said.
    pub(super) async fn send_layers(&self, source: &Source, plan: Plan, config: bool) -> Result<Landed, PushError> {
        for blob in plan.present.values() {
            let (digest, size) = (blob.digest.clone(), blob.size);
            self.progress.event(match plan.mounted.get(&digest).cloned() {
                Some(from) => Event::Mounted { digest, size, from },
                None => Event::Present { digest, size },
            });
        }
        let image = source.image();
        for layer in &image.layers {
            if let Layer::Blob(blob) = layer
                && !blob.urls.is_empty()
            {
                self.progress.event(Event::Foreign { digest: blob.digest.clone(), size: blob.size });
            }
        }
        let wanted = image.layers.iter().filter(|layer| plan.wanted.contains(layer.digest()));
        let sizes: HashMap<&Digest, Option<u64>> = wanted.map(|layer| (layer.digest(), layer.size())).collect();
        self.progress.event(Event::Planned { layers: sizes.len(), bytes: sizes.values().copied().sum() });
        let mut sent = Sent::default();
        if !plan.wanted.is_empty() || config {
            let ended = self.send(source, plan.wanted.clone(), &mut sent).await;
            // What has arrived by then, a later push need not find out again.
            let kept = self.cache_layers(image, &sent.blobs);
            ended.and(kept)?;
        }
        let uploaded = sent.blobs.values().map(|blob| blob.digest.clone()).collect();
        Ok(Landed { sent, uploaded, plan })
    }

    /// Remembers what makes the next push of these layers short.
    fn cache_layers(&self, image: &Image, sent: &HashMap<Digest, Descriptor>) -> Result<(), PushError> {
        // A layer that is known by its blob has nothing to be remembered.
        let is_blob = |layer: &Layer| matches!(layer, Layer::Blob(_));
        let known: HashSet<&Digest> = image.layers.iter().filter(|layer| is_blob(layer)).map(Layer::digest).collect();
        let mut learnt = sent.iter().filter(|(digest, _)| !known.contains(digest)).peekable();
        if learnt.peek().is_some() {
            self.store.cache_layers(&self.compression.method(), learnt)?;
        }
        Ok(())
    }

    /// Sends the wanted layers. Those that could be read only once and failed in passing are asked for again, and those that
    /// the source can give in another way.
    async fn send(&self, source: &Source, mut wanted: HashSet<Digest>, sent: &mut Sent) -> Result<(), PushError> {
        let mut patience = Patience::with(FURTHER_ROUNDS);
        loop {
            let before = sent.blobs.len();
            let Some(failed) = self.round(source.feed(wanted.clone()), source.image(), sent).await? else {
                return Ok(());
            };
            if sent.blobs.len() > before {
                patience = Patience::with(FURTHER_ROUNDS);
            }
            // Until now the other layers were on their way.
            patience.moved(Instant::now());
            // Nobody comes back to what was begun and failed.
            self.repository.cancel_uploads().await;
            match failed {
                Passing::Source(error) => tracing::debug!("{error}"),
                Passing::Registry(error) => {
                    let Some(wait) = patience.wait(&error) else { return Err(error.into()) };
                    self.progress.event(Event::Again { layer: None, what: told(&error, wait) });
                    tokio::time::sleep(wait).await;
                }
            }
            wanted.retain(|digest| !sent.blobs.contains_key(digest));
        }
    }

    /// Takes layers from the source as they come and sends so many at once. The first failure ends all, but one that another
    /// round may mend and that the layer itself could not be read again for: that one is given at the end.
    async fn round(&self, mut feed: Feed, image: &Image, sent: &mut Sent) -> Result<Option<Passing>, PushError> {
        let uploader = Uploader {
            repository: self.repository.clone(),
            profile: self.profile,
            cores: Cores::all(self.compression),
            progress: Arc::clone(&self.progress),
        };
        let mut tasks: JoinSet<Result<(u64, Arrived), PushError>> = JoinSet::new();
        let (mut more, mut number, mut failed, mut kept) = (true, 0, None, Instant::now());
        let (mut lanes, mut waiting) = (self.lanes, None);
        while more || waiting.is_some() || !tasks.is_empty() {
            if let Some((treatment, content)) =
                waiting.take_if(|(_, content): &mut (_, Content)| lanes.enter(content.size))
            {
                number += 1;
                let (uploader, size) = (uploader.clone(), content.size);
                tasks.spawn(async move {
                    let comes_by_once = content.origin().is_none();
                    match uploader.send(number, treatment, content).await {
                        Ok(sent) => Ok((size, Ok(sent))),
                        Err(PushError::Distribution(error)) if comes_by_once && error.retry().is_possible() => {
                            Ok((size, Err(Passing::Registry(error))))
                        }
                        Err(PushError::Source(error)) if error.has_another_way() => {
                            Ok((size, Err(Passing::Source(error))))
                        }
                        Err(error) => Err(error),
                    }
                });
            }
            tokio::select! {
                item = feed.recv(), if more && waiting.is_none() => {
                    match item.transpose()? {
                        None => more = false,
                        Some(Item::Config(config)) => sent.config = Some(config),
                        Some(Item::Blob(blob, content)) => waiting = Some((Treatment::Stored(blob), content)),
                        Some(Item::Tar(content)) => waiting = Some((Treatment::Compressed, content)),
                    }
                }
                Some(done) = tasks.join_next() => {
                    let (size, arrived) = done.map_err(|failed| PushError::Task(failed.to_string()))??;
                    lanes.leave(size);
                    match arrived {
                        Ok((digest, blob)) => drop(sent.blobs.insert(digest, blob)),
                        Err(error) => failed = Some(error),
                    }
                    if kept.elapsed() >= KEPT_EVERY {
                        self.cache_layers(image, &sent.blobs)?;
                        kept = Instant::now();
                    }
                }
            }
        }
        Ok(failed)
    }

    /// Sends a configuration, unless the registry has it.
    pub(super) async fn send_config(&self, descriptor: &Descriptor, config: Bytes) -> Result<(), PushError> {
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

impl Landed {
    /// The blobs by the digests that the source knows them by.
    fn blobs(&self) -> HashMap<Digest, Descriptor> {
        let mut blobs = self.plan.present.clone();
        blobs.extend(self.sent.blobs.clone());
        blobs
    }

    /// What became of a blob.
    pub(super) fn outcome(&self, blob: &Digest) -> Outcome {
        if self.uploaded.contains(blob) {
            Outcome::Uploaded
        } else if self.plan.mounted.contains_key(blob) {
            Outcome::Mounted
        } else {
            Outcome::Present
        }
    }
}

/// What became of the layers of a manifest.
pub(super) fn outcomes<'a>(
    layers: impl IntoIterator<Item = &'a Descriptor>,
    of: impl Fn(&Digest) -> Outcome,
) -> Vec<PushedLayer> {
    let layers = layers.into_iter().map(|layer| {
        let outcome = if layer.urls.is_empty() { of(&layer.digest) } else { Outcome::Foreign };
        PushedLayer { digest: layer.digest.clone(), size: Some(layer.size), outcome }
    });
    layers.collect()
}

/// What a push would do.
pub(super) fn rehearse(target: Target, tags: Vec<Tag>, image: &Image, plan: &Plan) -> Pushed {
    let layers = image.layers.iter().map(|layer| match (layer, plan.present.get(layer.digest())) {
        (_, Some(blob)) => {
            PushedLayer { digest: blob.digest.clone(), size: Some(blob.size), outcome: Outcome::Present }
        }
        (Layer::Blob(blob), None) => {
            let outcome = if blob.urls.is_empty() { Outcome::Missing } else { Outcome::Foreign };
            PushedLayer { digest: blob.digest.clone(), size: Some(blob.size), outcome }
        }
        (Layer::Tar { diff_id, .. }, None) => {
            PushedLayer { digest: diff_id.clone(), size: None, outcome: Outcome::Missing }
        }
    });
    let layers = layers.collect();
    let pushed = match (&image.manifest, &image.index) {
        (Some(manifest), _) => Pushed::of(target, tags, manifest.clone(), layers),
        (None, Some(index)) => Pushed::of_index(target, tags, index, layers),
        (None, None) => {
            let media_type = media_type::OCI_MANIFEST.to_owned();
            Pushed { target, tags, digest: None, media_type, manifest: None, layers, unchanged: false, dry_run: true }
        }
    };
    Pushed { dry_run: true, ..pushed }
}
