//! Keeps all connections together below a rate.
//!
//! Content goes in pieces, each of which waits for its turn. The registries take turns, however many connections each
//! of them has, and what one does not need the others have.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt as _, TryStreamExt as _};
use reqwest::{Response, ResponseBuilderExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::pieces::{PIECE, pieces};
use crate::distribution::rate::RateLimit;
use crate::image::Host;

/// Pieces per second, so that a low rate is no row of bursts.
const PIECES: u64 = 8;

/// The smallest piece: at the lowest rate one takes a second.
const LEAST_PIECE: u64 = 1 << 10;

/// Time that is made up for when the machine was late; more would be a burst.
const CATCH_UP: Duration = Duration::from_millis(100);

/// Gives the turns.
pub(crate) struct Throttle {
    rate: RateLimit,
    turns: OnceLock<mpsc::UnboundedSender<Turn>>,
}

/// A piece that waits for its turn.
struct Turn {
    host: Host,
    bytes: u64,
    come: oneshot::Sender<()>,
}

impl Throttle {
    /// Keeps below this rate.
    pub(crate) fn new(rate: RateLimit) -> Self {
        Self { rate, turns: OnceLock::new() }
    }

    /// Content from or for a registry, in pieces that come in their turn.
    pub(crate) fn limit<E: Send + 'static>(
        self: &Arc<Self>,
        host: &Host,
        content: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> BoxStream<'static, Result<Bytes, E>> {
        let piece = (self.rate.bytes_per_second() / PIECES).max(LEAST_PIECE);
        let piece = usize::try_from(piece).map_or(PIECE, |piece| piece.min(PIECE));
        let (throttle, host) = (Arc::clone(self), host.clone());
        let in_turn = move |bytes: Bytes| {
            let (throttle, host) = (Arc::clone(&throttle), host.clone());
            async move {
                throttle.turn(host, bytes.len() as u64).await;
                Ok(bytes)
            }
        };
        content.map_ok(move |bytes| pieces(bytes, piece)).try_flatten().and_then(in_turn).boxed()
    }

    /// An answer whose content comes in its turn.
    pub(crate) fn limit_answer(self: &Arc<Self>, host: &Host, mut response: Response) -> Response {
        let mut limited = http::Response::builder().url(response.url().clone()).status(response.status());
        if let Some(headers) = limited.headers_mut() {
            headers.clone_from(response.headers());
        }
        if let Some(extensions) = limited.extensions_mut() {
            let mut own = std::mem::take(response.extensions_mut());
            std::mem::swap(extensions, &mut own);
            extensions.extend(own);
        }
        let body = reqwest::Body::wrap_stream(self.limit(host, response.bytes_stream()));
        // A status and headers that were valid a moment ago.
        limited.body(body).map_or_else(|_| Response::from(http::Response::new("")), Response::from)
    }

    async fn turn(&self, host: Host, bytes: u64) {
        let turns = self.turns.get_or_init(|| {
            let (sender, turns) = mpsc::unbounded_channel();
            tokio::spawn(serve(self.rate, turns));
            sender
        });
        let (come, turn) = oneshot::channel();
        if turns.send(Turn { host, bytes, come }).is_ok() {
            // Without its server, the process is at its end.
            let _ = turn.await;
        }
    }
}

/// The registries with the pieces that wait.
struct Waiting {
    registries: Vec<Registry>,
    /// The bytes that each registry has had which had something to send all the time.
    had: u64,
    /// Bytes by which a registry that had nothing to send for a moment may be behind: those of a quarter of a second.
    /// Another one that had nothing for longer does not get all of the rate for that time.
    behind: u64,
}

struct Registry {
    host: Host,
    had: u64,
    pieces: VecDeque<Turn>,
}

impl Waiting {
    fn add(&mut self, turn: Turn) {
        let least = self.had.saturating_sub(self.behind);
        match self.registries.iter_mut().find(|registry| registry.host == turn.host) {
            Some(registry) => {
                if registry.pieces.is_empty() {
                    registry.had = registry.had.max(least);
                }
                registry.pieces.push_back(turn);
            }
            None => {
                let host = turn.host.clone();
                self.registries.push(Registry { host, had: least, pieces: VecDeque::from([turn]) });
            }
        }
    }

    /// The next piece: that of the registry which had least.
    fn next(&mut self) -> Option<Turn> {
        let waiting = self.registries.iter_mut().filter(|registry| !registry.pieces.is_empty());
        let registry = waiting.min_by_key(|registry| registry.had)?;
        let turn = registry.pieces.pop_front()?;
        self.had = self.had.max(registry.had);
        registry.had += turn.bytes;
        Some(turn)
    }
}

/// Gives turns until nothing can ask for one any more.
async fn serve(rate: RateLimit, mut turns: mpsc::UnboundedReceiver<Turn>) {
    let rate = rate.bytes_per_second();
    let mut waiting = Waiting { registries: Vec::new(), had: 0, behind: rate / 4 };
    let mut next = Instant::now();
    loop {
        while let Ok(turn) = turns.try_recv() {
            waiting.add(turn);
        }
        let Some(Turn { bytes, come, .. }) = waiting.next() else {
            match turns.recv().await {
                Some(turn) => waiting.add(turn),
                None => return,
            }
            continue;
        };
        if come.send(()).is_ok() {
            let now = Instant::now();
            let begin = next.max(now.checked_sub(CATCH_UP).unwrap_or(now));
            let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate);
            next = begin + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
            // The one whose turn it was asks for its next one meanwhile.
            sleep_until(next).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use parking_lot::Mutex;

    use super::*;

    fn throttle(rate: &str) -> Arc<Throttle> {
        Arc::new(Throttle::new(rate.parse().unwrap()))
    }

    #[tokio::test]
    async fn content_comes_whole_and_no_faster_than_the_rate() {
        let content = Bytes::from((0..=255_u8).cycle().take(40 << 10).collect::<Vec<_>>());
        let start = Instant::now();
        let parts = [content.slice(..7), content.slice(7..)].map(Ok::<_, Infallible>);
        let host = "one.example".parse().unwrap();
        let limited = throttle("200K").limit(&host, stream::iter(parts));
        let pieces: Vec<Bytes> = limited.map(Result::unwrap).collect().await;
        assert_eq!(pieces.concat(), content);
        // A fifth of a second, but for the last piece and what is made up for.
        assert!(start.elapsed() >= Duration::from_millis(70), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn registries_take_turns_however_many_connections_one_has() {
        let (throttle, order) = (throttle("64K"), Mutex::new(Vec::new()));
        let content = |host: &'static str| {
            let blocks = stream::iter(std::iter::repeat_n(Ok::<_, Infallible>(Bytes::from_static(&[0; 1024])), 20));
            let limited = throttle.limit(&host.parse().unwrap(), blocks);
            let order = &order;
            async move { limited.for_each(|_| async { order.lock().push(host) }).await }
        };
        tokio::join!(content("a.example"), content("a.example"), content("a.example"), content("b.example"));
        let order = order.into_inner();
        let last_of_b = order.iter().rposition(|host| *host == "b.example").unwrap();
        let a_before = order[..last_of_b].iter().filter(|host| **host == "a.example").count();
        // As many of one as of the other, while both have something to send.
        assert!((15..=25).contains(&a_before), "{a_before}: {order:?}");
    }
}
