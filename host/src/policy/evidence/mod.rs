//! Evidence from manifests and configurations, as sources and registries have them.
//!
//! A document that can't be understood gives no facts, and its text is in the evidence all the same: what the registry
//! would store is what the policy sees.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::flavor::{BaseImage, Evidence, HistoryEntry, ImageEvidence, LayerEvidence};
use crate::image::{Config, Digest, Index, Manifest, Platform, media_type};
use crate::json;
use crate::source::{Image, ImageConfig, InDaemon, Layer, Source};

/// Annotations of the base (OCI image specification, "Pre-Defined Annotation Keys").
const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// The part of manifests and indexes that they have in common.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotated {
    annotations: BTreeMap<String, String>,
}

/// The parts of a configuration that policies ask for (OCI image specification, "Image JSON").
#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "json::if_valid")]
    config: Option<Settings>,
    #[serde(deserialize_with = "json::if_valid")]
    history: Option<Vec<Entry>>,
}

/// How a container of an image runs.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Settings {
    user: Option<String>,
    env: Vec<String>,
    labels: BTreeMap<String, String>,
}

/// An entry of the history.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    created: Option<String>,
    created_by: Option<String>,
    comment: Option<String>,
    empty_layer: bool,
}

impl Evidence {
    /// The evidence of an image in the form in which a source has it.
    #[cfg_attr(not(test), expect(dead_code, reason = "for copies"))]
    #[must_use]
    pub(crate) fn of_image(image: &Image) -> Self {
        Self::of_parts(image, None, None)
    }

    /// The evidence of a source's image. `known_config` is its configuration where the source does not tell it before
    /// the layers; without it, the Docker daemon's own words count.
    #[must_use]
    pub(crate) fn of_source(source: &Source, known_config: Option<&[u8]>) -> Self {
        Self::of_parts(source.image(), known_config, source.in_daemon())
    }

    fn of_parts(image: &Image, known_config: Option<&[u8]>, in_daemon: Option<&InDaemon>) -> Self {
        match image {
            Image::Stored { manifest, config } => {
                Self::of_manifest(&manifest.media_type, &manifest.bytes, Some(config))
            }
            Image::Layers { config, layers } => {
                let config = match config {
                    ImageConfig::Known(config) => Some(&**config),
                    ImageConfig::InFeed { .. } => known_config,
                };
                let mut image =
                    ImageEvidence { layers: layers.iter().map(layer).collect(), ..ImageEvidence::default() };
                match (config, in_daemon) {
                    (Some(config), _) => image.configure(config),
                    (None, Some(daemon)) => image.describe(daemon),
                    (None, None) => {}
                }
                Self { images: vec![image], ..Self::default() }
            }
            Image::Index(index) => {
                let evidence = Self::of_manifest(&index.media_type, &index.bytes, None);
                let platforms = platforms(&index.bytes);
                let children = index.children.iter().filter(|child| !is_index(&child.media_type));
                let children = children.map(|child| {
                    let config = child.config.as_ref().map(|(_, bytes)| &**bytes);
                    image_of(&child.media_type, &child.bytes, config, &platforms)
                });
                Self { images: children.collect(), ..evidence }
            }
        }
    }

    /// The evidence of a manifest with its configuration, or of an index, whose images [`Evidence::with_child`] adds.
    #[must_use]
    pub(crate) fn of_manifest(media_type: &str, bytes: &[u8], config: Option<&[u8]>) -> Self {
        if !is_index(media_type) {
            let image = image_of(media_type, bytes, config, &BTreeMap::new());
            return Self { images: vec![image], ..Self::default() };
        }
        let Annotated { annotations } = json::read(bytes).unwrap_or_default();
        Self { index: Some(text(bytes)), annotations, ..Self::default() }
    }

    /// The evidence of an index with an image of it.
    #[must_use]
    pub(crate) fn with_child(mut self, media_type: &str, bytes: &[u8], config: Option<&[u8]>) -> Self {
        let platforms = self.index.as_ref().map(|index| platforms(index.as_bytes())).unwrap_or_default();
        if !is_index(media_type) {
            self.images.push(image_of(media_type, bytes, config, &platforms));
        }
        self
    }
}

