//! What the contract's imports do outside of crhost, which is in unit tests: they ask the test's [`Host`], and panic in
//! words where there is none.
//!
//! The generated bindings call these functions on every target but WebAssembly; see `tests/e2e/wit` for how they come
//! there.

use crate::bindings::crhost::flavor::http::{Error, Request, Response};
use crate::bindings::crhost::flavor::log::Level;
use crate::bindings::crhost::flavor::received_secrets::Received;
use crate::bindings::crhost::flavor::secrets::{Encoding, Escaping, Part, Secret};
use crate::testing::host;

pub(crate) fn send(request: &Request<'_>) -> Result<Response, Error> {
    host::with("http::send", |host| host.exchange(request))
}

pub(crate) fn receive(request: &Request<'_>, member: &[String], encoding: Encoding) -> Result<Received, Error> {
    host::with("received_secrets::receive", |host| host.receive(request, member, encoding))
}

pub(crate) fn now() -> u64 {
    host::with("clock::now", |host| host.now)
}

/// Without a host a line goes to standard error, which test runners show where a test fails.
pub(crate) fn write(level: Level, message: &str) {
    let line = format!("{}: {message}", format!("{level:?}").trim_start_matches("Level::").to_lowercase());
    if host::exists() {
        host::with("log::write", |host| host.lines.push(line));
    } else {
        eprintln!("{line}");
    }
}

pub(crate) fn hmac_sha256(key: &Secret, prefix: &[u8], message: &[Part<'_>]) -> Result<Secret, String> {
    host::with("Secret::hmac_sha256", |host| Ok(host.secrets.hmac_sha256(key, prefix, message)))
}

pub(crate) fn sign_rs256(key: &Secret, message: &[Part<'_>]) -> Result<Secret, String> {
    host::with("Secret::sign_rs256", |host| Ok(host.secrets.sign_rs256(key, message)))
}

pub(crate) fn sha256(message: &[Part<'_>]) -> Result<Secret, String> {
    host::with("secrets::sha256", |host| Ok(host.secrets.sha256(message)))
}

pub(crate) fn join(parts: &[Part<'_>], escaping: Escaping) -> Result<Secret, String> {
    host::with("secrets::join", |host| Ok(host.secrets.join(parts, escaping)))
}

pub(crate) fn public_member(secret: &Secret, name: &str) -> Option<String> {
    host::with("Secret::public_member", |host| host.secrets.public_member(secret, name))
}

pub(crate) fn member(secret: &Secret, name: &str) -> Option<Secret> {
    host::with("Secret::member", |host| host.secrets.member(secret, name))
}
