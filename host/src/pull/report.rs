//! The result of a pull, as `--output json` shows it.

use indicatif::HumanBytes;
use serde::Serialize;

use crate::image::{Descriptor, Digest, Tag};
use crate::store::Name;
use crate::text::Printable;

/// A pull that ended well. Serialised, it is the document of `--output json`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The image's name: host and repository.
    pub(crate) name: String,
    /// The tag of that name, if it was pulled by one.
    pub(crate) tag: Option<Tag>,
    /// The digest of the manifest or index that was pulled.
    pub(crate) digest: Digest,
    /// The digest of the index that the image was chosen of.
    pub(crate) index: Option<Digest>,
    /// The media type of the manifest or index that was pulled.
    pub(crate) media_type: String,
    /// The platform of the image, such as `linux/arm64`, where the index that it was chosen of names one.
    pub(crate) platform: Option<String>,
    /// The registry's name; absent for one that is not registered.
    pub(crate) registry: Option<Name>,
    /// Where the image is now: a path with its kind, such as `oci:out`, `daemon`, or `-` for standard output.
    pub(crate) destination: String,
    /// The image's names there.
    pub(crate) names: Vec<String>,
    /// Whether nothing was received because of `--dry-run`.
    pub(crate) dry_run: bool,
    /// The layers, lowest first; those of an index, each once.
    pub(crate) layers: Vec<LayerReport>,
    /// The bytes of the layers that were received.
    pub(crate) bytes_received: u64,
    /// How long the pull took, in seconds, to the millisecond.
    pub(crate) seconds: f64,
}

/// A layer of a pull.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LayerReport {
    /// The blob's digest.
    pub(crate) digest: Digest,
    /// The blob's size in bytes.
    pub(crate) size: u64,
    /// Its outcome.
    pub(crate) outcome: Outcome,
}

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Printable)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It was received.
    Pulled,
    /// The destination had it, which was verified.
    Present,
    /// It would be received, in a dry run.
    Missing,
    /// It is stored elsewhere, at the manifest's URLs.
    Foreign,
}

impl LayerReport {
    /// A layer with its outcome.
    pub(super) fn new(layer: &Descriptor, outcome: Outcome) -> Self {
        Self { digest: layer.digest.clone(), size: layer.size, outcome }
    }
}

impl Report {
    /// The pull in one line, for people.
    pub(crate) fn summary(&self) -> String {
        let name = match &self.tag {
            Some(tag) => format!("{}:{tag}", self.name),
            None => format!("{}@{}", self.name, self.digest),
        };
        let skipped = self.layers.iter().filter(|layer| layer.outcome != Outcome::Pulled).count();
        let layers = if skipped == 1 { "layer" } else { "layers" };
        let skipped = if skipped == 0 { String::new() } else { format!(" {skipped} {layers} skipped,") };
        let (bytes, seconds) = (HumanBytes(self.bytes_received), self.seconds);
        format!("pulled {name} into {}: {bytes} received,{skipped} {seconds:.1} s", self.destination)
    }
}
