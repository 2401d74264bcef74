//! Sends the layers that come for a registry side by side.

use tokio::task::JoinSet;
use tracing::{Instrument as _, Span};

use super::arrivals::Arrivals;
use super::attempt;
use super::encoder::Encoding;
use super::shared_feed::{Deliveries, Delivery, Layer};
use super::uploader::Uploader;
use crate::push::error::PushError;
use crate::push::fan_out::EncodedLayer;
use crate::spans;

/// The end of one layer: in the registry, or with a failure that another reading of the source may mend.
type LayerResult = Result<EncodedLayer, PushError>;

/// Sends all layers that come. Gives the last failure that another reading may mend; the other layers are in the
/// registry then.
///
/// # Errors
/// The first other failure, which ends all transfers.
pub(super) async fn send_all(
    uploader: &Uploader,
    mut deliveries: Deliveries,
    arrivals: &mut Arrivals<'_>,
) -> Result<Option<PushError>, PushError> {
    let mut tasks: JoinSet<Result<LayerResult, PushError>> = JoinSet::new();
    let (mut number, mut failure) = (0, None);
    loop {
        tokio::select! {
            Some(next) = deliveries.recv() => {
                let layer = match next.map_err(PushError::Source)? {
                    Delivery::Config(config) => {
                        arrivals.config = Some(config);
                        continue;
                    }
                    Delivery::Layer(layer) => *layer,
                };
                number += 1;
                let span = spans::layer(matches!(layer.encoding, Encoding::Compress));
                let sent = send(uploader.clone(), number, layer);
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

async fn send(uploader: Uploader, number: usize, layer: Layer) -> Result<LayerResult, PushError> {
    let is_read_once = layer.origin.is_none();
    let sent = attempt::send(&uploader, number, layer).await;
    match &sent {
        Ok((_, blob)) => spans::layer_sent(&Span::current(), blob.digest.as_str(), blob.size),
        Err(_) => spans::layer_failed(&Span::current()),
    }
    match sent {
        Ok(sent) => Ok(Ok(sent)),
        Err(error) if is_read_once && may_pass(&error, &uploader) => Ok(Err(error)),
        Err(error) => Err(error),
    }
}

/// Whether a layer that can be read only once may arrive with another reading of the source.
fn may_pass(error: &PushError, uploader: &Uploader) -> bool {
    match error {
        // After a request that was too large, the next round sends chunks.
        PushError::Distribution(error) => {
            error.retry().is_possible() || (error.may_pass_in_chunks() && uploader.chunk.get().is_some())
        }
        PushError::Behind => true,
        _ => false,
    }
}
