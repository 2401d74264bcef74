//! A provider that repeats a secret: in the answer to the request that sent it, in a later one, and in the answer to
//! another call, which sent nothing.

use super::service::{Repeating, written};
use super::{Stage, TOKEN, push};
use crate::support::programs::process::Finished;

/// Forms that a program can undo.
const FORMS: [&str; 15] = [
    "raw",
    "capitals",
    "percent",
    "percent-small",
    "json",
    "json-whole",
    "base64",
    "base64-1",
    "base64-2",
    "base64-lines",
    "hex",
    "hex-capitals",
    "truncated",
    "utf-16le",
    "utf-16be",
];

/// Characters of a piece that must not be seen.
const SEEN: usize = 8;

#[test]
fn a_secret_that_is_repeated_is_not_read_whatever_its_form() {
    let (stage, service) = (Stage::new(), Repeating::start());
    stage.register("repeating", &service.url());
    for form in FORMS {
        let same = stage.home.ok(&push("repeating", &format!("same-{form}")));
        assert_redacted(&same, form);
        // In the next call, which has sent nothing.
        let next = stage.home.run(&push("repeating", &format!("next-{form}")));
        assert_eq!(next.code, Some(4), "{next}");
        assert_redacted(&next, form);
    }
}

/// Expects that the thief was told something, and no piece of the token as it was written.
#[track_caller]
fn assert_redacted(push: &Finished, form: &str) {
    assert!(push.stderr.contains("learnt 200 it was --------"), "{form}: {push}");
    let learnt = push.stderr.split_once("it was --------").unwrap().1;
    assert!(learnt.contains("********"), "{form}: {learnt}");
    let written = String::from_utf8_lossy(&written(TOKEN, form)).replace('\0', "");
    let pieces: Vec<char> = written.chars().collect();
    for piece in pieces.windows(SEEN) {
        let piece: String = piece.iter().collect();
        assert!(!learnt.contains(&piece), "{form}: `{piece}` is in {learnt}");
    }
}
