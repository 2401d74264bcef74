//! Requests at a rate, over connections that are kept.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// Connections that share the load: as many as wait at once where an answer takes 30 ms.
const CONNECTIONS: usize = 16;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A load.
pub(super) struct Load {
    /// The server's address.
    pub(super) host: String,
    /// The requests, which are sent in turn.
    pub(super) requests: Vec<Vec<u8>>,
    /// Requests in a second.
    pub(super) rate: u32,
    /// How long it lasts.
    pub(super) length: Duration,
}

/// How long answers took, from when their requests were due.
#[derive(Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// Adds those of another turn.
    pub(super) fn add(&mut self, Self(more): Self) {
        self.0.extend(more);
        self.0.sort_unstable();
    }

    fn at(&self, percent: usize) -> f64 {
        self.0.get(self.0.len() * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// How many times as long these took as others, at a percentile.
    pub(super) fn ratio(&self, other: &Self, percent: usize) -> f64 {
        self.at(percent) / other.at(percent).max(f64::MIN_POSITIVE)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slowest = self.0.last().map_or(0.0, |time| time.as_secs_f64() * 1e3);
        write!(f, "median {:.2}, p99 {:.2}, slowest {slowest:.2}, of {}", self.at(50), self.at(99), self.0.len())
    }
}

/// Sends the first request alone.
pub(super) fn once(load: &Load) -> Result<()> {
    let request = load.requests.first().map(Vec::as_slice).unwrap_or_default();
    Connection::open(&load.host)?.ask(request)
}

impl Load {
    /// Carries it out.
    pub(super) fn run(&self) -> Result<Times> {
        let total = u64::from(self.rate) * self.length.as_secs();
        let start = Instant::now() + Duration::from_millis(100);
        let times = thread::scope(|scope| {
            let senders: Vec<_> =
                (0..CONNECTIONS).map(|first| scope.spawn(move || self.send(start, first, total))).collect();
            let joined = senders.into_iter().map(|sender| match sender.join() {
                Ok(times) => times,
                Err(_) => Err(Failure::new("a sender of the load stopped")),
            });
            joined.collect::<Result<Vec<Vec<Duration>>>>()
        })?;
        Ok(Times(times.concat()))
    }

    /// Sends each of so many requests that is this connection's.
    fn send(&self, start: Instant, first: usize, total: u64) -> Result<Vec<Duration>> {
        let mut connection = Connection::open(&self.host)?;
        let mut times = Vec::new();
        for number in (first as u64..total).step_by(CONNECTIONS) {
            let due = start + Duration::from_secs_f64(number as f64 / f64::from(self.rate));
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let request = self.requests.get(number as usize % self.requests.len().max(1));
            connection.ask(request.map(Vec::as_slice).unwrap_or_default())?;
            times.push(due.elapsed());
        }
        Ok(times)
    }
}

/// A connection that is kept.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(host: &str) -> Result<Self> {
        let failed = |error: std::io::Error| Failure::new(format!("`{host}` does not answer: {error}"));
        let stream = TcpStream::connect(host).map_err(failed)?;
        stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(PATIENCE))).map_err(failed)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and reads its answer, which has to be a success.
    fn ask(&mut self, request: &[u8]) -> Result<()> {
        let failed = |error: std::io::Error| Failure::new(format!("the server breaks off: {error}"));
        self.0.get_mut().write_all(request).map_err(failed)?;
        let (mut line, mut length, mut status) = (String::new(), 0_u64, String::new());
        while self.0.read_line(&mut line).map_err(failed)? > 2 {
            if status.is_empty() {
                status = line.trim_end().to_owned();
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut body = Vec::new();
        self.0.by_ref().take(length).read_to_end(&mut body).map_err(failed)?;
        match status.contains(" 200") {
            true => Ok(()),
            false => Err(Failure::new(format!("the answer is `{status}`: {}", String::from_utf8_lossy(&body)))),
        }
    }
}
