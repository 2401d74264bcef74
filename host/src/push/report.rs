//! The result of a push: the table, `--output json` and the files of `--digest-file` and `--metadata-file` all show
//! this one type.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::HumanBytes;
use serde::Serialize;

use super::inventory::{Inventory, Outcome};
use super::published::Published;
use crate::image::{Digest, Tag, media_type};
use crate::policy::Warning;
use crate::registry::Target;
use crate::signature::PAYLOAD_TYPE;
use crate::source::{Image, Layer};
use crate::store::Name;
use crate::supply_chain::{Attached, Signed};
use crate::text::Escaped;

/// A push that ended well. Serialised, it is the document of `--output json`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The image's name: host and repository.
    pub(crate) name: String,
    /// The tag of that name.
    pub(crate) tag: Option<Tag>,
    /// All tags that have the image now.
    pub(crate) tags: Vec<Tag>,
    /// The manifest's digest, which the registry has confirmed; absent for a dry run in which layers would be
    /// compressed.
    pub(crate) digest: Option<Digest>,
    /// The registry's name; absent for one that is not registered.
    pub(crate) registry: Option<Name>,
    /// The manifest's media type.
    pub(crate) media_type: String,
    /// Whether all tags had the image before.
    pub(crate) unchanged: bool,
    /// Whether nothing was uploaded because of `--dry-run`.
    pub(crate) dry_run: bool,
    /// The layers, lowest first; those of an index, each once.
    pub(crate) layers: Vec<LayerReport>,
    /// The bytes of the layers that were sent.
    pub(crate) bytes_sent: u64,
    /// The number of layers that were not sent, because the registry had or mounted them or they are stored elsewhere.
    pub(crate) layers_skipped: usize,
    /// What the push attached to the image, and its signature, or found there as it would have made it.
    pub(crate) referrers: Vec<Referrer>,
    /// What policies warned of.
    pub(crate) policy_warnings: Vec<Warning>,
    /// How long the push took, in seconds, to the millisecond.
    pub(crate) seconds: f64,
    /// The manifest's size in bytes, if `digest` is known.
    #[serde(skip)]
    pub(crate) size: Option<u64>,
    /// The digest of the image's configuration, if `digest` is known; an index has none.
    #[serde(skip)]
    pub(crate) config: Option<Digest>,
}

/// A layer of a push.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LayerReport {
    /// The blob's digest; in a dry run, the diff id of a layer that would be compressed.
    pub(crate) digest: Digest,
    /// The blob's size in bytes, if it is known.
    pub(crate) size: Option<u64>,
    /// Whether the outcome is `uploaded`.
    pub(crate) uploaded: bool,
    /// Its outcome.
    pub(crate) outcome: Outcome,
    /// How this push has compressed it, such as `gzip:1`, or `gzip:1, gzip:6 from 24 MiB`; absent for one that it has
    /// not compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compression: Option<String>,
}

/// Something that belongs to the image that was pushed: a signature, or a file such as an SBOM or a scanner's report.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Referrer {
    /// The digest of its manifest.
    pub(crate) digest: Digest,
    /// What it is, such as `application/spdx+json`; of a signature, the type of its payload.
    pub(crate) artifact_type: String,
    /// The file that was attached, without its directory; absent for a signature.
    pub(crate) file: Option<String>,
    /// The tag under which cosign looks for it; absent for a file.
    pub(crate) tag: Option<Tag>,
    /// Whether it was there before.
    pub(crate) unchanged: bool,
}

impl Referrer {
    /// A file that was attached.
    pub(super) fn of_file(path: &Path, attached: Attached) -> Self {
        let file = path.file_name().map(|name| Escaped::from(Path::new(name)).to_string());
        let Attached { manifest, artifact_type, unchanged } = attached;
        Self { digest: manifest.digest, artifact_type, file, tag: None, unchanged }
    }

    /// A signature.
    pub(super) fn of_signature(signed: Signed) -> Self {
        let Signed { manifest, tag, unchanged, .. } = signed;
        Self { digest: manifest, artifact_type: PAYLOAD_TYPE.to_owned(), file: None, tag: Some(tag), unchanged }
    }
}

