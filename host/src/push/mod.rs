//! Pushing: where an image, its registry, the registry's flavor and the distribution protocol meet.
//!
//! The order is that of trust: first the registry is found, then its flavor prepares and gives credentials, then the registry
//! is asked whether they open it; only then is a byte sent, and the manifest, which moves the tag, is the last of all.

mod block;
mod compress;
mod compression;
mod error;
mod plan;
mod progress;
mod retry;
mod transfer;
mod upload;

use std::sync::Arc;

use bytes::Bytes;

pub use compression::{Compression, CompressionError};
pub use error::PushError;
pub use progress::{Event, Progress};

use crate::access::{Access, Means};
use crate::distribution::{Client, RepositoryClient, renewals};
use crate::docker::{self, Candidates, Engine};
use crate::flavor::{Catalog, UploadProfile};
use crate::image::{Digest, Platform, Reference, Repository, Tag};
use crate::registry::{self, Target, Wish};
use crate::source::{Location, Source};
use crate::store::{Name, Store};
use retry::patiently;
use transfer::Finished;

/// What a user asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where the image is.
    pub location: Location,
    /// The registry that was named.
    pub to: Option<Name>,
    /// The repository and tag that were given.
    pub named: Option<(Repository, Option<Tag>)>,
    /// The platform that was asked for.
    pub platform: Option<Platform>,
    /// Whether nothing must be uploaded.
    pub dry_run: bool,
    /// Layers that are sent at once.
    pub jobs: usize,
    /// What is done to layers that are not compressed.
    pub compression: Compression,
}

/// What a push uses.
pub struct Pusher<'a> {
    /// What crhost keeps.
    pub store: &'a Store,
    /// Flavors.
    pub catalog: Catalog<'a>,
    /// The distribution client.
    pub client: Client,
    /// The process's surroundings, as Docker's tools read them.
    pub environment: &'a docker::Environment,
    /// Docker's configuration.
    pub docker: docker::Configuration,
    /// Who is told.
    pub progress: Arc<dyn Progress>,
}

/// A push that ended well.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// Where the image went.
    pub target: Target,
    /// The manifest's digest, as the registry confirms it; none for a dry run of an image whose layers would have to be
    /// compressed first.
    pub digest: Option<Digest>,
    /// The manifest's media type.
    pub media_type: String,
    /// The layers, lowest first.
    pub layers: Vec<PushedLayer>,
    /// Whether nothing was uploaded because that was asked for.
    pub dry_run: bool,
}

/// A layer of a push.
#[derive(Debug, Clone)]
pub struct PushedLayer {
    /// The blob's digest; in a dry run, the digest that the source knows it by.
    pub digest: Digest,
    /// The blob's size in bytes, where it is known.
    pub size: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was sent.
    Uploaded,
    /// The registry had it.
    Present,
    /// It lives elsewhere, and the manifest says where.
    Foreign,
    /// It would have been sent.
    Missing,
}

impl Pusher<'_> {
    /// Pushes an image.
    ///
    /// # Errors
    /// When anything stands in its way; no tag has moved then.
    pub async fn push(&self, request: Request) -> Result<Pushed, PushError> {
        if let Some(name) = &request.to {
            // A name that nobody has is found out before a daemon is asked or a file is read.
            self.store.registry(name)?;
        }
        let connect = async || {
            let candidates = Candidates::find(None, self.environment, &self.docker)?;
            Ok(Engine::connect(&candidates).await?)
        };
        let source = Source::open(&request.location, request.platform.clone(), connect).await?;
        let target = self.target(&request, &source)?;
        let image = target.image.clone();
        self.progress.event(Event::Target { image: image.to_string(), registry: target.registry.name.to_string() });
        let means = Means { store: self.store, catalog: &self.catalog, docker: &self.docker };
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
        let (renewer, renewals) = renewals();
        repository.renew_with(login.renew_at, renewer).await;
        let fresh = async || {
            let login = access.fresh_login(&image).await;
            // The registry's own refusal, which comes of it, says what the person has to know.
            login.inspect_err(|error| tracing::warn!("the credentials were not renewed: {error}")).ok()
        };
        tokio::select! {
            done = self.transfer(&request, target, source, repository, prepared.profile) => done,
            () = renewals.serve(&fresh) => Err(PushError::Task("nobody waits for credentials any more".to_owned())),
        }
    }

    fn target(&self, request: &Request, source: &Source) -> Result<Target, PushError> {
        let current = self.store.current_registry()?;
        let wish = Wish {
            to: request.to.as_ref(),
            named: request.named.as_ref(),
            source: source.image().name.as_deref(),
            current: current.as_ref(),
        };
        Ok(registry::select(&self.store.registries()?, wish)?)
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
        repository.authenticate().await?;
        let plan = plan::plan(&repository, source.image(), request.compression, self.store).await?;
        if request.dry_run {
            return Ok(transfer::rehearse(target, source.image(), &plan));
        }
        let transfer = transfer::Transfer {
            store: self.store,
            repository: &repository,
            profile,
            progress: Arc::clone(&self.progress),
            jobs: request.jobs,
            compression: request.compression,
        };
        let Finished { media_type, manifest, layers } = transfer.run(source, plan).await?;
        let digest = publish(&repository, &target.image, &media_type, manifest).await?;
        Ok(Pushed { target, digest: Some(digest), media_type, layers, dry_run: false })
    }
}

/// Sends the manifest, which moves the tag, and makes sure that the registry answers it under that tag.
async fn publish(
    repository: &RepositoryClient,
    image: &Reference,
    media_type: &str,
    manifest: Bytes,
) -> Result<Digest, PushError> {
    let expected = Digest::of(&manifest);
    let tag = image.tag().cloned().unwrap_or_else(Tag::latest);
    patiently(|| repository.put_manifest(&tag, media_type, manifest.clone())).await?;
    let head = patiently(|| repository.head_manifest(&tag)).await?;
    let actual = match head {
        None => None,
        Some(head) => match head.digest {
            Some(digest) => Some(digest),
            // A registry that does not tell digests is asked for the bytes.
            None => Some(Digest::of(&patiently(|| repository.get_manifest(&tag)).await?.1)),
        },
    };
    if actual.as_ref() == Some(&expected) {
        return Ok(expected);
    }
    let actual = actual.map_or_else(|| "nothing".to_owned(), |digest| digest.to_string());
    Err(PushError::OtherDigest { image: image.to_string(), expected, actual })
}
