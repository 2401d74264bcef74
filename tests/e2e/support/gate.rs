//! A fake gate in front of a real registry: it lets in who shows a password that it issued, and turns away who shows one
//! that was revoked, with the words of the registry that it stands for.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::listener::{Listener, answer};
use super::proxy;
use super::registry::{Registry, USER};

/// How a registry says that a password is no longer good: the status, and the body.
pub(crate) type Refusal = (&'static str, &'static str);

/// A running gate.
pub(crate) struct Gate {
    listener: Listener,
    book: Arc<Book>,
}

/// The passwords, which are numbers at the end of the same words.
#[derive(Default)]
pub(crate) struct Book(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    /// The last one that was issued; the first is 1.
    issued: usize,
    /// It and those before it are not good any more.
    revoked: usize,
    /// The start of the request that has all passwords revoked that were issued until then.
    trap: Option<&'static str>,
    /// The first lines of requests that were turned away with a password.
    refused: Vec<String>,
}

impl Gate {
    /// Puts one before a registry that is open to all.
    pub(crate) fn before(registry: &Registry, refusal: Refusal) -> Self {
        let book = Arc::<Book>::default();
        let (kept, behind) = (Arc::clone(&book), registry.host().to_owned());
        let listener = Listener::start(move |stream, _| serve(stream, &kept, &behind, refusal));
        Self { listener, book }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.listener.port())
    }

    /// What issues its passwords.
    pub(crate) fn book(&self) -> Arc<Book> {
        Arc::clone(&self.book)
    }
}

impl Book {
    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another password.
    pub(crate) fn issue(&self) -> String {
        let mut entries = self.entries();
        entries.issued += 1;
        format!("issued-password-{}", entries.issued)
    }

    /// How many were issued.
    pub(crate) fn issued(&self) -> usize {
        self.entries().issued
    }

    /// Revokes those that were issued.
    pub(crate) fn revoke(&self) {
        let mut entries = self.entries();
        entries.revoked = entries.issued;
    }

    /// Revokes all that will ever be issued.
    pub(crate) fn revoke_all(&self) {
        self.entries().revoked = usize::MAX;
    }

    /// Revokes those that were issued as soon as a request begins like this, once.
    pub(crate) fn revoke_at(&self, line: &'static str) {
        self.entries().trap = Some(line);
    }

    /// The first lines of the requests that were turned away with a password.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.entries().refused.clone()
    }

    /// Whether who shows this password is let in.
    fn lets_in(&self, line: &str, password: &str) -> bool {
        let mut entries = self.entries();
        if entries.trap.is_some_and(|trap| line.starts_with(trap)) {
            entries.trap = None;
            entries.revoked = entries.issued;
        }
        let number: Option<usize> = password.strip_prefix("issued-password-").and_then(|number| number.parse().ok());
        let good = number.is_some_and(|number| entries.revoked < number && number <= entries.issued);
        if !good {
            entries.refused.push(line.to_owned());
        }
        good
    }
}

/// One request; the connection ends with its answer.
fn serve(mut stream: TcpStream, book: &Book, behind: &str, (status, body): Refusal) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
        // A client that tries TLS first.
        if head == [0x16] {
            return stream.write_all(answer("400 Bad Request", "", "this is plain HTTP").as_bytes());
        }
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let line = head.split(" HTTP/").next().unwrap_or_default();
    let header = |name: &str| {
        let value = head.lines().filter_map(|line| line.split_once(": "));
        value.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    };
    let shown = header("authorization").and_then(|value| STANDARD.decode(value.strip_prefix("Basic ")?).ok());
    let shown =
        shown.and_then(|pair| String::from_utf8(pair).ok()?.strip_prefix(USER)?.strip_prefix(':').map(str::to_owned));
    let refused = match shown {
        None => Some(answer("401 Unauthorized", "www-authenticate: Basic realm=\"gate\"\r\n", "{}")),
        Some(password) if !book.lets_in(line, &password) => {
            let challenge = if status.starts_with("401") { "www-authenticate: Basic realm=\"gate\"\r\n" } else { "" };
            Some(answer(status, challenge, body))
        }
        Some(_) => None,
    };
    if let Some(refused) = refused {
        // What is left unread would break the answer off.
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        io::copy(&mut (&stream).take(length), &mut io::sink())?;
        return stream.write_all(refused.as_bytes());
    }
    let mut server = TcpStream::connect(behind)?;
    server.write_all(head.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes())?;
    proxy::join(stream, server)
}
