//! Layers that a registry has, although this machine never pushed them: a build machine is new for each job.
//!
//! The image that a tag names has a configuration with the diff ids of its layers and a manifest with their blobs, in
//! the same order. A layer of our image among them needs no compression and no upload, if the claim is true: whoever
//! may write to that repository could name any blob. So it is proved first, by a download of the blob whose
//! uncompressed bytes must have the diff id, or taken on the user's word (`--trust-remote-layers`).
//!
//! All of it may fail without harm: a layer that is not found is read, compressed and sent.

mod claims;
mod destined;
mod form;
mod images;
mod proof;
mod proofs;
mod usable;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::future::join_all;

use super::compress::Compression;
use super::plan::Known;
use crate::access::AccessContext;
use crate::distribution::Client;
use crate::image::{Descriptor, Digest};
use crate::registry::{Destination, RemoteName, Use};
use crate::session::{Intent, Opening};
use crate::source::{Image, ImageConfig, Layer, LayerKey};
use crate::text::printable;
use crate::waiting::waiting_for;
use claims::Claim;
pub(super) use destined::Destined;
use images::RemoteImage;

/// The longest wait for one image's manifest and configuration, with all that comes before, such as a token. A push
/// takes longer than that, and its user should not wait for what may help little.
const LONGEST_QUESTION: Duration = Duration::from_secs(15);

/// Whether layers that a registry has are used, and on whose word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum RemoteLayers {
    /// Those of which it is proved what they are.
    #[default]
    Proved,
    /// All of them, on the user's word.
    Trusted,
    /// None.
    Off,
}

/// What the user says about layers in registries.
#[derive(Debug, Clone, Default)]
pub(crate) struct CacheFrom {
    /// Images beside the one that is overwritten.
    pub(crate) images: Vec<RemoteName>,
    /// Whether what they say is believed.
    pub(crate) layers: RemoteLayers,
}

/// The means to find layers in registries.
pub(super) struct Finder<'a> {
    /// What access to other repositories needs, and the store.
    pub(super) access: AccessContext<'a>,
    /// The distribution client.
    pub(super) client: &'a Client,
    /// What the user says.
    pub(super) from: &'a CacheFrom,
    /// The registry for names without a host, in place of the stored one.
    pub(super) in_use: Option<&'a Destination>,
    /// Whether plain HTTP may be spoken.
    pub(super) insecure: bool,
    /// The compression that layers would have.
    pub(super) compression: Compression,
    /// Whether a tag is left alone that has this very image.
    pub(super) if_changed: bool,
    /// Whether nothing may change in the registry.
    pub(super) dry_run: bool,
}

