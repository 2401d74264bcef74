//! The connections to one host: those kept for further requests, and new ones while a kept one can't be trusted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tracing::Instrument as _;

use super::failure::{self, Failure};
use super::pace::{Pace, Turn};
use crate::spans::RequestSpan;

/// How long each request gets a connection of its own after a kept one broke: some servers, and routers before them,
/// end idle connections without saying so (RFC 9112, section 9.5), and the next one would break as well. After this,
/// keeping is tried again, since a new connection costs up to three turns to the server and back.
const DISTRUST: Duration = Duration::from_secs(60);

/// Tries of a request that was not sent, because the server ended an HTTP/2 connection in the moment in which it came
/// about. The library keeps the server's reason, such as that it misses a client's certificate, in most cases but not
/// in all: with three tries it is told all but always.
const UNSENT_TRIES: usize = 3;

/// The ways to send a request to one host.
#[derive(Clone)]
pub(crate) struct Connections {
    clients: Clients,
    /// When a kept connection broke. Shared by all who talk to the host.
    broke: Arc<Mutex<Option<Instant>>>,
    /// Shared by them as well.
    pace: Pace,
}

/// The same way of connecting, twice.
#[derive(Clone)]
pub(super) struct Clients {
    /// Keeps connections for further requests.
    pub(super) keeping: reqwest::Client,
    /// Opens a connection for each request.
    pub(super) opening: reqwest::Client,
}

/// The way for one request.
pub(crate) struct Way<'a> {
    connections: &'a Connections,
    /// Sends the request.
    pub(crate) client: &'a reqwest::Client,
    may_be_kept: bool,
}

impl Connections {
    pub(super) fn new(clients: Clients) -> Self {
        Self { clients, broke: Arc::default(), pace: Pace::default() }
    }

    /// Waits until the host takes another request, where it limits them.
    pub(crate) async fn turn(&self) -> Turn {
        self.pace.turn().await
    }

    /// The way for the next request.
    pub(crate) fn way(&self) -> Way<'_> {
        let may_be_kept = self.broke.lock().is_none_or(|at| at.elapsed() > DISTRUST);
        let client = if may_be_kept { &self.clients.keeping } else { &self.clients.opening };
        Way { connections: self, client, may_be_kept }
    }

    /// Sends a request, at once a second time where a kept connection broke before the answer, and some times more
    /// where it was not even sent.
    ///
    /// # Errors
    /// The library's, of the last time.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, reqwest::Error> {
        for _ in 1..UNSENT_TRIES {
            let Some(copy) = request.try_clone() else { break };
            match self.send_once(copy).await {
                Err(error) if failure::is_unsent(&error) => {}
                result => return result,
            }
        }
        self.send_once(request).await
    }

    async fn send_once(&self, request: reqwest::Request) -> Result<reqwest::Response, reqwest::Error> {
        let way = self.way();
        let copy = request.try_clone();
        match (execute(way.client, request).await, copy) {
            (Err(error), Some(copy)) if matches!(Failure::of(&error), Failure::Broken(_)) && way.broke() => {
                execute(self.way().client, copy).await
            }
            (result, _) => result,
        }
    }
}

/// Sends a request once, as a span.
async fn execute(client: &reqwest::Client, request: reqwest::Request) -> Result<reqwest::Response, reqwest::Error> {
    let span = RequestSpan::to_url(request.method(), request.url());
    let answer = client.execute(request).instrument(span.span()).await;
    match &answer {
        Ok(response) => span.answered(response.status().as_u16()),
        Err(_) => span.failed("connection"),
    }
    answer
}

impl Way<'_> {
    /// Notes that the connection broke before the answer. Whether the connection may have been a kept one, so that the
    /// same request has a better chance now, over a new one.
    pub(crate) fn broke(&self) -> bool {
        if self.may_be_kept {
            *self.connections.broke.lock() = Some(Instant::now());
        }
        self.may_be_kept
    }
}
