//! The content of a request, and the idle timeouts that watch its way to the server.

use parking_lot::{Mutex, MutexGuard};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _};

use super::pieces::{PIECE, pieces};

/// How often a watch looks at whose turn it is; it ends a request at most this much too late.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// The content of a request.
pub(crate) enum Payload {
    /// Content that can be sent again.
    Bytes(Bytes),
    /// Content that can be sent once, and its size where that is known before.
    Stream(BoxStream<'static, io::Result<Bytes>>, Option<u64>),
    /// A stream that has been sent.
    Spent,
}

/// The bytes of a content on their way.
pub(crate) type Content = BoxStream<'static, io::Result<Bytes>>;

/// How long a server may do nothing.
#[derive(Clone, Copy)]
pub(crate) struct IdleTimeouts {
    /// While it has to take bytes.
    pub(crate) taking: Duration,
    /// While it has to answer.
    pub(crate) answering: Duration,
}

/// How the content itself ended a request.
pub(crate) enum BodyFailure {
    /// The caller's stream gave this error.
    Stream(io::Error),
    /// The content has another size than the caller said.
    Length { expected: u64, found: String },
}

/// Called with the number of bytes of a request's content that the connection has taken so far.
pub(crate) type Taken = Arc<dyn Fn(u64) + Send + Sync>;

/// Watches one request: which side has to act next, and how the content failed if it did.
#[derive(Clone)]
pub(crate) struct Watch(Arc<Mutex<State>>);

struct State {
    timeouts: IdleTimeouts,
    turn: Turn,
    failure: Option<BodyFailure>,
}

/// The side that has to act next. A caller has no limit, as it may have to read and to compress.
#[derive(Clone, Copy)]
enum Turn {
    Caller,
    Server { since: Instant, timeout: Duration },
}

impl Payload {
    pub(crate) fn empty() -> Self {
        Self::Bytes(Bytes::new())
    }

    pub(crate) fn can_be_repeated(&self) -> bool {
        matches!(self, Self::Bytes(_))
    }

    /// The content's size where it is known.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Self::Stream(_, size) => *size,
            Self::Spent => Some(0),
        }
    }

    /// The content for one request; `None` where there is none to send. A stream can be started once.
    /// `limited` keeps it below the user's rate.
    pub(crate) fn start(
        &mut self,
        timeouts: IdleTimeouts,
        taken: Option<Taken>,
        limited: impl FnOnce(Content) -> Content,
    ) -> (Option<reqwest::Body>, Watch) {
        let watch = Watch::new(timeouts);
        let expected = self.size();
        let stream = match std::mem::replace(self, Self::Spent) {
            Self::Bytes(bytes) => {
                *self = Self::Bytes(bytes.clone());
                (!bytes.is_empty()).then(|| pieces(bytes, PIECE).boxed())
            }
            // A slow line may need longer for one block of the caller's than the idle timeout.
            Self::Stream(stream, _) => Some(stream.map_ok(|bytes| pieces(bytes, PIECE)).try_flatten().boxed()),
            Self::Spent => None,
        };
        let watched = |stream| Watched { stream, expected, sent: 0, reported: 0, taken, watch: watch.clone() };
        (stream.map(|stream| reqwest::Body::wrap_stream(watched(limited(stream)))), watch)
    }
}

impl Watch {
    fn new(timeouts: IdleTimeouts) -> Self {
        let turn = Turn::Server { since: Instant::now(), timeout: timeouts.answering };
        Self(Arc::new(Mutex::new(State { timeouts, turn, failure: None })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }

    /// Ends when the server has done nothing for too long, and tells for how long.
    pub(crate) async fn timed_out(&self) -> Duration {
        loop {
            let turn = self.state().turn;
            let wait = match turn {
                Turn::Caller => WATCH_INTERVAL,
                Turn::Server { since, timeout } => match timeout.checked_sub(since.elapsed()) {
                    None | Some(Duration::ZERO) => return timeout,
                    Some(left) => left.min(WATCH_INTERVAL),
                },
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// How the content failed, if it was the content.
    pub(crate) fn failure(&self) -> Option<BodyFailure> {
        self.state().failure.take()
    }
}

/// The caller's stream, watched.
struct Watched {
    stream: BoxStream<'static, io::Result<Bytes>>,
    expected: Option<u64>,
    sent: u64,
    /// The bytes that `taken` was last called with.
    reported: u64,
    taken: Option<Taken>,
    watch: Watch,
}

impl Watched {
    fn fail(&self, failure: BodyFailure) -> Poll<Option<io::Result<Bytes>>> {
        self.watch.state().failure = Some(failure);
        // The HTTP library only has to stop; the failure itself is taken from the watch.
        Poll::Ready(Some(Err(io::Error::other("the content failed"))))
    }

    fn fail_length(&self, found: String) -> Poll<Option<io::Result<Bytes>>> {
        self.fail(BodyFailure::Length { expected: self.expected.unwrap_or_default(), found })
    }
}

impl Stream for Watched {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // The HTTP library asks for a piece when the connection has taken most of those before.
        if let Some(taken) = self.taken.as_ref().filter(|_| self.reported < self.sent) {
            taken(self.sent);
            self.reported = self.sent;
        }
        let next = self.stream.poll_next_unpin(context);
        let turn = |timeout| Turn::Server { since: Instant::now(), timeout };
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
                state.turn = turn(if complete { state.timeouts.answering } else { state.timeouts.taking });
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(Some(Err(error))) => self.fail(BodyFailure::Stream(error)),
            Poll::Ready(None) if self.expected.is_some_and(|expected| self.sent < expected) => {
                self.fail_length(self.sent.to_string())
            }
            Poll::Ready(None) => {
                let mut state = self.watch.state();
                state.turn = turn(state.timeouts.answering);
                Poll::Ready(None)
            }
        }
    }
}
