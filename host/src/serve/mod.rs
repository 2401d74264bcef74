//! The local development registry, for trying out flavors and pushes without an account anywhere.
//!
//! It speaks the OCI distribution specification 1.1. Manifests, tags, the catalog and referrers are
//! `ferro-oci-server`'s, kept in `metadata.json` of the data directory. Blobs are handled here: that library holds them
//! in memory, and layers of machine learning images are larger than that. They stream between the connection and
//! `blobs/`, resumable in `uploads/`.
//!
//! It has no authentication and must not be reachable by others. It never deletes a blob on its own: there is no
//! garbage collector, and removing images means removing the data directory.

mod blobs;
mod data_directory;
mod downloads;
mod error;
mod range;
mod response;
mod route;
mod router;
mod sessions;
mod spool;
#[cfg(test)]
mod tests;
mod upload_id;
mod uploads;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::extract::Request;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use data_directory::DataDirectory;
pub(crate) use error::Error;
use router::Registry;

/// How long requests may go on once the registry is to stop: enough for a manifest. An upload is not waited for, since
/// it can be resumed.
const GRACE: Duration = Duration::from_secs(3);

/// How often abandoned uploads are deleted: they are kept for a day, so an hour more does not matter.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// A registry that is bound to its address and its data directory, and answers once it [runs](Server::run).
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    registry: Registry,
    // Holds the lock as long as the server lives; the system releases it, even after a kill.
    _data: DataDirectory,
}

/// Opens the registry: listens, creates the data directory if it is missing, and reads it.
///
/// # Errors
/// [`Error::PortInUse`] or [`Error::Listen`] for the address; [`Error::Data`], [`Error::DataInUse`] or
/// [`Error::Damaged`] for the data directory.
pub(crate) async fn bind(listen: SocketAddr, data: &Path) -> Result<Server, Error> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortInUse(listen),
        _ => Error::Listen { address: listen, source: source.into() },
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let data = DataDirectory::open(data)?;
    let registry = Registry::open(&data)?;
    Ok(Server { listener, address, registry, _data: data })
}

impl Server {
    /// The address that it listens on; port 0 is replaced by the real port.
    #[must_use]
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `shutdown` is done, and then finishes running requests for at most 3 more seconds.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the listening socket fails.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        let registry = self.registry.clone();
        let app = axum::Router::new()
            .merge(self.registry.registry_routes())
            .fallback(move |request: Request| Registry::answer(registry.clone(), request));
        // The last piece of a body is small, and would wait for the client's acknowledgement of the one before.
        let listener = self.listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection stays without TCP_NODELAY");
            }
        });
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async {
            // A message and a dropped sender both mean to stop.
            let _ = stopped.await;
        });
        let ended = async {
            shutdown.await;
            let _ = stop.send(());
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            result = async { serving.await } => result.map_err(|error| Error::Stopped(error.into())),
            () = ended => Ok(()),
            () = sweep(&self.registry) => Ok(()),
        }
    }
}

/// Deletes abandoned uploads again and again; never ends.
async fn sweep(registry: &Registry) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        ticks.tick().await;
        registry.sweep().await;
    }
}
