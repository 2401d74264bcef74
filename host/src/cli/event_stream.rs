//! The events of `--progress json`: while they are written, standard error has nothing but JSON, one object a line.

use std::sync::OnceLock;
use std::time::Instant;

use serde::Serialize;

use crate::text::{Escaped, escape_json, seconds};

/// When the events began; absent while standard error is for people.
static START: OnceLock<Instant> = OnceLock::new();

/// A line: an event and its time.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Timed<T> {
    /// Seconds since the start of the push, to the millisecond.
    seconds: f64,
    #[serde(flatten)]
    event: T,
}

/// A message that is otherwise a line of text.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase")]
pub(super) enum MessageEvent<'a> {
    /// A message.
    Message {
        /// `warning`, `hint`, `info`, `debug` or another word that would stand before its text.
        level: &'a str,
        /// Its text.
        message: Escaped,
    },
}

/// Turns standard error into events.
pub(super) fn start() {
    START.get_or_init(Instant::now);
}

/// Whether standard error has events.
pub(super) fn is_on() -> bool {
    START.get().is_some()
}

/// An event's line; absent while standard error is for people.
pub(super) fn line(event: impl Serialize) -> Option<String> {
    let seconds = seconds(START.get()?.elapsed());
    // Structs of strings, numbers and lists, which JSON can always represent.
    let json = serde_json::to_string(&Timed { seconds, event }).unwrap_or_default();
    Some(escape_json(&json))
}

/// The line of a message.
pub(super) fn message(level: &str, message: &str) -> Option<String> {
    line(MessageEvent::Message { level, message: message.to_owned().into() })
}
