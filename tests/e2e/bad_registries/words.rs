//! Registries whose answers never end, arrive byte by byte, or are too large.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{iter, thread};

use super::leaks::{reply, server};
use super::{PUSH, home};
use crate::support::fakes::listener::{Listener, Wire};
use crate::support::http1::answer;

/// A registry that answers `GET /v2/` as it should, and every other request with `then`.
fn after_the_greeting(then: impl Fn(&mut dyn Wire, &str) -> io::Result<()> + Send + Sync + 'static) -> Listener {
    Listener::start(move |mut stream, log| {
        let request = log.request(&mut stream)?;
        match request.starts_with("GET /v2/ ") {
            true => stream.write_all(answer("200 OK", "", "{}").as_bytes()),
            false => then(&mut stream, &request),
        }
    })
}

#[test]
fn an_error_that_never_ends_is_cut_and_shown_as_one_line() {
    let registry = after_the_greeting(|wire, _| {
        wire.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\n\r\n<h1>No\x1b[2J\x07 way</h1>")?;
        // Until the client goes.
        iter::repeat_n(" no".repeat(10_000), 100_000).try_for_each(|words| wire.write_all(words.as_bytes()))
    });
    let home = home(&format!("localhost:{}", registry.port()));
    let refused = home.fails(4, &PUSH);
    refused.printable();
    refused.within(Duration::from_secs(60));
    assert!(refused.error().len() < 1000, "{}", *refused);
}

#[test]
fn headers_beyond_measure_are_no_answer() {
    // Many of them, and one that is large.
    thread::scope(|scope| {
        for (count, size) in [(100_000, 10), (1, 10 << 20)] {
            scope.spawn(move || {
                let registry = after_the_greeting(move |wire, _| {
                    wire.write_all(b"HTTP/1.1 202 Accepted\r\n")?;
                    let value = "x".repeat(size);
                    (0..count).try_for_each(|number| write!(wire, "x-{number}: {value}\r\n"))?;
                    wire.write_all(b"content-length: 0\r\n\r\n")
                });
                let home = home(&format!("localhost:{}", registry.port()));
                home.fails(6, &PUSH).within(Duration::from_secs(60));
            });
        }
    });
}

#[test]
fn an_answer_that_comes_by_drops_is_given_up() {
    let registry = after_the_greeting(|wire, _| {
        wire.write_all(b"HTTP/1.1 200 OK\r\nx-slow: ")?;
        loop {
            wire.write_all(b"x")?;
            wire.flush()?;
            thread::sleep(Duration::from_millis(100));
        }
    });
    let home = home(&format!("localhost:{}", registry.port()));
    home.fails(6, &[&PUSH[..], &["--idle-timeout", "1"]].concat()).says("was silent for 1 seconds");
}

#[test]
fn a_manifest_that_the_registry_knows_by_another_digest_is_no_success() {
    let other = format!("sha256:{}", "0".repeat(64));
    let has_blobs = Arc::new(AtomicBool::new(false));
    let (registry, _) = server(move |line, _| match line.split(' ').next() {
        Some("HEAD") if line.contains("/manifests/") => reply(200, &[("docker-content-digest", &other)]),
        Some("HEAD") => reply(if has_blobs.load(Ordering::Relaxed) { 200 } else { 404 }, &[]),
        Some("PUT") => {
            has_blobs.store(true, Ordering::Relaxed);
            reply(201, &[])
        }
        Some("POST") => reply(202, &[("location", "/up")]),
        _ => reply(201, &[]),
    });
    let home = home(&registry.host());
    home.fails(8, &PUSH).says("0000000000");
}
