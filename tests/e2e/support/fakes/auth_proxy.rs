//! A fake proxy in front of a real registry that wants a password: it issues passwords and revokes them, and refuses a
//! revoked one with the words of the registry that it stands for.

use parking_lot::Mutex;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::http1::{Head, answer};
use crate::support::programs::registry::{Registry, USER};

/// How a registry refuses a password that has expired: the status, and the body.
pub(crate) type Refusal = (&'static str, &'static str);

/// A running proxy.
pub(crate) struct AuthProxy {
    listener: Listener,
    passwords: Arc<Passwords>,
}

/// The passwords, which are numbers at the end of the same words.
#[derive(Default)]
pub(crate) struct Passwords(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    /// The last one that was issued; the first is 1.
    issued: usize,
    /// It and those before it are not good any more.
    revoked: usize,
    /// The start of a request that revokes all passwords issued until then.
    trap: Option<&'static str>,
    /// Requests that were refused with a password.
    refused: Vec<String>,
}

impl AuthProxy {
    /// Puts one before a registry that is open to all.
    pub(crate) fn before(registry: &Registry, refusal: Refusal) -> Self {
        let passwords = Arc::<Passwords>::default();
        let (kept, behind) = (Arc::clone(&passwords), registry.host().to_owned());
        let listener = Listener::start(move |stream, _| serve(stream, &kept, &behind, refusal));
        Self { listener, passwords }
    }

    /// `localhost:<port>`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.listener.port())
    }

    /// Its passwords.
    pub(crate) fn passwords(&self) -> Arc<Passwords> {
        Arc::clone(&self.passwords)
    }
}

impl Passwords {
    fn entries(&self) -> parking_lot::MutexGuard<'_, Entries> {
        self.0.lock()
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

    /// The requests that were refused with a password, as `GET /v2/`.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.entries().refused.clone()
    }

    /// Whether this password opens the registry for a request.
    fn accepts(&self, line: &str, password: &str) -> bool {
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
fn serve(mut stream: TcpStream, passwords: &Passwords, behind: &str, (status, body): Refusal) -> io::Result<()> {
    const CHALLENGE: &str = "www-authenticate: Basic realm=\"gate\"\r\n";
    let head = Head::read(&mut stream)?;
    let refusal = match password(&head) {
        None => answer("401 Unauthorized", CHALLENGE, "{}"),
        Some(password) if !passwords.accepts(head.line(), &password) => {
            answer(status, if status.starts_with("401") { CHALLENGE } else { "" }, body)
        }
        Some(_) => return forward_proxy::join(stream, head.forward(behind, "")?),
    };
    head.drain(&stream)?;
    stream.write_all(refusal.as_bytes())
}

/// The password of [`USER`] that a request shows.
fn password(head: &Head) -> Option<String> {
    let basic = STANDARD.decode(head.header("authorization")?.strip_prefix("Basic ")?).ok()?;
    Some(String::from_utf8(basic).ok()?.strip_prefix(USER)?.strip_prefix(':')?.to_owned())
}
