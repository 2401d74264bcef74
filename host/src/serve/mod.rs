//! The local development registry: what a flavor or a push can be tried on without an account anywhere.
//!
//! It speaks the OCI distribution specification 1.1. Manifests, tags, the catalog and referrers are `ferro-oci-server`'s,
//! kept in `metadata.json` of the data folder. Blobs are ours: that library holds them in memory, and layers of machine
//! learning images are larger than that. Here they stream between the connection and `blobs/`, resumable in `uploads/`.
//!
//! It has no authentication and must not be reachable by others. It never deletes a blob on its own: without a garbage
//! collector, removing images means removing the data folder.

mod blobs;
mod data;
mod error;
mod pull;
mod push;
mod range;
mod registry;
mod route;
mod sessions;
mod spool;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::extract::Request;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use data::DataFolder;
pub(crate) use error::Error;
use registry::Registry;

/// How long requests may go on once the registry is asked to stop: enough for a manifest, and no one waits at Ctrl-C for
/// an upload, which can be resumed.
const GRACE: Duration = Duration::from_secs(3);

/// How often uploads that were given up are looked for.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// A registry that is bound to its address and its folder, and answers once it [runs](Server::run).
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    registry: Registry,
    // Held as long as the server lives; the system frees it, even after a kill.
    _data: DataFolder,
}

/// Opens the registry: listens, makes the data folder if it is not there, and reads what it holds.
///
/// # Errors
/// [`Error::PortInUse`] or [`Error::Listen`] for the address; [`Error::Data`], [`Error::DataInUse`] or
/// [`Error::Damaged`] for the folder.
pub(crate) async fn bind(listen: SocketAddr, data: &Path) -> Result<Server, Error> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortInUse(listen),
        _ => Error::Listen { address: listen, source },
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let data = DataFolder::open(data)?;
    let registry = Registry::open(&data)?;
    Ok(Server { listener, address, registry, _data: data })
}

impl Server {
    /// The address that it listens on: the real port where 0 was asked for.
    #[must_use]
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `shutdown` is done, and then for 3 more seconds those that are under way.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the listening socket fails.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        let registry = self.registry.clone();
        let app = axum::Router::new()
            .merge(self.registry.whole())
            .fallback(move |request: Request| Registry::answer(registry.clone(), request));
        // The last piece of a body is small, and would wait for the client's acknowledgement of the one before.
        let listener = self.listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection stays without TCP_NODELAY");
            }
        });
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async {
            // Either message, the one sent or the one that the sender is gone, means to stop.
            let _ = stopped.await;
        });
        let ended = async {
            shutdown.await;
            let _ = stop.send(());
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            result = async { serving.await } => result.map_err(Error::Stopped),
            () = ended => Ok(()),
            () = sweep(&self.registry) => Ok(()),
        }
    }
}

/// Never ends.
async fn sweep(registry: &Registry) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        ticks.tick().await;
        registry.sweep().await;
    }
}
