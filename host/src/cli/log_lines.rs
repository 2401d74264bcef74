//! The lines of `--log-format json`: what standard error otherwise has as text for people, one JSON object a line.
//!
//! Where a caller parses standard error already, by `--output json` or `--progress json`, their forms stay (ADR 0021).

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::Event;
use tracing::field::{Field, Visit};

use crate::error::Kind;
use crate::text::{escape_json, escape_line};

/// The form of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// A JSON object a line, for programs that collect logs
    Json,
}

/// Whether the lines are JSON.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Has all lines written in this form from now on.
pub(super) fn set_format(format: LogFormat) {
    IS_JSON.store(format == LogFormat::Json, Ordering::Relaxed);
}

/// Whether the lines are JSON.
pub(super) fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// A line.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct LogLine<'a> {
    /// When it was written, as RFC 3339 has it, in UTC, to the millisecond.
    timestamp: String,
    /// `error`, `warning`, `info`, `debug` or `trace`.
    level: &'a str,
    /// The part of crhost or the library that says it; `crhost` for messages that are shown without `-v` too.
    target: &'a str,
    /// The message, in one line.
    message: &'a str,
    /// Further values, by their names, as text.
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
    /// Of a failure that ends the command: its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Kind>,
    /// The next step after a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    /// Of a failure that ends the command: the exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

impl<'a> LogLine<'a> {
    fn new(level: &'a str, target: &'a str, message: &'a str) -> Self {
        let timestamp = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        Self { timestamp, level, target, message, fields: Map::new(), code: None, hint: None, exit_code: None }
    }

    /// As it is written: characters that a terminal or a CI system would act on are escaped, as JSON does it.
    fn text(&self) -> String {
        // Structs of strings and numbers, which JSON can always represent.
        escape_json(&serde_json::to_string(self).unwrap_or_default())
    }
}

/// The line of a message that stands behind this word in text; absent where lines are text.
pub(super) fn message(word: &str, message: &str) -> Option<String> {
    let level = if matches!(word, "error" | "warning") { word } else { "info" };
    is_json().then(|| LogLine::new(level, "crhost", &escape_line(message)).text())
}

/// The line of the failure that ends the command; absent where lines are text.
pub(super) fn failure(kind: Kind, message: &str, hint: Option<&str>, exit_code: u8) -> Option<String> {
    let line =
        || LogLine { code: Some(kind), hint, exit_code: Some(exit_code), ..LogLine::new("error", "crhost", message) };
    is_json().then(|| line().text())
}

/// The line of an event of the log.
pub(super) fn event(level: &str, event: &Event<'_>) -> String {
    let mut values = Values::default();
    event.record(&mut values);
    let Values { message, fields } = values;
    LogLine { fields, ..LogLine::new(level, event.metadata().target(), &escape_line(&message)) }.text()
}

/// The values of an event.
#[derive(Default)]
struct Values {
    message: String,
    fields: Map<String, Value>,
}

impl Visit for Values {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => drop(self.fields.insert(name.to_owned(), format!("{value:?}").into())),
        }
    }
}
