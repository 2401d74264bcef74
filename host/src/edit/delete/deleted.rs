//! What was deleted, or would be.

use serde::Serialize;

use crate::image::{Digest, Tag};
use crate::inspect::Kind;

/// What is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deletion {
    /// A manifest or an index, with all of its tags.
    Manifest,
    /// Tags alone.
    Tag,
}

/// What was deleted, or would be.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deleted {
    /// The repository, with its host.
    pub(crate) name: String,
    /// The digest of the manifest or index.
    pub(crate) digest: Digest,
    /// What that is.
    pub(crate) kind: Kind,
    /// Whether it goes, or tags alone.
    pub(crate) deletion: Deletion,
    /// The tags that go.
    pub(crate) tags: Vec<Tag>,
    /// Other tags of the same manifest, which stay with it.
    pub(crate) shared_with: Vec<Tag>,
    /// Whether these are all; not every registry lists its tags to every user.
    pub(crate) all_tags_known: bool,
    /// Tags of indexes that name the manifest, and would name nothing there: it is not deleted then.
    pub(crate) part_of: Vec<Tag>,
    /// Signatures and other things that belong to the manifest, and to these; they stay, and belong to nothing that is
    /// there then.
    pub(crate) referrers: Vec<Digest>,
    /// Whether nothing was deleted, as it was only asked what would be.
    pub(crate) dry_run: bool,
}
