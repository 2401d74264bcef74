//! A fake line to a real registry, on which things go wrong: it breaks at a byte, or a request meets with something else than
//! its answer.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::listener::{self, Listener};
use super::proxy;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the registry.
    Up,
    /// From it.
    Down,
}

/// How many bytes have gone each way, on all connections.
#[derive(Default)]
pub(crate) struct Counts {
    up: u64,
    down: u64,
}

impl Counts {
    /// Those of one way.
    pub(crate) fn of(&self, way: Way) -> u64 {
        match way {
            Way::Up => self.up,
            Way::Down => self.down,
        }
    }
}

/// A line that counts, and that breaks once: in front of the byte of this number that goes that way.
pub(crate) struct Breaking {
    listener: Listener,
    counts: Arc<Mutex<Counts>>,
}

impl Breaking {
    /// A line to `localhost:<port>`.
    pub(crate) fn to(host: &str, at: Option<(Way, u64)>) -> Self {
        let counts = Arc::<Mutex<Counts>>::default();
        let (kept, host) = (Arc::clone(&counts), host.to_owned());
        let listener = Listener::start(move |client, _| {
            let server = TcpStream::connect(&host)?;
            let (counts, from, to) = (Arc::clone(&kept), client.try_clone()?, server.try_clone()?);
            let upwards = thread::spawn(move || copy(from, to, Way::Up, &counts, at));
            let downwards = copy(server, client, Way::Down, &kept, at);
            let _ = upwards.join();
            downwards
        });
        Self { listener, counts }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.listener.port())
    }

    /// How many bytes have gone that way.
    pub(crate) fn count(&self, way: Way) -> u64 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).of(way)
    }
}

fn copy(
    mut from: TcpStream,
    mut to: TcpStream,
    way: Way,
    counts: &Mutex<Counts>,
    at: Option<(Way, u64)>,
) -> io::Result<()> {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let before = {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = if way == Way::Up { &mut counts.up } else { &mut counts.down };
            *count += length as u64;
            *count - length as u64
        };
        match at {
            Some((own, at)) if own == way && before <= at && at < before + length as u64 => {
                to.write_all(&bytes[..(at - before) as usize])?;
                let _ = from.shutdown(Shutdown::Both);
                return to.shutdown(Shutdown::Both);
            }
            _ => to.write_all(&bytes[..length])?,
        }
    }
    to.shutdown(Shutdown::Write)
}

/// What becomes of a request.
pub(crate) enum Fate {
    /// It reaches the registry, and its answer comes back.
    Passes,
    /// The same, so much later.
    PassesAfter(Duration),
    /// It gets this answer as soon as all of it has come.
    Gets(String),
    /// It gets this answer while its content is still on the way.
    GetsEarly(String),
    /// Of the registry's answer, only so many bytes come back.
    Truncated(usize),
    /// It reaches the registry, and the connection ends without an answer.
    Unanswered,
    /// Nothing happens any more, and the connection stays.
    Stalls,
}

/// A line on which `decide` says what becomes of each request, from its method and path. One request for each connection.
pub(crate) fn deciding(host: &str, decide: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Listener {
    let host = host.to_owned();
    Listener::start(move |mut client, _| {
        let head = read_head(&mut client)?;
        // A client that tries TLS first.
        if head.first() == Some(&0x16) {
            return client.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
        let head = String::from_utf8(head).map_err(io::Error::other)?;
        let fate = decide(head.split(" HTTP/").next().unwrap_or_default());
        let limit = match &fate {
            Fate::Gets(answer) => {
                drain(&mut client, &head)?;
                return client.write_all(answer.as_bytes());
            }
            Fate::GetsEarly(answer) => return client.write_all(answer.as_bytes()),
            // Until the client goes.
            Fate::Stalls => return io::copy(&mut client, &mut io::sink()).map(drop),
            Fate::PassesAfter(delay) => {
                thread::sleep(*delay);
                None
            }
            Fate::Passes => None,
            Fate::Truncated(limit) => Some(*limit as u64),
            Fate::Unanswered => Some(0),
        };
        let mut server = TcpStream::connect(&host)?;
        server.write_all(head.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes())?;
        let Some(limit) = limit else { return proxy::join(client, server) };
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || io::copy(&mut from, &mut to));
        let mut answer = Vec::new();
        // Of a registry that broke off, what there is.
        let _ = server.read_to_end(&mut answer);
        let end = answer.len().min(limit as usize);
        let _ = client.write_all(&answer[..end]);
        client.shutdown(Shutdown::Both)
    })
}

/// The first line and the headers of a request, or the first byte of something else.
pub(crate) fn read_head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.extend(byte);
        if head == [0x16] {
            break;
        }
    }
    Ok(head)
}

/// Takes the content of a request: what is left unread would break the answer off.
fn drain(client: &mut TcpStream, head: &str) -> io::Result<()> {
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    if let Some(length) = length {
        io::copy(&mut client.take(length), &mut io::sink())?;
    } else if head.contains("transfer-encoding: chunked") {
        // The last chunk is empty, and none of the others ends like it: they end in noise.
        let mut end = Vec::new();
        let mut bytes = [0; 16 << 10];
        while !end.ends_with(b"\r\n0\r\n\r\n") {
            let length = client.read(&mut bytes)?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            end.extend(&bytes[..length]);
            end.drain(..end.len().saturating_sub(7));
        }
    }
    Ok(())
}

/// An answer that refuses, with these headers.
pub(crate) fn refusal(status: &str, headers: &str) -> String {
    listener::answer(status, headers, "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}]}")
}
