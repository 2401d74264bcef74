//! What a request carries, and the watch over its way to the server.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};

/// Bytes are handed over in pieces of at most this size, so that progress can be seen on a slow line.
const PIECE: usize = 256 * 1024;
/// How often a watch looks; it ends a request at most this much too late.
const GLANCE: Duration = Duration::from_secs(1);

/// The content of a request.
pub(super) enum Payload {
    /// Content that can be sent again.
    Bytes(Bytes),
    /// Content that comes once, and its size where that is known before.
    Stream(BoxStream<'static, io::Result<Bytes>>, Option<u64>),
    /// Content that came and went.
    Spent,
}

/// How long a server may do nothing.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// While it has to take bytes.
    pub(super) taking: Duration,
    /// While it has to answer.
    pub(super) answering: Duration,
}

/// Why the content itself ended a request.
pub(super) enum BodyFailure {
    /// The caller's stream gave this error.
    Stream(io::Error),
    /// The content has another size than the caller said.
    Length { expected: u64, found: String },
}

/// Watches one request: whose turn it is, and how the content failed if it did.
#[derive(Clone)]
pub(super) struct Watch(Arc<Mutex<State>>);

struct State {
    patience: Patience,
    turn: Turn,
    failure: Option<BodyFailure>,
}

/// Who has to act next. A caller may take its time: compressing and reading are its own business.
#[derive(Clone, Copy)]
enum Turn {
    Caller,
    Server { since: Instant, patience: Duration },
}

impl Payload {
    pub(super) fn none() -> Self {
        Self::Bytes(Bytes::new())
    }

    pub(super) fn can_be_repeated(&self) -> bool {
        matches!(self, Self::Bytes(_))
    }

    /// The content's size where it is known.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Self::Stream(_, size) => *size,
            Self::Spent => Some(0),
        }
    }

    /// The content for one request; `None` where there is none to send. A stream is spent by this.
    pub(super) fn start(&mut self, patience: Patience) -> (Option<reqwest::Body>, Watch) {
        let watch = Watch::new(patience);
        let expected = self.size();
        let stream = match std::mem::replace(self, Self::Spent) {
            Self::Bytes(bytes) => {
                *self = Self::Bytes(bytes.clone());
                (!bytes.is_empty()).then(|| pieces(bytes).boxed())
            }
            // One piece of a caller's may be more than a slow line takes in the time that a server may be silent.
            Self::Stream(stream, _) => Some(stream.map_ok(pieces).try_flatten().boxed()),
            Self::Spent => None,
        };
        let watched = |stream| Watched { stream, expected, sent: 0, watch: watch.clone() };
        (stream.map(|stream| reqwest::Body::wrap_stream(watched(stream))), watch)
    }
}

fn pieces(bytes: Bytes) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(bytes, |mut rest| async move {
        let piece = rest.split_to(rest.len().min(PIECE));
        (!piece.is_empty()).then_some((Ok(piece), rest))
    })
}

impl Watch {
    fn new(patience: Patience) -> Self {
        let turn = Turn::Server { since: Instant::now(), patience: patience.answering };
        Self(Arc::new(Mutex::new(State { patience, turn, failure: None })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when the server has had its turn for too long, and tells for how long.
    pub(super) async fn lost_patience(&self) -> Duration {
        loop {
            let turn = self.state().turn;
            let wait = match turn {
                Turn::Caller => GLANCE,
                Turn::Server { since, patience } => match patience.checked_sub(since.elapsed()) {
                    None | Some(Duration::ZERO) => return patience,
                    Some(left) => left.min(GLANCE),
                },
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// How the content failed, if it was the content.
    pub(super) fn failure(&self) -> Option<BodyFailure> {
        self.state().failure.take()
    }
}

/// The caller's stream under watch.
struct Watched {
    stream: BoxStream<'static, io::Result<Bytes>>,
    expected: Option<u64>,
    sent: u64,
    watch: Watch,
}

impl Watched {
    fn fail(&self, failure: BodyFailure) -> Poll<Option<io::Result<Bytes>>> {
        self.watch.state().failure = Some(failure);
        // The HTTP library only has to stop; who waits for the request takes the failure from the watch.
        Poll::Ready(Some(Err(io::Error::other("the content failed"))))
    }

    fn fail_length(&self, found: String) -> Poll<Option<io::Result<Bytes>>> {
        self.fail(BodyFailure::Length { expected: self.expected.unwrap_or_default(), found })
    }
}

impl Stream for Watched {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.stream.poll_next_unpin(context);
        let turn = |patience| Turn::Server { since: Instant::now(), patience };
        match next {
            Poll::Pending => {
                self.watch.state().turn = Turn::Caller;
                Poll::Pending
            }
            Poll::Ready(Some(Ok(bytes))) => {
                self.sent = self.sent.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                if self.expected.is_some_and(|expected| self.sent > expected) {
                    return self.fail_length("more".to_owned());
                }
                // The HTTP library may not ask again after the last byte of a known size.
                let complete = self.expected == Some(self.sent);
                let mut state = self.watch.state();
                state.turn = turn(if complete { state.patience.answering } else { state.patience.taking });
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(Some(Err(error))) => self.fail(BodyFailure::Stream(error)),
            Poll::Ready(None) if self.expected.is_some_and(|expected| self.sent < expected) => {
                self.fail_length(self.sent.to_string())
            }
            Poll::Ready(None) => {
                let mut state = self.watch.state();
                state.turn = turn(state.patience.answering);
                Poll::Ready(None)
            }
        }
    }
}
