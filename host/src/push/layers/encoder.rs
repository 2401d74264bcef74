//! Reads and encodes layers, each once for all uploads of it.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::{AbortHandle, JoinHandle};
use tracing::Instrument as _;

use super::meter::Meter;
use super::slots::Slot;
use crate::image::Descriptor;
use crate::push::block_channel::forward;
use crate::push::compress::{Compression, CompressionPool, Levels, compress};
use crate::push::fan_out::{EncodedBlocks, EncodedLayer, FanOut, fan_out};
use crate::push::hold_up::HoldUp;
use crate::push::stop::Stop;
use crate::source::{Content, LayerKey};

/// A layer's way from its source's bytes to those that are sent.
#[derive(Clone)]
pub(super) enum Encoding {
    /// None: it is sent as it is stored.
    AsIs(Descriptor),
    /// It is compressed. Its digest is known, and told to the registry, at the end.
    Compress,
}

/// Encodes layers, on all cores.
#[derive(Clone)]
pub(in crate::push) struct Encoder {
    pool: CompressionPool,
    /// Those of the layers that were read, whose further readings have the same.
    levels: Arc<Mutex<HashMap<LayerKey, Levels>>>,
}

/// One reading of a layer, as one of its uploads sees it.
pub(super) struct Reading {
    /// The encoded blocks.
    pub(super) encoded: EncodedBlocks,
    /// The bytes that are read.
    pub(super) size: u64,
    /// How far it is.
    pub(super) meter: Meter,
    _task: Arc<Task>,
}

/// The task that reads; ended when no upload needs it any more.
struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Encoder {
    /// An encoder for layers that are not stored compressed.
    pub(in crate::push) fn new(compression: Compression) -> Self {
        Self { pool: CompressionPool::new(compression), levels: Arc::default() }
    }

    /// How a layer was compressed; `None` for one that this encoder has not compressed.
    pub(super) fn levels(&self, key: &LayerKey) -> Option<Levels> {
        self.levels.lock().get(key).cloned()
    }

    /// The levels for a reading of a layer. One that comes without a name is read once.
    fn levels_for(&self, content: &Content) -> Levels {
        let new = || Levels::new(self.pool.compression());
        match content.expected.clone() {
            Some(diff_id) => self.levels.lock().entry(LayerKey::DiffId(diff_id)).or_insert_with(new).clone(),
            None => new(),
        }
    }

    /// Begins to read a layer for the uploads to some registries. `slots` are free again when it is encoded.
    pub(super) fn start(
        &self,
        encoding: Encoding,
        content: Content,
        registries: Vec<Arc<HoldUp>>,
        slots: Vec<Slot>,
    ) -> Vec<Reading> {
        let (size, meter) = (content.size, Meter::new());
        let (mut outputs, uploads) = fan_out(registries, content.origin().is_none());
        let (encoder, counted) = (self.clone(), meter.clone());
        let work = async move {
            let ended = encoder.encode(&encoding, content, &counted, &mut outputs).await;
            outputs.end(&ended);
            drop(slots);
        };
        let handle: JoinHandle<()> = tokio::spawn(work.in_current_span());
        let task = Arc::new(Task(handle.abort_handle()));
        let reading = |encoded| Reading { encoded, size, meter: meter.of_upload(), _task: Arc::clone(&task) };
        uploads.into_iter().map(reading).collect()
    }

    async fn encode(
        &self,
        encoding: &Encoding,
        content: Content,
        meter: &Meter,
        outputs: &mut FanOut,
    ) -> Result<EncodedLayer, Stop> {
        let read = |bytes| meter.read(bytes);
        match encoding {
            Encoding::AsIs(blob) => {
                forward(content, read, outputs).await?;
                Ok((LayerKey::Blob(blob.digest.clone()), blob.clone()))
            }
            Encoding::Compress => {
                let levels = self.levels_for(&content);
                let compressed = compress(content, &self.pool, &levels, read, outputs).await?;
                let key = LayerKey::DiffId(compressed.diff_id);
                self.levels.lock().insert(key.clone(), levels);
                Ok((key, compressed.blob))
            }
        }
    }
}
