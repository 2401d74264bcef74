//! The blobs of one repository, as streams.

use std::sync::Arc;

use super::ranges::{self, Line};
use crate::distribution::RepositoryClient;
use crate::image::Descriptor;
use crate::source::{BlockStream, Origin};

/// Connections for further ranges of blobs, beside the one that each blob has. Each holds a range in memory.
const FURTHER_CONNECTIONS: usize = 6;

/// Reads blobs of a repository. Clones share the limit of connections.
#[derive(Clone)]
pub(crate) struct Blobs {
    repository: RepositoryClient,
    line: Arc<Line>,
}

impl Blobs {
    /// The blobs of a repository.
    #[must_use]
    pub(crate) fn new(repository: RepositoryClient) -> Self {
        Self { repository, line: Arc::new(Line::new(FURTHER_CONNECTIONS)) }
    }

    /// A blob's bytes from number `from` on, as many as its descriptor says; nothing of them is verified. After a cut
    /// it goes on behind the bytes that came, as long as some come; a large blob of a slow connection comes over
    /// several.
    #[must_use]
    pub(crate) fn stream(&self, blob: &Descriptor, from: u64) -> BlockStream {
        ranges::stream(self.repository.clone(), Arc::clone(&self.line), blob, from)
    }

    /// A blob's content, which is verified as it passes.
    #[must_use]
    pub(crate) fn origin(&self, blob: &Descriptor) -> Origin {
        let (blobs, stored) = (self.clone(), blob.clone());
        Origin::of_stream(blob.size, blob.digest.clone(), move || blobs.stream(&stored, 0))
    }
}
