//! The image or index that a push publishes: its manifest, if that is known before any layer is read, and the uploads
//! between its layers and its tags.

use std::collections::HashMap;

use bytes::Bytes;

use super::confirm::{Confirmation, confirm_blobs, confirm_manifest, other_digest};
use super::error::PushError;
use super::inventory::Inventory;
use super::manifest::{assemble, config_descriptor, known_config};
use super::mount::mount_one;
use super::plan::Known;
use super::published::Published;
use super::target_blobs::TargetBlobs;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Digest, Repository};
use crate::retrying::{ask, concurrently, has_blob, retry, send_small_blob};
use crate::source::{Child, Image, ImageConfig, Layer, StoredIndex, StoredManifest};
use crate::store::Store;

/// An image or index on its way into a repository.
pub(super) struct Artifact<'a> {
    store: &'a Store,
    /// The repository that mounts are tried from.
    mount_from: Option<&'a Repository>,
    form: Form<'a>,
}

enum Form<'a> {
    /// An image with a manifest, and its configuration.
    Image(&'a StoredManifest, &'a Bytes),
    /// An image in layers, with its configuration if that is known.
    Layers(&'a [Layer], &'a ImageConfig, Option<Bytes>),
    /// An index.
    Index(&'a StoredIndex),
}

impl<'a> Artifact<'a> {
    /// The artifact of a source's image. Configurations are mounted from `mount_from` where they can be.
    pub(super) fn new(image: &'a Image, store: &'a Store, mount_from: Option<&'a Repository>) -> Self {
        let form = match image {
            Image::Stored { manifest, config } => Form::Image(manifest, config),
            Image::Layers { config, layers } => Form::Layers(layers, config, known_config(config, layers, store)),
            Image::Index(index) => Form::Index(index),
        };
        Self { store, mount_from, form }
    }

    /// Whether the configuration has to come with the layers.
    pub(super) fn needs_config(&self) -> bool {
        matches!(self.form, Form::Layers(_, _, None))
    }

    /// The manifest or index that the source has and the push publishes byte for byte.
    pub(super) fn stored(&self) -> Option<Published> {
        match &self.form {
            Form::Image(manifest, _) => Some((*manifest).clone().into()),
            Form::Layers(..) => None,
            Form::Index(index) => Some((*index).into()),
        }
    }

    /// The manifest or index that the push will publish, if all of its blobs are known.
    pub(super) fn predict(&self, known: &Known) -> Option<Published> {
        match &self.form {
            Form::Layers(layers, _, config) => assemble(layers, config.as_ref()?, |key| known.get(key)?.first()).ok(),
            Form::Image(..) | Form::Index(_) => self.stored(),
        }
    }

    /// The digest of the configuration, which is the same however the layers are compressed. Docker's id of an image in
    /// containerd's store is another digest, which no manifest names as its configuration. An index has none.
    pub(super) fn config_digest(&self) -> Option<Digest> {
        match &self.form {
            Form::Image(manifest, _) => Some(manifest.parsed.config.digest.clone()),
            Form::Layers(_, ImageConfig::Known(config), _) => Some(Digest::of(config)),
            Form::Layers(_, ImageConfig::InFeed { id }, _) => Some(id.clone()),
            Form::Index(_) => None,
        }
    }

    /// Sends everything that comes after the layers and before the tags. `fed_config` is the configuration that came
    /// with the layers, if it did.
    pub(super) async fn complete(
        self,
        repository: &RepositoryClient,
        blobs: &TargetBlobs,
        inventory: &Inventory,
        fed_config: Option<Bytes>,
    ) -> Result<Published, PushError> {
        let configs = Configs { repository, blobs, mount_from: self.mount_from };
        match self.form {
            Form::Image(manifest, config) => {
                send_last(configs, inventory, &manifest.parsed.config, config).await?;
                Ok(manifest.clone().into())
            }
            Form::Layers(layers, origin, known) => {
                let config = known.or(fed_config).ok_or(PushError::MissingConfig)?;
                if let ImageConfig::InFeed { id } = origin {
                    let _ = self.store.as_cache(self.store.cache_config(Some(id), &config));
                }
                let published = assemble(layers, &config, |key| inventory.get(key).map(|(blob, _)| blob))?;
                send_last(configs, inventory, &config_descriptor(&config), &config).await?;
                Ok(published)
            }
            Form::Index(index) => {
                send_children(configs, inventory, &index.children).await?;
                Ok(index.into())
            }
        }
    }
}

