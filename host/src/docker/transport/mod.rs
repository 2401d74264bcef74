//! Connections to Docker daemons, one kind for each kind of endpoint.

mod failure;
mod ssh;
mod tls;

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::endpoint::{Address, Endpoint};
use crate::network::names;
pub(super) use failure::ConnectFailure;

/// The bytes of a connection, both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Connects to an endpoint; TLS is agreed on, and the program `ssh` is started.
///
/// # Errors
/// When nothing listens there, TLS fails, or a file of its configuration can't be used.
pub(super) async fn connect(endpoint: &Endpoint) -> Result<Box<dyn Stream>, ConnectFailure> {
    match endpoint {
        #[cfg(unix)]
        Endpoint::Socket(path) => match tokio::net::UnixStream::connect(path).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(local(&error)),
        },
        #[cfg(windows)]
        Endpoint::Pipe(name) => match tokio::net::windows::named_pipe::ClientOptions::new().open(name) {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(local(&error)),
        },
        Endpoint::Http(address) => Ok(Box::new(tcp(address).await?)),
        Endpoint::Https(address, files) => {
            let config = tls::config(files)?;
            Ok(Box::new(tls::secure(tcp(address).await?, address, config).await?))
        }
        Endpoint::Ssh(target) => Ok(Box::new(ssh::start(target)?)),
    }
}

fn local(error: &io::Error) -> ConnectFailure {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such socket".to_owned().into(),
        _ => error.into(),
    }
}

/// Connects to the first address of a host that answers.
async fn tcp(address: &Address) -> Result<TcpStream, ConnectFailure> {
    let found = names::lookup(address.host()).await.map_err(|error| ConnectFailure::from(&error))?;
    let mut failed = io::Error::from(io::ErrorKind::HostUnreachable);
    for ip in found {
        match TcpStream::connect((ip, address.port())).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err((&failed).into())
}
