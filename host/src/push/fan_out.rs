//! The blocks of one layer, read and encoded once, for the uploads to one or more registries.
//!
//! A block is in memory once, however many take it, and none is encoded before the slowest has room for it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::hold_up::{Ended, HoldUp, LONG, SHORT, Step, in_step};
use super::stop::Stop;
use crate::image::Descriptor;
use crate::source::LayerKey;

/// Blocks that wait for the network, while another is sent.
const BLOCKS_AHEAD: usize = 1;

/// A layer and the blob that it has become.
pub(super) type EncodedLayer = (LayerKey, Descriptor);

/// The encoder's end.
pub(super) struct FanOut {
    outputs: Vec<Output>,
    allowed: Duration,
}

struct Output {
    blocks: mpsc::Sender<Bytes>,
    ended: oneshot::Sender<Result<EncodedLayer, Stop>>,
    hold_up: Arc<HoldUp>,
}

/// The end of one upload.
pub(super) struct EncodedBlocks {
    /// The blocks, from the first one on.
    pub(super) blocks: mpsc::Receiver<Bytes>,
    /// How the encoding ended, after the last block.
    pub(super) ended: oneshot::Receiver<Result<EncodedLayer, Stop>>,
}

/// A fan-out to some registries, and the end of each. One that falls too far behind is left, later where the layer can
/// be read only once.
pub(super) fn fan_out(registries: Vec<Arc<HoldUp>>, is_read_once: bool) -> (FanOut, Vec<EncodedBlocks>) {
    let ends = registries.into_iter().map(|hold_up| {
        let ((sender, blocks), (ended_sender, ended)) = (mpsc::channel(BLOCKS_AHEAD), oneshot::channel());
        (Output { blocks: sender, ended: ended_sender, hold_up }, EncodedBlocks { blocks, ended })
    });
    let (outputs, uploads) = ends.unzip();
    (FanOut { outputs, allowed: if is_read_once { LONG } else { SHORT } }, uploads)
}

impl FanOut {
    /// Sends a block to all uploads.
    ///
    /// # Errors
    /// When none is left.
    pub(super) async fn send(&mut self, block: Bytes) -> Result<(), Stop> {
        if let [only] = self.outputs.as_slice() {
            return only.blocks.send(block).await.map_err(|_| Stop::ReceiverGone);
        }
        let step = |output: &Output| {
            let (sender, block) = (output.blocks.clone(), block.clone());
            let work = async move { sender.send(block).await.ok() }.boxed();
            Step { hold_up: Arc::clone(&output.hold_up), allowed: self.allowed, work }
        };
        let ended = in_step(self.outputs.iter().map(step).collect()).await;
        for (output, ended) in std::mem::take(&mut self.outputs).into_iter().zip(ended) {
            match ended {
                Ended::Done(()) => self.outputs.push(output),
                // Its upload has ended, and waits for nothing.
                Ended::Failed => {}
                Ended::Behind => drop(output.ended.send(Err(Stop::Behind))),
            }
        }
        if self.outputs.is_empty() { Err(Stop::ReceiverGone) } else { Ok(()) }
    }

    /// Tells all uploads that are left how the encoding ended.
    pub(super) fn end(self, ended: &Result<EncodedLayer, Stop>) {
        for output in self.outputs {
            drop(output.ended.send(ended.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(number: u8) -> Bytes {
        Bytes::from(vec![number])
    }

    async fn received(upload: &mut EncodedBlocks) -> Vec<u8> {
        let mut all = Vec::new();
        while let Ok(Some(block)) = tokio::time::timeout(Duration::from_secs(5), upload.blocks.recv()).await {
            all.extend(block);
        }
        all
    }

    #[tokio::test]
    async fn every_upload_gets_every_block_and_the_end() {
        let (mut fan_out, mut uploads) = fan_out(vec![HoldUp::new(), HoldUp::new(), HoldUp::new()], false);
        let sending = async {
            for number in 0..20 {
                fan_out.send(block(number)).await.unwrap();
            }
            fan_out.end(&Err(Stop::Encoder("no memory".to_owned())));
        };
        let receiving = futures_util::future::join_all(uploads.iter_mut().map(received));
        let ((), all) = tokio::join!(sending, receiving);
        assert!(all.iter().all(|got| *got == Vec::from_iter(0..20)), "{all:?}");
        for upload in uploads {
            assert!(matches!(upload.ended.await, Ok(Err(Stop::Encoder(_)))));
        }
    }

    #[tokio::test]
    async fn no_block_is_taken_before_the_slowest_has_room_for_it() {
        let (mut fan_out, mut uploads) = fan_out(vec![HoldUp::new(), HoldUp::new()], false);
        for number in 0..BLOCKS_AHEAD {
            fan_out.send(block(number as u8)).await.unwrap();
        }
        uploads[0].blocks.recv().await.unwrap();
        assert!(fan_out.send(block(2)).now_or_never().is_none());
    }

    #[tokio::test]
    async fn an_upload_that_ends_leaves_the_others_their_bytes() {
        let (mut fan_out, mut uploads) = fan_out(vec![HoldUp::new(), HoldUp::new()], false);
        drop(uploads.remove(0));
        let sending = async {
            for number in 0..2 {
                fan_out.send(block(number)).await.unwrap();
            }
            fan_out.end(&Err(Stop::ReceiverGone));
        };
        let ((), all) = tokio::join!(sending, received(&mut uploads[0]));
        assert_eq!(all, [0, 1]);
    }

    #[tokio::test]
    async fn without_an_upload_the_encoding_ends() {
        let (mut fan_out, uploads) = fan_out(vec![HoldUp::new(), HoldUp::new()], false);
        drop(uploads);
        assert!(matches!(fan_out.send(block(0)).await, Err(Stop::ReceiverGone)));
    }
}
