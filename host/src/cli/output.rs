//! The two streams: results on standard output, messages on standard error. A reader that has gone away is no failure.
//!
//! Text is escaped as it is written, whoever wrote it: the last net under types that hold text escaped already.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use comfy_table::{Table, presets};
use serde::Serialize;

use super::{event_stream, screen};
use crate::text::{escape_json, escape_line};

/// The form of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: one JSON object
    Json,
}

/// The version of the JSON objects; raised when a member changes its meaning or is removed.
const SCHEMA_VERSION: u32 = 1;

/// A result as it is printed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Versioned<'a, T> {
    /// The version of this form; raised when a member changes its meaning or is removed, not when one is added.
    #[serde(rename = "schemaVersion")]
    #[cfg_attr(test, schemars(extend("const" = SCHEMA_VERSION)))]
    schema_version: u32,
    #[serde(flatten)]
    value: &'a T,
}

/// Writes a line of a result.
pub(super) fn print(line: &str) {
    screen::write(|| writeln!(anstream::stdout(), "{}", escape_line(line)));
}

/// Writes a result as a JSON object.
pub(super) fn print_json(value: &impl Serialize) {
    // Structs of strings, numbers and lists, which JSON can always represent.
    let json = serde_json::to_string_pretty(&Versioned { schema_version: SCHEMA_VERSION, value }).unwrap_or_default();
    screen::write(|| writeln!(anstream::stdout(), "{}", escape_json(&json)));
}

/// Writes a table; nothing if it has no rows.
pub(super) fn print_table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.iter().copied()).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for line in table.lines() {
        print(line.trim_end());
    }
}

/// Writes names and values, one pair a line, with the values aligned.
pub(super) fn print_facts(facts: &[(&str, String)]) {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    for (name, value) in facts {
        print(format!("{name:width$}{value}").trim_end());
    }
}

/// Writes a message behind a word such as `error`, `hint` or `warning`.
pub(super) fn say(word: &str, message: &str) {
    if let Some(event) = event_stream::message(word, message) {
        return say_raw(&event);
    }
    let colour = match word {
        "error" => AnsiColor::Red,
        "warning" => AnsiColor::Yellow,
        _ => AnsiColor::Cyan,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let colon = if message.is_empty() { "" } else { ": " };
    screen::write(|| writeln!(anstream::stderr(), "{style}{word}{style:#}{colon}{}", escape_line(message)));
}

/// Writes a message.
pub(super) fn say_line(line: &str) {
    match event_stream::message("info", line) {
        Some(event) => say_raw(&event),
        None => screen::write(|| writeln!(anstream::stderr(), "{}", escape_line(line))),
    }
}

/// Writes an event of `--progress json`; nothing while standard error is for people.
pub(super) fn say_event(event: impl Serialize) {
    event_stream::line(event).iter().for_each(|line| say_raw(line));
}

/// Writes a line that is escaped.
fn say_raw(line: &str) {
    screen::write(|| writeln!(anstream::stderr(), "{line}"));
}

/// Writes a message for programs as a JSON object on one line.
pub(super) fn say_json(value: &impl Serialize) {
    // Structs of strings and numbers, which JSON can always represent.
    let json = serde_json::to_string(value).unwrap_or_default();
    screen::write(|| writeln!(anstream::stderr(), "{}", escape_json(&json)));
}
