//! The means to send layers, shared by all of a push.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::chunk_size::ChunkSize;
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::image::Descriptor;
use crate::push::block_channel::{Stop, forward};
use crate::push::compress::{Compression, CompressionPool, compress};
use crate::push::progress::Progress;
use crate::source::{Content, LayerKey};

/// Sends layers into a repository.
#[derive(Clone)]
pub(in crate::push) struct Uploader {
    /// The repository.
    pub(super) repository: RepositoryClient,
    /// The most bytes of one request, if the registry limits them.
    pub(super) chunk: ChunkSize,
    /// What the flavor knows about uploads to the registry.
    pub(super) profile: UploadProfile,
    pool: CompressionPool,
    /// Receives the events.
    pub(super) progress: Arc<dyn Progress>,
}

/// A layer's way from its source's bytes to those that are sent.
pub(super) enum Encoding {
    /// None: it is sent as it is stored.
    AsIs(Descriptor),
    /// It is compressed. Its digest is known, and told to the registry, at the end.
    Compress,
}

/// A layer and its blob in the registry.
pub(super) type SentLayer = (LayerKey, Descriptor);

impl Uploader {
    /// Sends layers as the profile says.
    pub(in crate::push) fn new(
        repository: RepositoryClient,
        profile: UploadProfile,
        compression: Compression,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let chunk = ChunkSize::new(profile.request_bytes());
        Self { repository, chunk, profile, pool: CompressionPool::new(compression), progress }
    }

    /// The compression of layers that are not stored compressed.
    pub(in crate::push) fn compression(&self) -> Compression {
        self.pool.compression()
    }

    /// Reads a layer and encodes it for sending.
    pub(super) async fn encode(
        &self,
        encoding: &Encoding,
        content: Content,
        read: impl Fn(u64),
        sender: mpsc::Sender<Bytes>,
    ) -> Result<SentLayer, Stop> {
        match encoding {
            Encoding::AsIs(blob) => {
                forward(content, read, sender).await?;
                Ok((LayerKey::Blob(blob.digest.clone()), blob.clone()))
            }
            Encoding::Compress => {
                let compressed = compress(content, &self.pool, read, sender).await?;
                Ok((LayerKey::DiffId(compressed.diff_id), compressed.blob))
            }
        }
    }
}
