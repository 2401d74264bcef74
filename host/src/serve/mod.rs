//! The local development registry, for trying out flavors and pushes without an account anywhere.
//!
//! It speaks the OCI distribution specification 1.1. Manifests and tags are in memory and in `metadata.json` of the
//! data directory. Blobs stream between the connection and `blobs/`, resumable in `uploads/`.
//!
//! It has no authentication and must not be reachable by others; requests of web pages are refused. It never deletes a
//! blob on its own: there is no garbage collector, and removing images means removing the data directory, whose size
//! has a limit.

mod any_digest;
mod api_error;
mod blobs;
mod data_directory;
mod downloads;
mod error;
mod listener;
mod manifests;
mod own_hosts;
mod query;
mod quota;
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
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;

use data_directory::DataDirectory;
pub(crate) use error::Error;
use listener::{Connections, LocalAddress};
use own_hosts::OwnHosts;
use router::Registry;

use crate::image::Host;

/// How long requests may go on once the registry is to stop: enough for a manifest. An upload is not waited for, since
/// it can be resumed.
const GRACE: Duration = Duration::from_secs(3);

/// How often abandoned uploads are deleted: they are kept for a day, so an hour more does not matter.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// The settings of a registry.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// The data directory.
    pub(crate) data: PathBuf,
    /// The directory that the user answers for, when the data directory is checked.
    pub(crate) trusted: Option<PathBuf>,
    /// Names by which clients may reach it, besides `localhost` and the address.
    pub(crate) host_names: Vec<Host>,
    /// Most bytes of the data directory.
    pub(crate) max_size: u64,
}

/// A registry that is bound to its address and its data directory, and answers once it [runs](Server::run).
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    registry: Registry,
    hosts: Arc<OwnHosts>,
    // Holds the lock as long as the server lives; the system releases it, even after a kill.
    _data: DataDirectory,
}

/// Opens the registry: listens, creates the data directory if it is missing, and reads it.
///
/// # Errors
/// [`Error::PortInUse`] or [`Error::Listen`] for the address; one of the others for the data directory.
pub(crate) async fn bind(settings: Settings) -> Result<Server, Error> {
    let Settings { listen, data, trusted, host_names, max_size } = settings;
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => Error::PortInUse(listen),
        _ => Error::Listen { address: listen, source: source.into() },
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let data = DataDirectory::open(&data, trusted.as_deref())?;
    let registry = Registry::open(&data, max_size)?;
    Ok(Server { listener, address, registry, hosts: Arc::new(OwnHosts::new(host_names)), _data: data })
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
            .fallback(move |request: Request| Registry::answer(registry.clone(), request))
            .layer(from_fn_with_state(self.hosts, own_hosts::check))
            .into_make_service_with_connect_info::<LocalAddress>();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = axum::serve(Connections(self.listener), app).with_graceful_shutdown(async {
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
