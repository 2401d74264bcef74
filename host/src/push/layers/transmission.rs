//! One try to send a layer: its encoded blocks become the content of one request, or of several.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use super::encoder::Reading;
use super::uploader::Uploader;
use crate::distribution::{Error, Upload};
use crate::image::{Descriptor, Digest};
use crate::push::block_channel::{Blocks, body, ready};
use crate::push::fan_out::{EncodedBlocks, EncodedLayer};
use crate::push::progress::Event;
use crate::push::stop::Stop;

/// A try.
pub(super) struct Transmission<'a> {
    /// Sends the requests.
    pub(super) uploader: &'a Uploader,
    /// The layer's number.
    pub(super) number: usize,
    /// Whether the layer is compressed on its way.
    pub(super) is_compressed: bool,
    /// The blob's digest, if it is known.
    pub(super) digest: Option<Digest>,
    /// The requests.
    pub(super) form: Form<'a>,
}

/// The requests that carry a layer.
pub(super) enum Form<'a> {
    /// One that closes the upload: the blob is known.
    Whole(&'a Descriptor),
    /// One that leaves it open.
    Open,
    /// Several of at most so many bytes, which leave it open.
    Chunks(u64),
}

/// The end of a try.
pub(super) struct Sent {
    /// How the encoding ended.
    pub(super) encoded: Result<EncodedLayer, Stop>,
    /// How the last request ended.
    pub(super) answer: Result<(), Error>,
}

impl Transmission<'_> {
    /// Sends the bytes from number `from` on, and notes in `moved` when they were last on their way.
    pub(super) async fn run(self, upload: &mut Upload, reading: Reading, from: u64, moved: &mut Instant) -> Sent {
        let Self { uploader, number: layer, is_compressed, digest, form } = self;
        uploader.progress.event(Event::Started { layer, size: reading.size, digest });
        let meter = &reading.meter;
        upload.count(meter.taken(layer, is_compressed, &uploader.progress));
        let last = Arc::new(Mutex::new(*moved));
        let (count, taken) = (meter.encoded(), Arc::clone(&last));
        let counted = move |bytes| {
            count(bytes);
            *taken.lock() = Instant::now();
        };
        let EncodedBlocks { blocks, ended } = reading.encoded;
        let (abort, mut body) = body(Blocks::new(blocks, from, counted));
        // An end that is not told is that of a reading whose upload is over.
        let mut encoding = pin!(abort.watch(async { ended.await.unwrap_or(Err(Stop::ReceiverGone)) }));
        let mut request = pin!(async {
            // A daemon may need minutes before the first bytes, in which servers close a silent request.
            ready(&mut body).await;
            match form {
                Form::Chunks(chunk) => upload.patch_in_chunks(chunk, body).await.map(|size| uploader.chunk.limit(size)),
                Form::Whole(blob) => upload.put(&blob.digest, blob.size, body).await,
                Form::Open => upload.patch(body).await,
            }
        });
        let (encoded, answer) = tokio::select! {
            encoded = &mut encoding => (encoded, request.await),
            answer = &mut request => match answer {
                Ok(()) => (encoding.await, Ok(())),
                // The reading may go on for others.
                Err(error) => (Err(Stop::ReceiverGone), Err(error)),
            },
        };
        *moved = *last.lock();
        Sent { encoded, answer }
    }
}