impl Report {
    /// A push that sent the missing parts.
    pub(super) fn pushed(target: &Target, tags: Vec<Tag>, published: &Published, layers: Vec<LayerReport>) -> Self {
        Self::new(target, tags, Some(published), layers)
    }

    /// A push that found the image under all tags.
    pub(super) fn unchanged(target: &Target, tags: Vec<Tag>, published: &Published) -> Self {
        let outcome = |urls: &[String]| if urls.is_empty() { Outcome::Present } else { Outcome::Foreign };
        let layers = published.layers.iter();
        let layers = layers.map(|blob| LayerReport::new(blob.digest.clone(), Some(blob.size), outcome(&blob.urls)));
        let layers = layers.collect();
        Self { unchanged: true, ..Self::new(target, tags, Some(published), layers) }
    }

    /// A push that only asked; `published` is known if no layer would be compressed.
    pub(super) fn dry_run(
        target: &Target,
        tags: Vec<Tag>,
        published: Option<&Published>,
        layers: Vec<LayerReport>,
    ) -> Self {
        Self { dry_run: true, ..Self::new(target, tags, published, layers) }
    }

    fn new(target: &Target, tags: Vec<Tag>, published: Option<&Published>, layers: Vec<LayerReport>) -> Self {
        // A layer that an image has several times is sent once.
        let sent: BTreeMap<&str, u64> = layers
            .iter()
            .filter(|layer| layer.uploaded)
            .filter_map(|layer| Some((layer.digest.as_str(), layer.size?)))
            .collect();
        let media_type = published.map_or(media_type::OCI_MANIFEST, |published| published.media_type.as_str());
        Self {
            name: target.image.name(),
            tag: target.image.tag().cloned(),
            tags,
            digest: published.map(Published::digest),
            registry: target.registered.then(|| target.registry.name.clone()),
            media_type: media_type.to_owned(),
            unchanged: false,
            dry_run: false,
            bytes_sent: sent.values().sum(),
            layers_skipped: layers.iter().filter(|layer| layer.outcome.is_skipped()).count(),
            referrers: Vec::new(),
            policy_warnings: Vec::new(),
            seconds: 0.0,
            layers,
            size: published.map(|published| published.bytes.len() as u64),
            config: published.and_then(|published| published.config.clone()),
        }
    }
}

impl Report {
    /// The push in one line, for people: its tags, the bytes sent, the layers that were not, the time.
    pub(crate) fn summary(&self) -> String {
        let further = self.tags.iter().filter(|tag| Some(*tag) != self.tag.as_ref());
        let first = self.tag.iter().map(|tag| format!("{}:{tag}", self.name));
        let names: Vec<String> = first.chain(further.map(ToString::to_string)).collect();
        let name = if self.tag.is_none() && names.is_empty() { self.name.clone() } else { names.join(", ") };
        let layers = if self.layers_skipped == 1 { "layer" } else { "layers" };
        let skipped = match self.layers_skipped {
            0 => String::new(),
            skipped => format!(" {skipped} {layers} skipped,"),
        };
        format!("pushed {name}: {} sent,{skipped} {:.1} s", HumanBytes(self.bytes_sent), self.seconds)
    }
}

impl LayerReport {
    /// A layer with its outcome.
    pub(super) fn new(digest: Digest, size: Option<u64>, outcome: Outcome) -> Self {
        Self { digest, size, uploaded: outcome == Outcome::Uploaded, outcome, compression: None }
    }

    /// The layers of an image, as far as the registry has them.
    pub(super) fn of_image(image: &Image, inventory: &Inventory) -> Vec<Self> {
        let report = |layer: Layer| match (inventory.get(&layer.key()), layer) {
            (Some((blob, outcome)), layer) => Self {
                compression: inventory.compression(&layer.key()).map(str::to_owned),
                ..Self::new(blob.digest.clone(), Some(blob.size), outcome)
            },
            (None, Layer::Blob(blob)) => {
                let outcome = if blob.urls.is_empty() { Outcome::Missing } else { Outcome::Foreign };
                Self::new(blob.digest, Some(blob.size), outcome)
            }
            (None, Layer::Tar { diff_id, .. }) => Self::new(diff_id, None, Outcome::Missing),
        };
        image.layers().into_iter().map(report).collect()
    }
}