impl Finder<'_> {
    /// Finds blobs for layers of an image that are not known. All of the repositories have each of them, so that the
    /// image is the same everywhere.
    pub(super) async fn find(
        &self,
        image: &Image,
        known: &Known,
        destined: &[Destined<'_>],
    ) -> HashMap<LayerKey, Descriptor> {
        let layers = image.layers();
        let unknown: HashSet<&Digest> = layers.iter().filter_map(|layer| unknown(layer, known)).collect();
        if unknown.is_empty() || self.from.layers == RemoteLayers::Off {
            return HashMap::new();
        }
        let _waiting = waiting_for("layers that the registry has already");
        let images = self.images(destined).await;
        self.keep_configuration(image, &images);
        if self.if_changed && images.iter().any(|found| is_same(image, found)) {
            // Nothing is sent then.
            return HashMap::new();
        }
        let claims = claims::of(&images, &unknown, self.compression);
        let usable = usable::usable(claims, destined, !self.dry_run).await;
        let Some(first) = destined.first().filter(|_| !usable.is_empty()) else { return HashMap::new() };
        let found = match self.from.layers {
            RemoteLayers::Trusted => claims::first_of_each(usable),
            RemoteLayers::Proved | RemoteLayers::Off => {
                let proved = proofs::prove(first.repository, usable, self.compression).await;
                self.remember(&proved);
                proved
            }
        };
        for Claim { diff_id, blob, .. } in &found {
            tracing::info!("layer {} is in the registry as blob `{}`, and is not sent", diff_id.short(), blob.digest);
        }
        found.into_iter().map(|claim| (LayerKey::DiffId(claim.diff_id), claim.blob)).collect()
    }

    /// The images that the tags and the user name, as far as registries tell them.
    async fn images(&self, destined: &[Destined<'_>]) -> Vec<RemoteImage> {
        let own = destined.iter().flat_map(|to| to.tags.iter().map(|tag| (to.repository, tag)));
        let own = own.map(|(repository, tag)| async move {
            let name = format!("{}/{}:{tag}", repository.host(), repository.repository());
            (name, within(images::of_tag(repository, tag)).await)
        });
        let others = self
            .from
            .images
            .iter()
            .map(|name| async move { (name.as_str().to_owned(), within(self.of_name(name)).await) });
        let (own, others) = tokio::join!(join_all(own), join_all(others));
        let mut found = Vec::new();
        for (name, images) in own {
            match images {
                Ok(images) => found.extend(images),
                // A tag that is new, most often.
                Err(reason) => tracing::info!("no layer is taken from `{}`: {reason}", printable(&name, 200)),
            }
        }
        for (name, images) in others {
            match images {
                Ok(images) => found.extend(images),
                // The user named it, and may have mistyped it.
                Err(reason) => tracing::warn!("no layer is taken from `{}`: {reason}", printable(&name, 200)),
            }
        }
        found
    }

    /// The images that the user's name names.
    async fn of_name(&self, name: &RemoteName) -> Result<Vec<RemoteImage>, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let AccessContext { store, catalog, .. } = self.access;
        let target = name.locate(store, catalog, self.in_use, Use::Reads).await.map_err(|error| text(&error))?;
        let opening = Opening::new(self.access, self.client, target, Intent::Pull, self.insecure).await;
        let mut session = opening.map_err(|error| text(&error))?.login().await.map_err(|error| text(&error))?;
        session.authenticate().await.map_err(|error| text(&error))?;
        let (repository, image) = (session.repository.clone(), session.target.image.clone());
        session.renewing(images::of_reference(&repository, &image)).await
    }

    /// Keeps a configuration that a registry has, where it is the one of our image and would have to come with the
    /// layers.
    fn keep_configuration(&self, image: &Image, images: &[RemoteImage]) {
        let Image::Layers { config: ImageConfig::InFeed { id }, .. } = image else { return };
        if let Some(same) = images.iter().find(|image| image.config_digest() == id) {
            let _ = self.access.store.as_cache(self.access.store.cache_config(None, &same.config));
        }
    }

    /// Remembers proved blobs, so that they are proved once on this machine.
    fn remember(&self, proved: &[Claim]) {
        let key = self.compression.proved_key();
        let store = self.access.store;
        let layers = proved.iter().map(|claim| (&claim.diff_id, &claim.blob));
        let _ = store.as_cache(store.cache_layers(key, layers));
    }
}

/// The diff id of a layer whose blob is not known.
fn unknown<'a>(layer: &'a Layer, known: &Known) -> Option<&'a Digest> {
    match layer {
        Layer::Tar { diff_id, .. } if !known.contains_key(&layer.key()) => Some(diff_id),
        Layer::Tar { .. } | Layer::Blob(_) => None,
    }
}

/// Whether an image in a registry has the configuration of ours.
fn is_same(image: &Image, found: &RemoteImage) -> bool {
    match image {
        Image::Layers { config: ImageConfig::Known(config), .. } => Digest::of(config) == *found.config_digest(),
        Image::Layers { config: ImageConfig::InFeed { id }, .. } => id == found.config_digest(),
        Image::Stored { .. } | Image::Index(_) => false,
    }
}

/// An answer that comes in time.
async fn within<T>(question: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    match tokio::time::timeout(LONGEST_QUESTION, question).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("it has not answered within {} s", LONGEST_QUESTION.as_secs())),
    }
}
