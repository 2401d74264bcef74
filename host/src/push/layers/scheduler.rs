//! Takes layers from a source as slots become free, and sends them side by side.

use std::pin::pin;

use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::task::JoinSet;
use tracing::{Instrument as _, Span};

use super::arrivals::Arrivals;
use super::attempt;
use super::slots::{Slot, UploadSlots};
use super::uploader::{Encoding, SentLayer, Uploader};
use crate::distribution;
use crate::push::error::PushError;
use crate::source::{Content, Feed, Item, SourceError};
use crate::spans;

/// The end of one layer: in the registry, or with a temporary failure of a layer that this feed can't give again.
type LayerResult = Result<SentLayer, distribution::Error>;

/// Sends all layers of a feed. Gives the last temporary failure, if another feed may mend it; the other layers are in
/// the registry then.
///
/// # Errors
/// The first other failure, which ends all transfers.
pub(super) async fn send_all(
    uploader: &Uploader,
    slots: &UploadSlots,
    feed: Feed,
    arrivals: &mut Arrivals<'_>,
) -> Result<Option<distribution::Error>, PushError> {
    let mut items = pin!(admitted(feed, slots).fuse());
    let mut tasks: JoinSet<Result<LayerResult, PushError>> = JoinSet::new();
    let (mut number, mut failure) = (0, None);
    loop {
        tokio::select! {
            Some(next) = items.next() => {
                let (item, slot) = next?;
                let (encoding, content) = match item {
                    Item::Config(config) => {
                        arrivals.config = Some(config);
                        continue;
                    }
                    Item::Blob(blob, content) => (Encoding::AsIs(blob), content),
                    Item::Tar(content) => (Encoding::Compress, content),
                };
                number += 1;
                let span = spans::layer(matches!(encoding, Encoding::Compress));
                let sent = send(uploader.clone(), number, encoding, content, slot);
                tasks.spawn(sent.instrument(span));
            }
            Some(done) = tasks.join_next() => {
                match done.map_err(|failed| PushError::Task(failed.to_string().into()))?? {
                    Ok((key, blob)) => arrivals.add(key, blob),
                    Err(error) => failure = Some(error),
                }
            }
            else => return Ok(failure),
        }
    }
}

/// The items of a feed, each layer with a slot. The feed is not read on before the layer has one.
fn admitted(feed: Feed, slots: &UploadSlots) -> impl Stream<Item = Result<(Item, Option<Slot>), SourceError>> {
    stream::unfold(feed, move |mut feed| async move {
        let item = feed.recv().await?;
        let slot = match &item {
            Ok(Item::Blob(_, content) | Item::Tar(content)) => Some(slots.acquire(content.size).await),
            Ok(Item::Config(_)) | Err(_) => None,
        };
        Some((item.map(|item| (item, slot)), feed))
    })
}

async fn send(
    uploader: Uploader,
    number: usize,
    encoding: Encoding,
    content: Content,
    slot: Option<Slot>,
) -> Result<LayerResult, PushError> {
    let is_read_once = content.origin().is_none();
    let sent = attempt::send(&uploader, number, encoding, content).await;
    drop(slot);
    match &sent {
        Ok((_, blob)) => spans::layer_sent(&Span::current(), blob.digest.as_str(), blob.size),
        Err(_) => spans::layer_failed(&Span::current()),
    }
    match sent {
        Ok(sent) => Ok(Ok(sent)),
        // After a request that was too large, the next round sends chunks.
        Err(PushError::Distribution(error))
            if is_read_once
                && (error.retry().is_possible() || (error.may_pass_in_chunks() && uploader.chunk.get().is_some())) =>
        {
            Ok(Err(error))
        }
        Err(error) => Err(error),
    }
}
