//! A fake registry, which behaves as quirks say, notes each request and each secret that came where it must not.

pub(crate) mod http;
pub(crate) mod registry;
pub(crate) mod rules;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::failure::{Failure, Result};
use crate::fake::http::{Request, Response};
use crate::fake::registry::{Content, Operation, error};
use crate::fake::rules::Situation;
use crate::quirk::Behaviour;

/// The user whom the fake knows.
pub(crate) const USER: &str = "alice";

/// The user's password.
pub(crate) const PASSWORD: &str = "pass-word-7";

/// The token that the fake grants.
const TOKEN: &str = "tok-3f1c7d2e";

/// A connection without a request for so long is closed: its client has ended.
const IDLE: Duration = Duration::from_secs(60);

/// A fake registry at four addresses of this machine.
pub(crate) struct Fake {
    shared: Arc<Shared>,
}

/// Where a request came in.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entrance {
    tls: bool,
    elsewhere: bool,
}

struct Shared {
    play: Mutex<Play>,
    /// `HOST:PORT` of each entrance.
    hosts: Vec<(Entrance, String)>,
}

/// One push.
#[derive(Default)]
struct Play {
    behaviour: Behaviour,
    hits: Vec<usize>,
    content: Content,
    requests: Vec<String>,
    leaks: Vec<String>,
}

/// What one push left behind.
pub(crate) struct Record {
    /// What was stored.
    pub(crate) content: Content,
    /// `METHOD TARGET -> STATUS`, in order.
    pub(crate) requests: Vec<String>,
    /// Secrets that came where they must not.
    pub(crate) leaks: Vec<String>,
}

impl Fake {
    /// Listens on loopback; TLS with this configuration.
    ///
    /// # Errors
    /// When no port is free.
    pub(crate) fn start(tls: &Arc<ServerConfig>) -> Result<Self> {
        let cannot = |error| Failure::new(format!("cannot listen on loopback: {error}"));
        let mut listeners = Vec::new();
        let mut hosts = Vec::new();
        for (secure, elsewhere) in [(false, false), (true, false), (false, true), (true, true)] {
            let listener = TcpListener::bind("127.0.0.1:0").map_err(cannot)?;
            let port = listener.local_addr().map_err(cannot)?.port();
            let entrance = Entrance { tls: secure, elsewhere };
            // Another name, so that it is another host for clients that ignore ports too.
            let name = if elsewhere { "localhost" } else { "127.0.0.1" };
            hosts.push((entrance, format!("{name}:{port}")));
            listeners.push((entrance, listener));
        }
        let shared = Arc::new(Shared { play: Mutex::default(), hosts });
        for (entrance, listener) in listeners {
            let (shared, tls) = (Arc::clone(&shared), Arc::clone(tls));
            thread::spawn(move || {
                for stream in listener.incoming().map_while(std::result::Result::ok) {
                    let (shared, tls) = (Arc::clone(&shared), Arc::clone(&tls));
                    thread::spawn(move || shared.connection(stream, entrance, tls));
                }
            });
        }
        Ok(Self { shared })
    }

    /// `HOST:PORT` at which clients find it.
    pub(crate) fn host(&self, tls: bool) -> &str {
        self.shared.host(Entrance { tls, elsewhere: false })
    }

    /// Forgets all and behaves like this from now on.
    pub(crate) fn begin(&self, behaviour: Behaviour) {
        *self.shared.play.lock() = Play { behaviour, ..Play::default() };
    }

    /// What happened since then.
    pub(crate) fn end(&self) -> Record {
        let play = std::mem::take(&mut *self.shared.play.lock());
        Record { content: play.content, requests: play.requests, leaks: play.leaks }
    }
}

impl Shared {
    fn host(&self, entrance: Entrance) -> &str {
        self.hosts.iter().find(|(e, _)| *e == entrance).map_or("", |(_, host)| host)
    }

    /// Serves one connection; a client that breaks it off has ended.
    fn connection(&self, stream: TcpStream, entrance: Entrance, tls: Arc<ServerConfig>) {
        let _ = stream.set_read_timeout(Some(IDLE));
        let _ = stream.set_nodelay(true);
        match (entrance.tls, ServerConnection::new(tls)) {
            (true, Ok(session)) => {
                let mut stream = BufReader::new(StreamOwned::new(session, stream));
                self.requests(&mut stream, entrance);
                // Without it, a body that ends with the connection would be incomplete (RFC 9112, section 9.8).
                stream.get_mut().conn.send_close_notify();
                let _ = stream.get_mut().flush();
            }
            (true, Err(_)) => {}
            (false, _) => self.requests(&mut BufReader::new(stream), entrance),
        }
    }

