//! A proxy that speaks TLS for servers of this machine which do not, and hands each request to one of them.

use std::io::{self, Read, Write as _};
use std::sync::Arc;

use rustls::{ServerConnection, StreamOwned};

use crate::support::fakes::certificates::Identity;
use crate::support::fakes::listener::{Listener, config};
use crate::support::http1::Head;

/// One that has `route` choose a port by host and path.
pub(crate) fn routing(identity: &Identity, route: impl Fn(&str, &str) -> u16 + Send + Sync + 'static) -> Listener {
    let config = config(identity);
    Listener::start(move |stream, _| {
        let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        let mut client = StreamOwned::new(connection, stream);
        let head = Head::read(&mut client)?;
        let port = route(head.header("host").unwrap_or_default(), head.target());
        let mut server = head.forward(("127.0.0.1", port), "x-forwarded-proto: https\r\n")?;
        let length = head.content_length().unwrap_or(0);
        io::copy(&mut Read::take(&mut client, length), &mut server)?;
        io::copy(&mut server, &mut client)?;
        client.conn.send_close_notify();
        client.flush()
    })
}
