//! Connections, each with the address that it came to.

use std::io;
use std::net::SocketAddr;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};

/// A listening socket.
pub(super) struct Connections(pub(super) TcpListener);

/// The address of this machine that a connection came to; it tells one of several networks from the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalAddress(pub(super) SocketAddr);

impl Listener for Connections {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, remote) = Listener::accept(&mut self.0).await;
        // The last piece of a body is small, and would wait for the client's acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays without TCP_NODELAY");
        }
        (stream, remote)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Connections>> for LocalAddress {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        // A connection that has just ended has no address any more; no host is its own then, and nothing is answered.
        Self(stream.io().local_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0))))
    }
}
