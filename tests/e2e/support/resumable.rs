//! A fake registry that keeps what has arrived of an upload when the connection breaks, and says how much that is. What is
//! whole it gives to a real registry, which also has everything else.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::line::read_head;
use super::listener::{Listener, answer};
use super::proxy;

/// A running one.
pub(crate) struct Resumable {
    listener: Listener,
    state: Arc<Mutex<State>>,
}

/// How it goes wrong.
#[derive(Clone, Copy)]
pub(crate) struct Trouble {
    /// Requests with more content than this break after it.
    pub(crate) after: usize,
    /// So many of them do.
    pub(crate) times: usize,
    /// What it says when it is asked how much it has, from how much it has.
    pub(crate) says: fn(usize) -> String,
}

#[derive(Default)]
struct State {
    uploads: HashMap<String, Vec<u8>>,
    breaks: usize,
    received: usize,
}

impl Resumable {
    /// One in front of `localhost:<port>`.
    pub(crate) fn before(host: &str, trouble: Trouble) -> Self {
        let state = Arc::<Mutex<State>>::default();
        let (kept, host) = (Arc::clone(&state), host.to_owned());
        let listener = Listener::start(move |client, _| serve(client, &kept, &host, trouble));
        Self { listener, state }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.listener.port())
    }

    /// The bytes of blobs that arrived, each as often as it did.
    pub(crate) fn received(&self) -> usize {
        lock(&self.state).received
    }

    /// The connections that broke.
    pub(crate) fn breaks(&self) -> usize {
        lock(&self.state).breaks
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut client: TcpStream, state: &Mutex<State>, host: &str, trouble: Trouble) -> io::Result<()> {
    let head = read_head(&mut client)?;
    if head.first() == Some(&0x16) {
        return client.write_all(answer("400 Bad Request", "", "this is plain HTTP").as_bytes());
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some((repository, upload)) = path.split_once("/blobs/uploads/") else {
        let mut server = TcpStream::connect(host)?;
        server.write_all(head.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes())?;
        return proxy::join(client, server);
    };
    let reply = match method {
        "POST" => {
            let mut state = lock(state);
            let number = state.uploads.len().to_string();
            state.uploads.insert(number.clone(), Vec::new());
            answer("202 Accepted", &format!("location: {path}{number}\r\n"), "")
        }
        "GET" => {
            let has = lock(state).uploads.get(upload).map_or(0, Vec::len);
            answer("204 No Content", &format!("range: {}\r\n", (trouble.says)(has)), "")
        }
        "DELETE" => answer("204 No Content", "", ""),
        _ => {
            if !take(&client, &head, upload, state, trouble)? {
                return client.shutdown(Shutdown::Both);
            }
            let bytes = lock(state).uploads.get(upload).cloned().unwrap_or_default();
            match query.strip_prefix("digest=") {
                Some(digest) => store(host, repository, digest, &bytes)?,
                None => answer("202 Accepted", &format!("range: 0-{}\r\n", bytes.len().saturating_sub(1)), ""),
            }
        }
    };
    client.write_all(reply.as_bytes())
}

/// Takes a request's content, and says whether that came to its end.
fn take(client: &TcpStream, head: &str, upload: &str, state: &Mutex<State>, trouble: Trouble) -> io::Result<bool> {
    let head = head.to_ascii_lowercase();
    let length: Option<usize> = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut reader = BufReader::new(client);
    let mut taken = 0;
    loop {
        let next = match length {
            Some(length) => (length - taken).min(16 << 10),
            None => {
                let mut size = String::new();
                reader.read_line(&mut size)?;
                usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?
            }
        };
        let mut bytes = vec![0; next];
        reader.read_exact(&mut bytes)?;
        if length.is_none() {
            reader.read_exact(&mut [0; 2])?;
        }
        if next == 0 {
            return Ok(true);
        }
        let mut state = lock(state);
        let breaks = taken + next > trouble.after && state.breaks < trouble.times;
        bytes.truncate(if breaks { trouble.after - taken } else { next });
        taken += bytes.len();
        state.received += bytes.len();
        state.uploads.entry(upload.to_owned()).or_default().extend(bytes);
        if breaks {
            state.breaks += 1;
            return Ok(false);
        }
    }
}

/// Gives a whole blob to the real registry, and gives its answer.
fn store(host: &str, repository: &str, digest: &str, bytes: &[u8]) -> io::Result<String> {
    let ask = |method: &str, target: &str, bytes: &[u8]| {
        let mut server = TcpStream::connect(host)?;
        let length = bytes.len();
        write!(
            server,
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        )?;
        server.write_all(bytes)?;
        let mut answer = String::new();
        server.read_to_string(&mut answer)?;
        io::Result::Ok(answer)
    };
    let opened = ask("POST", &format!("{repository}/blobs/uploads/"), &[])?;
    let location = opened.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_default();
    let (_, path) = location.split_once("/v2/").unwrap_or_default();
    ask("PUT", &format!("/v2/{path}&digest={digest}"), bytes)
}
