//! Pushing: where an image, its registry, the registry's flavor and the distribution protocol meet.
//!
//! The order is that of trust: first the registry is found, then its flavor prepares and gives credentials, then the registry
//! is asked whether they open it; only then is a byte sent, and the manifest, which moves the tag, is the last of all.

mod block;
mod body;
mod compress;
mod compression;
mod error;
mod index;
mod lanes;
mod manifest;
mod mount;
mod plan;
mod progress;
mod retry;
mod tags;
mod transfer;
mod upload;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub(crate) use compression::Compression;
pub(crate) use error::PushError;
pub(crate) use progress::{Event, Progress};

use crate::access::{Access, AccessContext};
use crate::catalog::Catalog;
use crate::distribution::{Client, RepositoryClient, renewals};
use crate::docker::{self, Candidates, Engine};
use crate::environment::Environment;
use crate::flavor::UploadProfile;
use crate::image::{Digest, Repository, Tag};
use crate::registry::{self, Selector, Target};
use crate::source::{Location, Options, Source, StoredIndex, StoredManifest};
use crate::store::{Name, Store};
use lanes::Lanes;
use mount::Mounts;
use retry::patiently_at_first;
use transfer::Finished;

/// What a user asks for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Where the image is.
    pub(crate) location: Location,
    /// The registry that was named.
    pub(crate) to: Option<Name>,
    /// The repository and tag that were given.
    pub(crate) named: Option<(Repository, Option<Tag>)>,
    /// What of that is meant, and how it is read.
    pub(crate) source: Options,
    /// Further tags for the image.
    pub(crate) tags: Vec<Tag>,
    /// Whether nothing is to be sent where the tags have this image already, however its layers are compressed there.
    pub(crate) if_changed: bool,
    /// Whether nothing must be uploaded.
    pub(crate) dry_run: bool,
    /// How long the push may take in all; without it, as long as bytes move.
    pub(crate) timeout: Option<Duration>,
    /// Layers that are sent at once; without it, as many as are good for this machine.
    pub(crate) jobs: Option<usize>,
    /// What is done to layers that are not compressed.
    pub(crate) compression: Compression,
}

/// What a push uses.
pub(crate) struct Pusher<'a> {
    /// What crhost keeps.
    pub(crate) store: &'a Store,
    /// Flavors.
    pub(crate) catalog: Catalog<'a>,
    /// The distribution client.
    pub(crate) client: Client,
    /// The process's surroundings, as Docker's tools read them.
    pub(crate) environment: &'a Environment,
    /// Docker's configuration.
    pub(crate) docker: docker::Configuration,
    /// Who is told.
    pub(crate) progress: Arc<dyn Progress>,
}

/// A push that ended well.
#[derive(Debug, Clone)]
pub(crate) struct Pushed {
    /// Where the image went.
    pub(crate) target: Target,
    /// The tags that have the image now.
    pub(crate) tags: Vec<Tag>,
    /// The manifest's digest, as the registry confirms it; none for a dry run of an image whose layers would have to be
    /// compressed first.
    pub(crate) digest: Option<Digest>,
    /// The manifest's media type.
    pub(crate) media_type: String,
    /// The manifest's size in bytes, and the digest of the configuration that it names, where the manifest is known; an index
    /// names none.
    pub(crate) manifest: Option<(u64, Option<Digest>)>,
    /// The layers, lowest first.
    pub(crate) layers: Vec<PushedLayer>,
    /// Whether all tags had the image before.
    pub(crate) unchanged: bool,
    /// Whether nothing was uploaded because that was asked for.
    pub(crate) dry_run: bool,
}

/// A layer of a push.
#[derive(Debug, Clone)]
pub(crate) struct PushedLayer {
    /// The blob's digest; in a dry run, the digest that the source knows it by.
    pub(crate) digest: Digest,
    /// The blob's size in bytes, where it is known.
    pub(crate) size: Option<u64>,
    /// What became of it.
    pub(crate) outcome: Outcome,
}

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was sent.
    Uploaded,
    /// The registry had it.
    Present,
    /// The registry took it over from another of its repositories.
    Mounted,
    /// It lives elsewhere, and the manifest says where.
    Foreign,
    /// It would have been sent.
    Missing,
}

