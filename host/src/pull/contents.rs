//! Everything of a pulled image that is written somewhere, each blob once.

use std::collections::HashSet;

use bytes::Bytes;

use crate::image::{Config, Descriptor, Digest};
use crate::remote::RemoteImage;
use crate::source::{Image, ImageConfig};

/// The parts of an image or index.
pub(super) struct Contents {
    /// The manifest or index, with its platform where it is known.
    pub(super) root: Descriptor,
    /// Configurations and manifests, each after those that it names; the last one is the root.
    pub(super) documents: Vec<(Digest, Bytes)>,
    /// Layers that the registry has.
    pub(super) layers: Vec<Descriptor>,
    /// Layers that are stored elsewhere, at the manifest's URLs, and are not pulled.
    pub(super) foreign: Vec<Descriptor>,
    /// The image as Docker knows it; absent for an index, and for an artifact that is no image.
    pub(super) docker: Option<DockerImage>,
    /// Whether it is one image by its configuration, even where that does not belong to its layers.
    pub(super) is_image: bool,
}

/// An image as Docker knows it.
pub(super) struct DockerImage {
    /// The digest of its configuration, its id in Docker's classic store.
    pub(super) config: Digest,
    /// The digests of its layers, lowest first. One may come twice.
    pub(super) layers: Vec<Digest>,
    /// The digests of the uncompressed layers, as many.
    pub(super) diff_ids: Vec<Digest>,
}

impl Contents {
    /// The parts of an image of a registry.
    pub(super) fn of(remote: &RemoteImage) -> Self {
        let (mut documents, layers, media_type, docker) = match &remote.image {
            Image::Stored { manifest, config } => {
                let config_digest = manifest.parsed.config.digest.clone();
                let layers = manifest.parsed.layers.clone();
                let docker =
                    manifest.parsed.config.is_image_config().then(|| DockerImage::of(&config_digest, &layers, config));
                let documents = vec![(config_digest, config.clone()), (remote.digest.clone(), manifest.bytes.clone())];
                (documents, layers, manifest.media_type.clone(), docker.flatten())
            }
            Image::Index(index) => {
                let mut documents = Vec::new();
                for child in &index.children {
                    documents.extend(child.config.iter().map(|(config, bytes)| (config.digest.clone(), bytes.clone())));
                    documents.push((Digest::of(&child.bytes), child.bytes.clone()));
                }
                documents.push((remote.digest.clone(), index.bytes.clone()));
                (documents, index.layers.clone(), index.media_type.clone(), None)
            }
            // A registry has manifests.
            Image::Layers { config: ImageConfig::Known(_) | ImageConfig::InFeed { .. }, .. } => {
                (Vec::new(), Vec::new(), String::new(), None)
            }
        };
        let is_image = matches!(&remote.image, Image::Stored { manifest, config }
            if manifest.parsed.config.is_image_config() && Config::parse(config).is_ok());
        let mut seen = HashSet::new();
        documents.retain(|(digest, _)| seen.insert(digest.clone()));
        let (foreign, layers): (Vec<Descriptor>, Vec<Descriptor>) = layers
            .into_iter()
            .filter(|layer| seen.insert(layer.digest.clone()))
            .partition(|layer| !layer.urls.is_empty());
        let size = documents.last().map_or(0, |(_, bytes)| bytes.len() as u64);
        let root = Descriptor {
            platform: remote.platform.clone(),
            ..Descriptor::new(&media_type, remote.digest.clone(), size)
        };
        Self { root, documents, layers, foreign, docker, is_image }
    }
}

impl DockerImage {
    /// The image of a configuration, if that belongs to the layers.
    fn of(config_digest: &Digest, layers: &[Descriptor], config: &Bytes) -> Option<Self> {
        let parsed = Config::parse(config).ok()?;
        let layers: Vec<Digest> = layers.iter().map(|layer| layer.digest.clone()).collect();
        let diff_ids = parsed.rootfs.diff_ids;
        (diff_ids.len() == layers.len()).then(|| Self { config: config_digest.clone(), layers, diff_ids })
    }
}
