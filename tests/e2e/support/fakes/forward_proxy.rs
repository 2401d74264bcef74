//! A fake forward proxy, which records its requests and connects every client to one server.

use std::io::{self, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;

use crate::support::fakes::listener::Listener;

/// A proxy that answers `CONNECT` with `answer`, and connects to `port` of this machine whoever was asked for; other
/// requests get `answer` as well.
pub(crate) fn leading_to(port: u16, answer: &'static str) -> Listener {
    Listener::start(move |mut stream, log| {
        let request = log.request(&mut stream)?;
        stream.write_all(answer.as_bytes())?;
        if request.starts_with("CONNECT ") && answer.starts_with("HTTP/1.1 200 ") {
            join(stream, TcpStream::connect(("127.0.0.1", port))?)?;
        }
        Ok(())
    })
}

/// Leads both sides to each other until both have ended.
pub(crate) fn join(client: TcpStream, server: TcpStream) -> io::Result<()> {
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let upwards = thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    let downwards = io::copy(&mut from_server, &mut to_client);
    // A server that broke off has nothing to wait for.
    to_client.shutdown(if downwards.is_ok() { Shutdown::Write } else { Shutdown::Both })?;
    let _ = upwards.join();
    downwards.map(drop)
}