impl Pusher<'_> {
    /// Pushes an image, unless `interrupt` comes before the end. Uploads that are open when it ends badly are taken back.
    ///
    /// # Errors
    /// When anything stands in its way; no tag has moved then, but those before the one that the error names.
    pub(crate) async fn push(
        &self,
        request: Request,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Pushed, PushError> {
        let opened = OnceLock::new();
        let too_late = async {
            match request.timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
            PushError::TooLate(request.timeout.unwrap_or_default())
        };
        let ended = tokio::select! {
            ended = self.run(&request, &opened) => ended,
            () = interrupt => Err(PushError::Interrupted),
            error = too_late => Err(error),
        };
        if let (Err(_), Some(repository)) = (&ended, opened.get()) {
            repository.cancel_uploads().await;
        }
        ended
    }

    async fn run(&self, request: &Request, opened: &OnceLock<RepositoryClient>) -> Result<Pushed, PushError> {
        if let Some(name) = &request.to {
            // A name that nobody has is found out before a daemon is asked or a file is read.
            self.store.registry(name)?;
        }
        let connect = async || {
            let candidates = Candidates::find(self.environment, &self.docker)?;
            Ok(Engine::connect(&candidates).await?)
        };
        let source = Source::open(&request.location, &request.source, connect).await?;
        let target = self.target(request, &source)?;
        let image = target.image.clone();
        self.progress.event(Event::Target { image: image.to_string(), registry: target.registry.name.to_string() });
        let means = AccessContext { store: self.store, catalog: &self.catalog, docker: &self.docker };
        let access = Access::to(means, &target.registry).await?;
        let prepared = access.prepare(&image).await?;
        for note in prepared.notes {
            self.progress.event(Event::Note { flavor: target.registry.flavor.clone(), note });
        }
        if matches!(request.compression, Compression::Zstd(_)) && !prepared.profile.zstd {
            return Err(PushError::NoZstd { flavor: target.registry.flavor.to_string() });
        }
        let login = access.login(&image).await?;
        let repository = self.client.repository(image.host(), image.repository(), login.credential)?;
        let (renewer, mut renewals) = renewals();
        repository.renew_with(login.renew_at, renewer).await;
        opened.get_or_init(|| repository.clone());
        let fresh = async || {
            let login = access.fresh_login(&image).await;
            // The registry's own refusal, which comes of it, says what the person has to know.
            login.inspect_err(|error| tracing::warn!("the credentials were not renewed: {error}")).ok()
        };
        tokio::select! {
            done = self.transfer(request, target, source, repository, prepared.profile) => done,
            never = renewals.serve(&fresh) => match never {},
        }
    }

    fn target(&self, request: &Request, source: &Source) -> Result<Target, PushError> {
        let current = self.store.current_registry()?;
        let selector = Selector {
            to: request.to.as_ref(),
            named: request.named.as_ref(),
            source: source.image().name.as_deref(),
            current: current.as_ref(),
        };
        Ok(registry::select(&self.store.registries()?, selector)?)
    }

    /// Sends what is missing, and the manifest at last.
    async fn transfer(
        &self,
        request: &Request,
        target: Target,
        source: Source,
        repository: RepositoryClient,
        profile: UploadProfile,
    ) -> Result<Pushed, PushError> {
        let mut tags = vec![target.image.tag().cloned().unwrap_or_else(Tag::latest)];
        request.tags.iter().for_each(|tag| {
            if !tags.contains(tag) {
                tags.push(tag.clone())
            }
        });
        patiently_at_first(|| repository.authenticate()).await?;
        let transfer = transfer::Transfer {
            store: self.store,
            repository: &repository,
            profile,
            progress: Arc::clone(&self.progress),
            lanes: Lanes::of(request.jobs),
            compression: request.compression,
        };
        if let Some(index) = source.image().index.clone() {
            return self.transfer_index(request, transfer, target, tags, source, &index).await;
        }
        let mut outdated = tags.clone();
        if !request.dry_run
            && let Some(manifest) = manifest::foresee(source.image(), request.compression, self.store)?
        {
            outdated = tags::without(&repository, &tags, &Digest::of(&manifest.bytes)).await;
            if outdated.is_empty() {
                return Ok(self.unchanged(target, tags, manifest));
            }
        }
        if request.if_changed
            && let Some(config) = manifest::config_digest(source.image())
            && let Some(manifest) = tags::same_image(&repository, &tags, &config).await?
        {
            return Ok(self.unchanged(target, tags, manifest));
        }
        let mounts = Mounts::into(&repository, self.store, profile.mount && !request.dry_run);
        let plan = plan::plan(&repository, source.image(), request.compression, self.store, &mounts).await?;
        if request.dry_run {
            return Ok(transfer::rehearse(target, tags, source.image(), &plan));
        }
        let Finished { manifest, layers } = transfer.run(source, plan).await?;
        for tag in &outdated {
            tags::publish(&repository, &target.image, tag, &manifest.media_type, &manifest.bytes).await?;
        }
        self.add_blob_locations(&repository, &layers);
        Ok(Pushed::of(target, tags, manifest, layers))
    }

    /// Remembers where blobs are, for pushes to other repositories.
    fn add_blob_locations(&self, repository: &RepositoryClient, layers: &[PushedLayer]) {
        let here = layers.iter().filter(|layer| layer.outcome != Outcome::Foreign).map(|layer| &layer.digest);
        if let Err(error) = self.store.add_blob_locations(repository.host(), repository.repository(), here) {
            // The image is there; that a later push takes longer is no failure of this one.
            tracing::warn!("where the layers are is not remembered: {error}");
        }
    }

    /// What is said of an image that all tags have already.
    fn unchanged(&self, target: Target, tags: Vec<Tag>, manifest: StoredManifest) -> Pushed {
        let layers = transfer::outcomes(&manifest.parsed.layers, |_| Outcome::Present);
        self.tell_unchanged(Pushed::of(target, tags, manifest, layers))
    }

    fn tell_unchanged(&self, pushed: Pushed) -> Pushed {
        for tag in &pushed.tags {
            self.progress.event(Event::Unchanged { image: format!("{}:{tag}", pushed.target.image.name()) });
        }
        Pushed { unchanged: true, ..pushed }
    }
}

impl Pushed {
    fn of(target: Target, tags: Vec<Tag>, manifest: StoredManifest, layers: Vec<PushedLayer>) -> Self {
        let digest = Some(Digest::of(&manifest.bytes));
        let size = manifest.bytes.len() as u64;
        let StoredManifest { media_type, parsed, .. } = manifest;
        let manifest = Some((size, Some(parsed.config.digest)));
        Self { target, tags, digest, media_type, manifest, layers, unchanged: false, dry_run: false }
    }

    fn of_index(target: Target, tags: Vec<Tag>, index: &StoredIndex, layers: Vec<PushedLayer>) -> Self {
        let (digest, media_type) = (Some(Digest::of(&index.bytes)), index.media_type.clone());
        let manifest = Some((index.bytes.len() as u64, None));
        Self { target, tags, digest, media_type, manifest, layers, unchanged: false, dry_run: false }
    }
}
