//! What a push tells while it works, for whoever shows it.

use serde::Serialize;

use crate::image::{Digest, Repository};

/// Something that happened. Layers go by a number, since the digest of some is only known at their end.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Event {
    /// The push has found out where to, and under which name.
    Target {
        /// The image's whole name there.
        image: String,
        /// The registry's name.
        registry: String,
    },
    /// Something that the flavor wants the person to know.
    Note {
        /// The flavor's name.
        flavor: String,
        /// What it says.
        note: String,
    },
    /// A layer that the registry has.
    Present {
        /// Its digest.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// A layer that the registry took over from another of its repositories.
    Mounted {
        /// Its digest.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
        /// The other repository.
        from: Repository,
    },
    /// A layer that lives elsewhere, as the manifest says: it is not sent.
    Foreign {
        /// Its digest.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// The push has found out what has to be sent.
    Planned {
        /// How many layers.
        layers: usize,
        /// How many bytes will be read for them, where the source knows that.
        bytes: Option<u64>,
    },
    /// The registry has this very image under all tags already: nothing is sent.
    Unchanged {
        /// The image's whole name there.
        image: String,
    },
    /// A layer starts, for the first time or again.
    Started {
        /// Its number.
        layer: usize,
        /// How many bytes will be read.
        size: u64,
    },
    /// More of a layer was read.
    Read {
        /// Its number.
        layer: usize,
        /// How many bytes more.
        bytes: u64,
    },
    /// A layer has to be sent again.
    Again {
        /// Its number; none for several.
        layer: Option<usize>,
        /// When, and why.
        what: String,
    },
    /// A layer is in the registry.
    Uploaded {
        /// Its number.
        layer: usize,
        /// The blob's digest.
        digest: Digest,
        /// The blob's size in bytes.
        size: u64,
    },
}

/// Shows events; called from many tasks, and must not block.
pub(crate) trait Progress: Send + Sync {
    /// Takes notice.
    fn event(&self, event: Event);
}