    fn requests<S: Read + Write>(&self, stream: &mut BufReader<S>, entrance: Entrance) {
        while let Ok(Some(request)) = http::read(&mut Duplex(stream)) {
            let (response, transport) = {
                let mut play = self.play.lock();
                let response = self.answer(&mut play, &request, entrance);
                let method = &request.method;
                let line = format!("{method} {}?{} -> {}", request.path, request.query, response.status);
                play.requests.push(line);
                (response, play.behaviour.transport.clone())
            };
            if !http::write(stream.get_mut(), &request.method, &response, &transport).unwrap_or(false) {
                break;
            }
        }
    }

    fn answer(&self, play: &mut Play, request: &Request, entrance: Entrance) -> Response {
        let tls = play.behaviour.transport.tls;
        let moved = request.path.strip_prefix("/moved");
        let path = moved.unwrap_or(&request.path).to_owned();
        let token = path == "/token";
        let authorization = request.header("authorization");
        let secret = authorization.is_some() || String::from_utf8_lossy(&request.body).contains(PASSWORD);
        if secret && (entrance.tls != tls || entrance.elsewhere && !token) {
            let origin = format!("{}://{}", if entrance.tls { "https" } else { "http" }, self.host(entrance));
            play.leaks.push(format!("{} {origin}{} with credentials", request.method, request.path));
        }
        let operation = Operation::of(request, &path);
        let name = if token { "token" } else { operation.name };
        // Whoever comes by a redirect to another host has been let in by the address.
        let open = token || entrance.elsewhere && moved.is_some();
        if let Some(refusal) = (!open).then(|| self.refusal(play, authorization, name)).flatten() {
            return refusal;
        }
        let (content, digest) = operation.content(request, &play.content);
        let situation = Situation { operation: name, present: play.content.has(&operation), moved: moved.is_some() };
        let met = rules::met(&play.behaviour.rules, &mut play.hits, request, &situation);
        let mut response = match () {
            () if token => granted(),
            () if met.iter().all(rules::takes_effect) => play.content.serve(&operation, request),
            () => Response::status(200),
        };
        let received = play.content.received(&operation);
        let mut names = self.names(tls, request);
        names.push(("location", response.header("location").unwrap_or_default().to_owned()));
        names.push(("digest", digest));
        names.push(("size", content.len().to_string()));
        names.push(("received", received.to_string()));
        names.push(("last", received.saturating_sub(1).to_string()));
        met.iter().for_each(|rule| rules::apply(rule, &mut response, &names));
        response
    }

    /// The answer to those who may not, if they may not.
    fn refusal(&self, play: &Play, authorization: Option<&str>, operation: &str) -> Option<Response> {
        let auth = &play.behaviour.auth;
        if auth.accept.is_empty() || operation == "ping" && auth.ping_open == Some(true) {
            return None;
        }
        let (scheme, value) = authorization.and_then(|text| text.split_once(' ')).unwrap_or_default();
        let right = match scheme.to_ascii_lowercase().as_str() {
            "basic" => auth.accept.contains("basic") && value == STANDARD.encode(format!("{USER}:{PASSWORD}")),
            "bearer" => auth.accept.contains("bearer") && value == TOKEN,
            _ => false,
        };
        if right {
            return None;
        }
        let names = self.names(play.behaviour.transport.tls, &Request::empty());
        let mut refusal = error(401, "UNAUTHORIZED");
        for challenge in &auth.challenges {
            let filled = names.iter().fold(challenge.clone(), |t, (name, v)| t.replace(&format!("{{{name}}}"), v));
            refusal.headers.push(("WWW-Authenticate".to_owned(), filled));
        }
        Some(refusal)
    }

    fn names(&self, tls: bool, request: &Request) -> rules::Names {
        let scheme = if tls { "https" } else { "http" };
        let (host, elsewhere) =
            (self.host(Entrance { tls, elsewhere: false }), self.host(Entrance { tls, elsewhere: true }));
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        vec![
            ("scheme", scheme.to_owned()),
            ("host", host.to_owned()),
            ("origin", format!("{scheme}://{host}")),
            ("elsewhere", format!("{scheme}://{elsewhere}")),
            ("plain", format!("http://{}", self.host(Entrance { tls: false, elsewhere: false }))),
            ("target", format!("{}{query}", request.path)),
            ("moved", format!("/moved{}{query}", request.path)),
            ("lie", format!("sha256:{}", "1d".repeat(32))),
            ("token", TOKEN.to_owned()),
        ]
    }
}

/// The usual answer of a token server, with all members that Docker's specification has.
fn granted() -> Response {
    let mut granted = Response::status(200).with("Content-Type", "application/json");
    let body = json!({"token": TOKEN, "access_token": TOKEN, "expires_in": 300, "issued_at": "2026-01-01T00:00:00Z"});
    granted.body = body.to_string().into_bytes();
    granted
}

/// Reads through the buffer and writes past it.
struct Duplex<'a, S>(&'a mut BufReader<S>);

impl<S: Read> Read for Duplex<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<S: Read> BufRead for Duplex<'_, S> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl<S: Read + Write> Write for Duplex<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.get_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.get_mut().flush()
    }
}
