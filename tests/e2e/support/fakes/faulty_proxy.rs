//! A fake proxy in front of a real registry, where things go wrong: the connection breaks at a byte, or a request meets
//! with something else than its answer.

use parking_lot::Mutex;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::http1::{Head, answer};

/// A direction of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the registry.
    Up,
    /// From it.
    Down,
}

/// The bytes in each direction, of all connections.
#[derive(Default)]
pub(crate) struct Counts {
    up: u64,
    down: u64,
}

impl Counts {
    /// Those of one direction.
    pub(crate) fn of(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Up => self.up,
            Direction::Down => self.down,
        }
    }
}

/// A proxy that counts bytes, and that breaks once: before the byte of this number in that direction.
pub(crate) struct Breaking {
    listener: Listener,
    counts: Arc<Mutex<Counts>>,
}

impl Breaking {
    /// One to `localhost:<port>`.
    pub(crate) fn to(host: &str, at: Option<(Direction, u64)>) -> Self {
        let counts = Arc::<Mutex<Counts>>::default();
        let (kept, host) = (Arc::clone(&counts), host.to_owned());
        let listener = Listener::start(move |client, _| {
            let server = TcpStream::connect(&host)?;
            let (counts, from, to) = (Arc::clone(&kept), client.try_clone()?, server.try_clone()?);
            let upwards = thread::spawn(move || copy(from, to, Direction::Up, &counts, at));
            let downwards = copy(server, client, Direction::Down, &kept, at);
            let _ = upwards.join();
            downwards
        });
        Self { listener, counts }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.listener.port())
    }

    /// How many bytes have gone in that direction.
    pub(crate) fn count(&self, direction: Direction) -> u64 {
        self.counts.lock().of(direction)
    }
}

fn copy(
    mut from: TcpStream,
    mut to: TcpStream,
    direction: Direction,
    counts: &Mutex<Counts>,
    at: Option<(Direction, u64)>,
) -> io::Result<()> {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let before = {
            let mut counts = counts.lock();
            let count = if direction == Direction::Up { &mut counts.up } else { &mut counts.down };
            *count += length as u64;
            *count - length as u64
        };
        match at {
            Some((own, at)) if own == direction && before <= at && at < before + length as u64 => {
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
    /// It reaches the registry, and this is told as soon as the registry has answered; the answer doesn't come back.
    Withheld(Sender<()>),
    /// Nothing happens any more, and the connection stays.
    Stalls,
}

/// A proxy where `decide` says what becomes of each request, from its method and target. One request for each
/// connection.
pub(crate) fn deciding(host: &str, decide: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Listener {
    let host = host.to_owned();
    Listener::start(move |mut client, _| {
        let head = Head::read(&mut client)?;
        let (limit, arrived) = match decide(head.line()) {
            Fate::Gets(answer) => {
                head.drain(&client)?;
                return client.write_all(answer.as_bytes());
            }
            Fate::GetsEarly(answer) => return client.write_all(answer.as_bytes()),
            // Until the client goes.
            Fate::Stalls => return io::copy(&mut client, &mut io::sink()).map(drop),
            Fate::PassesAfter(delay) => {
                thread::sleep(delay);
                return forward_proxy::join(client, head.forward(&host, "")?);
            }
            Fate::Passes => return forward_proxy::join(client, head.forward(&host, "")?),
            Fate::Truncated(limit) => (limit, None),
            Fate::Unanswered => (0, None),
            Fate::Withheld(arrived) => (0, Some(arrived)),
        };
        let mut server = head.forward(&host, "")?;
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        let upwards = thread::spawn(move || io::copy(&mut from, &mut to));
        let mut answer = Vec::new();
        // Of a registry that broke off, what there is.
        let _ = server.read_to_end(&mut answer);
        if let Some(arrived) = arrived {
            let _ = arrived.send(());
            let _ = upwards.join();
        }
        let _ = client.write_all(&answer[..answer.len().min(limit)]);
        client.shutdown(Shutdown::Both)
    })
}

/// An answer of a registry that is too busy, with these headers.
pub(crate) fn refusal(status: &str, headers: &str) -> String {
    answer(status, headers, "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}]}")
}
