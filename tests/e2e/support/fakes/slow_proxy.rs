//! A proxy before a registry that takes what it is sent slowly.

use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use super::listener::Listener;
use crate::support::http1::Head;

/// Bytes that go on at once.
const PIECE: usize = 64 * 1024;

/// A proxy in which each connection rests after each piece of a request's content.
pub(crate) fn resting(host: &str, rest: Duration) -> Listener {
    let host = host.to_owned();
    Listener::start(move |mut client, _| {
        let head = Head::read(&mut client)?;
        let mut server = head.forward(&host, "")?;
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || -> io::Result<()> {
            let mut piece = vec![0; PIECE];
            while let length @ 1.. = from.read(&mut piece)? {
                to.write_all(&piece[..length])?;
                thread::sleep(rest);
            }
            to.shutdown(Shutdown::Write)
        });
        io::copy(&mut server, &mut client)?;
        client.shutdown(Shutdown::Both)
    })
}
