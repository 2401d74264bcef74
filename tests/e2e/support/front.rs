//! A front that speaks TLS for servers of this machine which do not, and hands each request to one of them.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConnection, StreamOwned};

use super::certificates::Identity;
use super::listener::{Listener, config};

/// One that has `lead` choose a port by host and path.
pub(crate) fn of(identity: &Identity, lead: impl Fn(&str, &str) -> u16 + Send + Sync + 'static) -> Listener {
    let config = config(identity);
    Listener::start(move |stream, _| {
        let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        let mut client = BufReader::new(StreamOwned::new(connection, stream));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if client.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let header = |name: &str| {
            let named = |line: &str| {
                line.split_once(": ")
                    .filter(|(own, _)| own.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.to_owned())
            };
            head.lines().find_map(named)
        };
        let path = head.split(' ').nth(1).unwrap_or_default();
        let mut server = TcpStream::connect(("127.0.0.1", lead(&header("host").unwrap_or_default(), path)))?;
        // One request for each connection: the answer's end is that of the connection.
        let more = "x-forwarded-proto: https\r\nconnection: close\r\n\r\n";
        write!(server, "{}{more}", head.strip_suffix("\r\n").unwrap_or_default())?;
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        io::copy(&mut client.by_ref().take(length), &mut server)?;
        let client = client.get_mut();
        io::copy(&mut server, client)?;
        client.conn.send_close_notify();
        client.flush()
    })
}
