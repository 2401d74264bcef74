//! The manner of a transfer: what a user chose beside the image and its place.

use std::collections::HashMap;

use super::compress::Compression;
use super::evidence::Evidence;
use super::layers::UploadSlots;
use super::plan::Known;
use super::request::Request;
use crate::image::{Descriptor, Repository, Tag};
use crate::source::LayerKey;

/// How an image or index goes into a repository.
#[derive(Clone)]
pub(crate) struct Manner {
    /// Further tags beside that of the image's own name there.
    pub(crate) tags: Vec<Tag>,
    /// Whether a tag that names this image already is left alone, however its layers are compressed there.
    pub(crate) if_changed: bool,
    /// Whether nothing is uploaded.
    pub(crate) dry_run: bool,
    /// The compression of layers that the source has uncompressed.
    pub(crate) compression: Compression,
    /// What is done with the image in its registry before any tag moves.
    pub(crate) evidence: Evidence,
    /// What limits the layers that are sent at once; shared by all transfers that go on side by side.
    pub(crate) slots: UploadSlots,
    /// A repository of the same registry that has all blobs and that the same credentials open: the first one that
    /// mounts are tried from.
    pub(crate) mount_from: Option<Repository>,
    /// The blobs that are known before any layer is read, where registries have to agree on them; else each transfer
    /// looks up its own.
    pub(crate) known: Option<Known>,
    /// Blobs that the registry has of layers that this machine has not pushed.
    pub(crate) found: HashMap<LayerKey, Descriptor>,
}

impl Manner {
    /// The manner of a push.
    pub(super) fn of(request: &Request) -> Self {
        Self {
            tags: request.tags.clone(),
            if_changed: request.if_changed,
            dry_run: request.dry_run,
            compression: request.compression,
            evidence: request.evidence.clone(),
            slots: UploadSlots::new(request.jobs),
            mount_from: None,
            known: None,
            found: HashMap::new(),
        }
    }
}
