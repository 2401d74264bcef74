//! The report of a push, for people and as JSON.

use serde::Serialize;

use super::super::output;
use crate::push::{Outcome, Pushed, PushedLayer};

/// The result of a push.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Report {
    /// The image's whole name, without a tag.
    name: String,
    /// The first of its tags.
    tag: Option<String>,
    /// All tags that the image has now.
    tags: Vec<String>,
    /// The digest of the manifest or index; null for a dry run whose layers would have to be compressed first.
    digest: Option<String>,
    /// The registry's name.
    registry: String,
    /// The media type of the manifest or index.
    media_type: String,
    /// Whether all tags had this image before.
    unchanged: bool,
    /// Whether this was a dry run, which uploads nothing.
    dry_run: bool,
    /// The layers, lowest first.
    layers: Vec<Layer>,
}

/// A layer of a push.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Layer {
    /// The blob's digest; in a dry run, the digest in the source.
    digest: String,
    /// The blob's size in bytes, if it is known.
    size: Option<u64>,
    /// Whether it was uploaded.
    uploaded: bool,
    /// Its outcome.
    outcome: LayerOutcome,
}

/// The outcome of a layer.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum LayerOutcome {
    /// It was uploaded.
    Uploaded,
    /// The registry had it.
    Present,
    /// The registry mounted it from another of its repositories.
    Mounted,
    /// It is stored elsewhere, as the manifest says.
    Foreign,
    /// It is missing in the registry; only in a dry run.
    Missing,
}

impl LayerOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Present => "present",
            Self::Mounted => "mounted",
            Self::Foreign => "foreign",
            Self::Missing => "missing",
        }
    }
}

impl From<Outcome> for LayerOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Uploaded => Self::Uploaded,
            Outcome::Present => Self::Present,
            Outcome::Mounted => Self::Mounted,
            Outcome::Foreign => Self::Foreign,
            Outcome::Missing => Self::Missing,
        }
    }
}

impl Report {
    /// The report of a push that ended well.
    pub(super) fn new(pushed: &Pushed) -> Self {
        let image = &pushed.target.image;
        Self {
            name: image.name(),
            tag: image.tag().map(ToString::to_string),
            tags: pushed.tags.iter().map(ToString::to_string).collect(),
            digest: pushed.digest.as_ref().map(ToString::to_string),
            registry: pushed.target.registry.name.to_string(),
            media_type: pushed.media_type.clone(),
            unchanged: pushed.unchanged,
            dry_run: pushed.dry_run,
            layers: pushed.layers.iter().map(Layer::new).collect(),
        }
    }
}

impl Layer {
    fn new(layer: &PushedLayer) -> Self {
        let outcome = layer.outcome.into();
        Self {
            digest: layer.digest.to_string(),
            size: layer.size,
            uploaded: outcome == LayerOutcome::Uploaded,
            outcome,
        }
    }
}

/// Shows the image's name and digest on standard output, and the layers of a dry run on standard error.
pub(super) fn show(pushed: &Pushed, quiet: bool) {
    if pushed.dry_run && !quiet {
        for PushedLayer { digest, outcome, .. } in &pushed.layers {
            output::say_line(&format!("{digest} {}", LayerOutcome::from(*outcome).as_str()));
        }
        output::say_line("dry run: nothing was uploaded");
    }
    let image = &pushed.target.image;
    match &pushed.digest {
        Some(digest) => output::print(&format!("{}@{digest}", image.name())),
        None => output::print(&image.to_string()),
    }
}
