//! A host's endpoint, which is looked up once per process, and perhaps before it is needed: a registry answers from
//! afar while its flavor is loaded and gives credentials.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::endpoint::{self, Endpoint};
use super::error::Error;
use super::options::PlainHttp;
use super::wire::connections::Connections;
use super::wire::transport::Transport;
use crate::image::Host;

/// The endpoint of one host. Clones share it.
#[derive(Clone)]
pub(super) struct Lookup(Arc<State>);

struct State {
    transport: Arc<Transport>,
    connections: Connections,
    host: Host,
    plain_http: PlainHttp,
    found: OnceCell<Endpoint>,
    early: Mutex<Option<JoinHandle<Result<Endpoint, Error>>>>,
}

impl Lookup {
    /// The endpoint of a host, which nothing is sent to yet.
    pub(super) fn new(transport: Arc<Transport>, connections: Connections, host: Host, plain_http: PlainHttp) -> Self {
        let (found, early) = (OnceCell::new(), Mutex::default());
        Self(Arc::new(State { transport, connections, host, plain_http, found, early }))
    }

    /// The endpoint, probed if that is still to be done.
    ///
    /// # Errors
    /// As for [`endpoint::probe`]. The next call probes again.
    pub(super) async fn endpoint(&self) -> Result<&Endpoint, Error> {
        let State { found, early, .. } = &*self.0;
        let find = || async {
            let early = early.lock().take();
            match early {
                // A task that was ended has found nothing.
                Some(early) => match early.await {
                    Ok(found) => found,
                    Err(_) => self.probe().await,
                },
                None => self.probe().await,
            }
        };
        found.get_or_try_init(find).await
    }

    /// The endpoint, once it was found.
    pub(super) fn known(&self) -> Option<&Endpoint> {
        self.0.found.get()
    }

    /// Begins to look, unless that was done. How it ends is for the first who needs the endpoint.
    pub(super) fn begin(&self) {
        let mut early = self.0.early.lock();
        if early.is_none() && !self.0.found.initialized() {
            let this = self.clone();
            *early = Some(tokio::spawn(async move { this.probe().await }.in_current_span()));
        }
    }

    async fn probe(&self) -> Result<Endpoint, Error> {
        let State { transport, connections, host, plain_http, .. } = &*self.0;
        endpoint::probe(transport, connections, host, *plain_http).await
    }
}
