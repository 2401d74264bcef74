//! A fake registry that keeps the bytes of an upload whose connection broke, and says how many there are. A whole blob
//! goes to a real registry, which also answers everything else.

use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::http1::{Head, answer};

/// A running fake.
pub(crate) struct ResumableRegistry {
    listener: Listener,
    state: Arc<Mutex<State>>,
}

/// How it goes wrong.
#[derive(Clone, Copy)]
pub(crate) struct Trouble {
    /// A connection breaks after so many bytes of content, where a request has more.
    pub(crate) after: usize,
    /// So many connections do.
    pub(crate) times: usize,
    /// The header `range` with which it tells how many bytes it has, made of how many it really has.
    pub(crate) says: fn(usize) -> String,
}

#[derive(Default)]
struct State {
    uploads: HashMap<String, Vec<u8>>,
    breaks: usize,
    received: usize,
}

impl ResumableRegistry {
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
    state.lock()
}

fn serve(mut client: TcpStream, state: &Mutex<State>, host: &str, trouble: Trouble) -> io::Result<()> {
    let head = Head::read(&mut client)?;
    let (path, query) = head.target().split_once('?').unwrap_or((head.target(), ""));
    let Some((repository, upload)) = path.split_once("/blobs/uploads/") else {
        return forward_proxy::join(client, head.forward(host, "")?);
    };
    let reply = match head.method() {
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
fn take(client: &TcpStream, head: &Head, upload: &str, state: &Mutex<State>, trouble: Trouble) -> io::Result<bool> {
    let mut content = head.content(client);
    let (mut taken, mut bytes) = (0, [0; 16 << 10]);
    loop {
        let length = content.read(&mut bytes)?;
        if length == 0 {
            return Ok(true);
        }
        let mut state = lock(state);
        let breaks = taken + length > trouble.after && state.breaks < trouble.times;
        let length = if breaks { trouble.after - taken } else { length };
        taken += length;
        state.received += length;
        state.uploads.entry(upload.to_owned()).or_default().extend(&bytes[..length]);
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