impl ImageEvidence {
    /// Adds what a configuration says.
    fn configure(&mut self, config: &[u8]) {
        self.configuration = std::str::from_utf8(config).ok().map(str::to_owned);
        let Details { config: settings, history } = json::read(config).unwrap_or_default();
        let Settings { user, env, labels } = settings.unwrap_or_default();
        let history = history.unwrap_or_default().into_iter();
        self.history = history
            .map(|Entry { created, created_by, comment, empty_layer }| HistoryEntry {
                created,
                created_by,
                comment,
                empty_layer,
            })
            .collect();
        self.set(user, env, labels);
        let Ok(config) = Config::parse(config) else { return };
        self.platform = self.platform.take().or_else(|| config.platform().map(|platform| platform.to_string()));
        // A list of another length belongs to other layers.
        if config.rootfs.diff_ids.len() == self.layers.len() {
            for (layer, diff_id) in self.layers.iter_mut().zip(config.rootfs.diff_ids) {
                // Where the source knows it, it is proved while the layer is read.
                layer.diff_id.get_or_insert(diff_id);
            }
        }
    }

    /// Adds what the daemon tells of an image whose configuration comes with its layers.
    fn describe(&mut self, daemon: &InDaemon) {
        let image = &daemon.image;
        self.platform = Some(image.platform.to_string());
        let settings = image.settings.clone();
        self.set(settings.user, settings.environment, settings.labels);
    }

    fn set(&mut self, user: Option<String>, environment: Vec<String>, labels: BTreeMap<String, String>) {
        self.user = user.filter(|user| !user.is_empty());
        self.environment = environment.into_iter().map(|line| name_of(&line).to_owned()).collect();
        self.labels = labels;
        self.base = base(&self.annotations).or_else(|| base(&self.labels));
    }
}

/// The name in `NAME=VALUE`.
fn name_of(line: &str) -> &str {
    line.split_once('=').map_or(line, |(name, _)| name)
}

fn base(facts: &BTreeMap<String, String>) -> Option<BaseImage> {
    let (name, digest) = (facts.get(BASE_NAME).cloned(), facts.get(BASE_DIGEST).cloned());
    (name.is_some() || digest.is_some()).then_some(BaseImage { name, digest })
}

fn is_index(media_type: &str) -> bool {
    matches!(media_type, media_type::OCI_INDEX | media_type::DOCKER_LIST)
}

/// A document of JSON as text; bytes that are no UTF-8 are replaced, which no valid JSON has.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The platforms of an index, by the digests of its manifests.
fn platforms(index: &[u8]) -> BTreeMap<Digest, Platform> {
    let index = Index::parse(index).map(|index| index.manifests).unwrap_or_default();
    index.into_iter().filter_map(|entry| Some((entry.digest, entry.platform?))).collect()
}

fn image_of(
    media_type: &str,
    bytes: &[u8],
    config: Option<&[u8]>,
    platforms: &BTreeMap<Digest, Platform>,
) -> ImageEvidence {
    let digest = Digest::of(bytes);
    let Annotated { annotations } = json::read(bytes).unwrap_or_default();
    let layers = Manifest::parse(bytes).map(|manifest| manifest.layers).unwrap_or_default();
    let mut image = ImageEvidence {
        platform: platforms.get(&digest).map(ToString::to_string),
        digest: Some(digest),
        media_type: Some(media_type.to_owned()),
        manifest: Some(text(bytes)),
        layers: layers.into_iter().map(|blob| layer(&Layer::Blob(blob))).collect(),
        base: base(&annotations),
        annotations,
        ..ImageEvidence::default()
    };
    if let Some(config) = config {
        image.configure(config);
    }
    image
}

fn layer(layer: &Layer) -> LayerEvidence {
    match layer {
        Layer::Blob(blob) => LayerEvidence {
            media_type: Some(blob.media_type.clone()),
            digest: Some(blob.digest.clone()),
            size: Some(blob.size),
            diff_id: None,
        },
        Layer::Tar { diff_id, size } => {
            LayerEvidence { diff_id: Some(diff_id.clone()), size: *size, ..LayerEvidence::default() }
        }
    }
}

#[cfg(test)]
mod tests;
