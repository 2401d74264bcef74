//! The events of a push, and of a pull, which has layers as well.

use std::sync::Arc;

use serde::Serialize;

use super::inventory::Outcome;
use crate::image::{Digest, Repository};
use crate::text::{Escaped, Printable};

/// An event. Layers have numbers, because the digests of some are only known at their end.
#[derive(Debug, Clone, Serialize, Printable)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Event {
    /// The registry and the image's name there are known.
    Target {
        /// The image's whole name.
        image: Escaped,
        /// The registry's name; its URI if it is not registered.
        registry: Escaped,
    },
    /// The registry that an image is pulled from is known.
    Source {
        /// The image's whole name.
        image: Escaped,
        /// The registry's name; its URI if it is not registered.
        registry: Escaped,
    },
    /// What is used for a registry that is not registered.
    Unregistered {
        /// The flavor's name.
        flavor: Escaped,
        /// The registry's URI.
        uri: Escaped,
        /// Whose credentials, and where they are from; none without credentials.
        credentials: Option<Escaped>,
    },
    /// A note of the flavor for the user.
    Note {
        /// The flavor's name.
        flavor: Escaped,
        /// Its text.
        note: Escaped,
    },
    /// A layer that is where the image goes.
    Present {
        /// Its digest.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// A layer that the registry mounted from another of its repositories.
    Mounted {
        /// Its digest.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
        /// The other repository.
        from: Repository,
    },
    /// A layer that is stored elsewhere, at the manifest's URLs, and not sent.
    Foreign {
        /// Its digest.
        digest: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// The layers to be sent are known.
    Planned {
        /// Their number.
        layers: usize,
        /// The bytes that will be read for them, if the source knows them.
        bytes: Option<u64>,
    },
    /// A tag has this image already. Sent for each tag, and nothing else follows.
    Unchanged {
        /// The image's whole name.
        image: Escaped,
    },
    /// A try to send a layer begins.
    Started {
        /// Its number.
        layer: usize,
        /// The bytes that will be read.
        size: u64,
        /// The blob's digest, if it is known before the layer is compressed.
        #[serde(skip_serializing_if = "Option::is_none")]
        digest: Option<Digest>,
    },
    /// Bytes of a layer were given to the connection.
    Sent {
        /// Its number.
        layer: usize,
        /// Bytes of the blob so far, from its first one.
        bytes: u64,
        /// The bytes of the source that these are made of.
        source: u64,
    },
    /// A layer, or another request, will be sent again after a failure.
    Again {
        /// The layer's number; none for several, and for another request.
        layer: Option<usize>,
        /// The wait, and the failure.
        what: Escaped,
        /// Whether people were told of the same cause a moment ago.
        #[serde(skip)]
        is_told: bool,
    },
    /// A layer is in the registry, in the words of the Docker daemon, which sends it.
    Settled {
        /// Its number.
        layer: usize,
        /// The daemon's short name for it: the start of its digest, compressed or not.
        id: Escaped,
        /// What became of it.
        outcome: Outcome,
        /// Its bytes, if the daemon told them.
        size: Option<u64>,
    },
    /// Bytes of a layer were received.
    Received {
        /// Its number.
        layer: usize,
        /// Bytes of the blob so far, from its first one.
        bytes: u64,
    },
    /// A layer was received, and is what its digest says.
    Stored {
        /// Its number.
        layer: usize,
        /// The blob's digest.
        digest: Digest,
        /// The blob's size in bytes.
        size: u64,
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

/// Receives events, from many tasks at once; must not block.
pub(crate) trait Progress: Send + Sync {
    /// Receives one event.
    fn event(&self, event: Event);

    /// Receives one event of one of several registries, whose layers have numbers of their own.
    fn event_of(&self, registry: &Escaped, event: Event);
}

/// The events of one of several registries.
pub(super) struct OfRegistry {
    /// The registry, as users call it.
    pub(super) registry: Escaped,
    /// Receives the events of all.
    pub(super) display: Arc<dyn Progress>,
}

impl Progress for OfRegistry {
    fn event(&self, event: Event) {
        self.display.event_of(&self.registry, event);
    }

    fn event_of(&self, registry: &Escaped, event: Event) {
        self.display.event_of(registry, event);
    }
}
