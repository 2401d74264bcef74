//! From the host's own types to the contract's: the parameters of `admit`.

use std::collections::BTreeMap;

use super::bindings::exports::crhost::flavor::admission as wit;
use crate::flavor::model::{
    Action, Evidence, HistoryEntry, ImageEvidence, LayerEvidence, Removal, SignatureEvidence, Subject,
};
use crate::image::Digest;

/// What is about to happen.
pub(super) fn subject(subject: &Subject, options: &[(String, String)]) -> wit::Subject {
    wit::Subject {
        action: match subject.action {
            Action::Push => wit::Action::Push,
            Action::Copy => wit::Action::Copy,
            Action::Delete => wit::Action::Delete,
        },
        reference: subject.reference.clone(),
        host: subject.host.clone(),
        repository: subject.repository.clone(),
        tags: subject.tags.clone(),
        digest: digest(subject.digest.as_ref()),
        media_type: subject.media_type.clone(),
        registry: subject.registry.clone(),
        options: options.to_vec(),
    }
}

/// What the host knows.
pub(super) fn evidence(evidence: &Evidence) -> wit::Evidence {
    wit::Evidence {
        source: evidence.source.clone(),
        index: evidence.index.clone(),
        annotations: pairs(&evidence.annotations),
        images: evidence.images.iter().map(image).collect(),
        signatures: evidence.signatures.iter().map(signature).collect(),
        removals: evidence.removals.iter().map(removal).collect(),
    }
}

fn image(image: &ImageEvidence) -> wit::ImageEvidence {
    wit::ImageEvidence {
        platform: image.platform.clone(),
        digest: digest(image.digest.as_ref()),
        media_type: image.media_type.clone(),
        manifest: image.manifest.clone(),
        configuration: image.configuration.clone(),
        layers: image.layers.iter().map(layer).collect(),
        history: image.history.iter().map(history_entry).collect(),
        labels: pairs(&image.labels),
        environment: image.environment.clone(),
        user: image.user.clone(),
        annotations: pairs(&image.annotations),
        base: image.base.as_ref().map(|base| wit::BaseImage { name: base.name.clone(), digest: base.digest.clone() }),
    }
}

fn layer(layer: &LayerEvidence) -> wit::Layer {
    wit::Layer {
        media_type: layer.media_type.clone(),
        digest: digest(layer.digest.as_ref()),
        size: layer.size,
        diff_id: digest(layer.diff_id.as_ref()),
    }
}

fn history_entry(entry: &HistoryEntry) -> wit::HistoryEntry {
    wit::HistoryEntry {
        created: entry.created.clone(),
        created_by: entry.created_by.clone(),
        comment: entry.comment.clone(),
        empty_layer: entry.empty_layer,
    }
}

fn signature(signature: &SignatureEvidence) -> wit::Signature {
    wit::Signature {
        digest: signature.digest.to_string(),
        verified: signature.verified,
        signer: signature.signer.clone(),
    }
}

fn removal(removal: &Removal) -> wit::Removal {
    wit::Removal {
        reference: removal.reference.clone(),
        digest: digest(removal.digest.as_ref()),
        tags: removal.tags.clone(),
        media_type: removal.media_type.clone(),
    }
}

fn digest(digest: Option<&Digest>) -> Option<String> {
    digest.map(ToString::to_string)
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}
