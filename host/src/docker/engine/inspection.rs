//! What a daemon tells about an image.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::image::{Digest, DigestError, Platform};
use crate::json;

/// An image in the daemon's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalImage {
    /// The daemon's id: with the classic image store the digest of the configuration, with containerd's the digest of
    /// the manifest or index.
    pub(crate) id: Digest,
    /// The digests of the layers' uncompressed bytes, lowest layer first; empty for an image without layers.
    pub(crate) diff_ids: Vec<Digest>,
    /// The platform that it runs on, as far as the daemon tells.
    pub(crate) platform: Platform,
    /// The daemon's name of its storage driver, such as `overlay2` or `overlayfs`, if the daemon tells it.
    pub(crate) driver: Option<String>,
    /// Its names in the daemon, with a tag or a digest.
    pub(crate) names: Vec<String>,
    /// The settings of its configuration.
    pub(crate) settings: ImageSettings,
}

/// Settings of an image's configuration, as a daemon tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ImageSettings {
    /// The user that it runs as.
    #[serde(rename = "User")]
    pub(crate) user: Option<String>,
    /// Names of the environment variables that it sets.
    #[serde(rename = "Env")]
    pub(crate) environment: Vec<String>,
    /// Labels.
    #[serde(rename = "Labels")]
    pub(crate) labels: BTreeMap<String, String>,
}

/// What a daemon tells about an image, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Inspection {
    #[serde(deserialize_with = "json::non_empty")]
    id: Option<String>,
    #[serde(deserialize_with = "json::non_empty")]
    os: Option<String>,
    #[serde(deserialize_with = "json::non_empty")]
    architecture: Option<String>,
    #[serde(deserialize_with = "json::non_empty")]
    variant: Option<String>,
    #[serde(rename = "RootFS")]
    root_fs: RootFs,
    graph_driver: GraphDriver,
    #[serde(deserialize_with = "json::if_valid")]
    repo_tags: Option<Vec<String>>,
    #[serde(deserialize_with = "json::if_valid")]
    repo_digests: Option<Vec<String>>,
    #[serde(rename = "Config", deserialize_with = "json::if_valid")]
    settings: Option<ImageSettings>,
}

/// The layers of an image.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RootFs {
    layers: Vec<String>,
}

/// The storage driver that keeps an image.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct GraphDriver {
    #[serde(deserialize_with = "json::non_empty")]
    name: Option<String>,
}

impl ImageSettings {
    /// The settings with the names of the environment variables alone: values may be secret.
    fn without_values(mut self) -> Self {
        let name = |line: &str| line.split_once('=').map_or(line, |(name, _)| name).to_owned();
        self.environment = self.environment.iter().map(|line| name(line)).collect();
        self
    }
}

impl LocalImage {
    /// The image, as far as it matters here.
    ///
    /// # Errors
    /// In words, if its id or a layer is not told, or is no digest.
    pub(super) fn from_inspection(found: Inspection) -> Result<Self, String> {
        // Some daemons leave the algorithm out.
        let digest = |text: &str| {
            Digest::from_hex(text).or_else(|_| text.parse()).map_err(|error: DigestError| error.to_string())
        };
        Ok(Self {
            id: digest(&found.id.ok_or("it does not tell the image's id")?)?,
            diff_ids: found.root_fs.layers.iter().map(|layer| digest(layer)).collect::<Result<_, _>>()?,
            platform: Platform::new(
                found.os.unwrap_or_default(),
                found.architecture.unwrap_or_default(),
                found.variant,
            ),
            driver: found.graph_driver.name,
            names: named(found.repo_tags).chain(named(found.repo_digests)).collect(),
            settings: found.settings.unwrap_or_default().without_values(),
        })
    }
}

/// The names of a list, in which old daemons write `<none>:<none>` for an image without any.
fn named(names: Option<Vec<String>>) -> impl Iterator<Item = String> {
    names.unwrap_or_default().into_iter().filter(|name| !name.contains("<none>"))
}
