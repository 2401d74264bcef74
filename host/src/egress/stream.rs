//! A connection to speak HTTP on: plain TCP, TLS, or a tunnel through a proxy.

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection of any kind.
pub(super) type Stream = Box<dyn Duplex>;

/// Both directions of a connection.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