/// Sends the configuration while the registry confirms the layers that were sent.
async fn send_last(
    configs: Configs<'_>,
    inventory: &Inventory,
    descriptor: &Descriptor,
    config: &Bytes,
) -> Result<(), PushError> {
    tokio::try_join!(configs.send(descriptor, config), configs.confirm_layers(inventory))?;
    Ok(())
}

/// The way of configurations into a repository.
#[derive(Clone, Copy)]
struct Configs<'a> {
    repository: &'a RepositoryClient,
    blobs: &'a TargetBlobs,
    mount_from: Option<&'a Repository>,
}

impl Configs<'_> {
    /// Mounts or sends a configuration, unless the registry has it, and has the registry confirm it.
    async fn send(self, descriptor: &Descriptor, config: &Bytes) -> Result<(), PushError> {
        let Self { repository, blobs, mount_from } = self;
        // Artifacts without a configuration have the empty one, and thousands of them belong to one image.
        let _turn = blobs.turn(&descriptor.digest).await;
        if blobs.has(descriptor) {
            return Ok(());
        }
        if !has_blob(repository, descriptor).await? && !mount_one(repository, mount_from, descriptor).await? {
            send_small_blob(repository, descriptor, config).await?;
        }
        blobs.add(descriptor);
        Ok(())
    }

    /// Has the registry confirm the layers that were sent.
    async fn confirm_layers(self, inventory: &Inventory) -> Result<(), PushError> {
        confirm_blobs(self.repository, inventory.uploaded()).await?;
        inventory.uploaded().for_each(|blob| self.blobs.add(blob));
        Ok(())
    }
}

/// Sends the configurations, manifests and indexes below an index, each after everything that it names.
async fn send_children(way: Configs<'_>, inventory: &Inventory, children: &[Child]) -> Result<(), PushError> {
    // Several manifests may name the same configuration.
    let configs = children.iter().filter_map(|child| child.config.as_ref());
    let configs: HashMap<&Digest, &(Descriptor, Bytes)> = configs.map(|config| (&config.0.digest, config)).collect();
    let repository = way.repository;
    let sent = concurrently(configs.values().map(|(descriptor, config)| way.send(descriptor, config)));
    tokio::try_join!(sent, way.confirm_layers(inventory))?;
    let (manifests, indexes): (Vec<&Child>, Vec<&Child>) = children.iter().partition(|child| child.config.is_some());
    concurrently(manifests.into_iter().map(|manifest| send_manifest(repository, manifest))).await?;
    // One by one, because one may name another.
    for index in indexes {
        send_manifest(repository, index).await?;
    }
    Ok(())
}

/// Sends a manifest or index under its digest, unless the registry has it.
async fn send_manifest(repository: &RepositoryClient, child: &Child) -> Result<(), PushError> {
    let Child { media_type, bytes, .. } = child;
    let digest = Digest::of(bytes);
    if ask(|| repository.head_manifest(&digest)).await?.flatten().is_some() {
        return Ok(());
    }
    retry(|| repository.put_manifest(&digest, media_type, bytes.clone())).await?;
    let image = format!("{}/{}", repository.host(), repository.repository());
    match confirm_manifest(repository, &image, (&digest).into(), &digest).await? {
        // The index would name what is not there.
        Confirmation::Unseen => Err(other_digest(&image, &digest, "nothing")),
        Confirmation::Confirmed | Confirmation::Refused => Ok(()),
    }
}
