//! The two streams: results on standard output, messages on standard error. A reader that has gone away is no failure.
//!
//! Text is escaped as it is written, whoever wrote it: the last net under types that hold text escaped already.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use clap::builder::StyledStr;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use serde::Serialize;

use super::message::Message;
use super::selection::{self, SelectionError};
use super::{ci, event_stream, log_lines, screen, terminal, wrap};
use crate::text::{escape_json, escape_line};

/// The form of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: one JSON object
    Json,
    /// Names alone, one a line, as for `xargs`
    Name,
}

/// Whether messages are JSON, as results are.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// The first failure to write a result.
static WRITE_FAILURE: OnceLock<io::Error> = OnceLock::new();

/// The first part of a result that could not be shown.
static SELECTION_FAILURE: OnceLock<SelectionError> = OnceLock::new();

/// Has all messages written in this form from now on.
pub(super) fn set_format(format: Format) {
    IS_JSON.store(format == Format::Json, Ordering::Relaxed);
}

/// The form of messages: JSON, or text.
pub(super) fn format() -> Format {
    if is_json() { Format::Json } else { Format::Table }
}

/// Whether messages are JSON.
pub(super) fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// The reason why a result could not be written, which may be that its reader has gone away.
pub(super) fn write_failure() -> Option<&'static io::Error> {
    WRITE_FAILURE.get()
}

/// The reason why the chosen part of a result could not be shown.
pub(super) fn selection_failure() -> Option<&'static SelectionError> {
    SELECTION_FAILURE.get()
}

fn write_result(text: impl Display) {
    screen::write(|| {
        let mut stdout = anstream::stdout();
        // A program that reads the result may wait for it while this one goes on, as `crhost serve` does.
        if let Err(reason) = writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
            // The first failure is the reason of those that follow.
            let _ = WRITE_FAILURE.set(reason);
        }
        Ok(())
    });
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
    write_result(escape_line(line));
}

/// Writes lines of a long result in one piece.
pub(super) fn print_lines(lines: impl IntoIterator<Item = impl AsRef<str>>) {
    write_lines(&lines.into_iter().map(|line| escape_line(line.as_ref())).collect::<Vec<_>>());
}

fn write_lines(lines: &[String]) {
    if !lines.is_empty() {
        write_result(lines.join("\n"));
    }
}

/// Writes a document byte for byte, as its digest is that of its bytes. On a terminal, which it could command, it is
/// escaped.
pub(super) fn print_document(document: &[u8]) {
    if io::stdout().is_terminal() {
        return print_lines(String::from_utf8_lossy(document).lines());
    }
    screen::write(|| {
        let mut stdout = io::stdout();
        let written = stdout.write_all(document).and_then(|()| stdout.flush());
        written.err().map_or(Ok(()), |reason| WRITE_FAILURE.set(reason).or(Ok(())))
    });
}

/// Writes a text of several lines that is crhost's own.
pub(super) fn print_text(text: &str) {
    write_result(text.trim_end());
}

/// Writes the help or the version, which are clap's text.
pub(super) fn print_help(text: &StyledStr) {
    write_result(text.ansi().to_string().trim_end());
}

/// Writes a result as a JSON object, or the part of it that was asked for.
pub(super) fn print_json(value: &impl Serialize) {
    write_json(value, serde_json::to_string_pretty);
}

/// Writes a result on one line as a JSON object with `schemaVersion`, for a command that goes on after it: whoever
/// reads a line has all of it.
pub(super) fn print_json_compact(value: &impl Serialize) {
    write_json(value, serde_json::to_string);
}

/// Writes rows of a long result, a JSON object on a line for each: whoever reads a line has all of it.
pub(super) fn print_json_rows<T: Serialize>(rows: &[T]) {
    write_lines(&rows.iter().filter_map(|row| json(row, serde_json::to_string)).collect::<Vec<_>>());
}

fn write_json<'a, T: Serialize>(value: &'a T, whole: fn(&Versioned<'a, T>) -> serde_json::Result<String>) {
    if let Some(text) = json(value, whole) {
        write_result(text);
    }
}

/// A result as a JSON object, or the part of it that was asked for; nothing where that is empty.
fn json<'a, T: Serialize>(value: &'a T, whole: fn(&Versioned<'a, T>) -> serde_json::Result<String>) -> Option<String> {
    let document = Versioned { schema_version: SCHEMA_VERSION, value };
    if !selection::is_chosen() {
        // Structs of strings, numbers and lists, which JSON can always represent.
        return Some(escape_json(&whole(&document).unwrap_or_default()));
    }
    let chosen = selection::chosen(&serde_json::to_value(&document).unwrap_or_default())?;
    // The first failure is the reason of those that follow.
    let text = chosen.map_err(|failure| drop(SELECTION_FAILURE.set(failure)));
    text.ok().filter(|text| !text.is_empty())
}

/// Writes a result as a JSON object on one line, as a protocol of others has it.
pub(super) fn print_json_line(value: &impl Serialize) {
    // Structs and maps of strings, which JSON can always represent.
    write_result(escape_json(&serde_json::to_string(value).unwrap_or_default()));
}

/// Writes a secret that a program asked for, unchanged: escaped it would be another one.
pub(super) fn print_secret(secret: &str) {
    write_result(secret);
}

/// Columns between those of a table, and between names and values.
const GAP: u16 = 2;

/// Writes a table; nothing if it has no rows. On a terminal that is too narrow for it, texts of several words are
/// broken into lines.
pub(super) fn print_table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.iter().copied()).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    if let Some(columns) = terminal::stdout_columns() {
        fit(&mut table, columns);
    }
    for line in table.lines() {
        print(line.trim_end());
    }
}

/// Has a table be of so many columns, unless it would have to break words for that: those are names and URIs to copy.
fn fit(table: &mut Table, columns: usize) {
    let longest = |text: &str| text.split_whitespace().map(wrap::width).max().unwrap_or(0);
    let count = table.column_count();
    let rows = || table.header().into_iter().chain(table.row_iter());
    let word = |column| rows().filter_map(|row| row.cell_iter().nth(column)).map(|cell| longest(&cell.content())).max();
    let words: Vec<usize> = (0..count).map(|column| word(column).unwrap_or(0)).collect();
    let gap = usize::from(GAP);
    // The gap behind the last column may lie beyond the terminal.
    if words.iter().map(|word| word + gap).sum::<usize>() > columns + gap {
        return;
    }
    let to_width = |columns: usize| u16::try_from(columns).unwrap_or(u16::MAX);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(to_width(columns + gap));
    for (column, word) in table.column_iter_mut().zip(words) {
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(to_width(word + gap))));
    }
}

/// Writes names and values, one pair a line, with the values aligned.
pub(super) fn print_facts(facts: &[(&str, String)]) {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + usize::from(GAP);
    for (name, value) in facts {
        print_wrapped(&format!("{name:width$}"), value, width);
    }
}

/// Writes `head` and `text` in one line; on a terminal that is too narrow in several, of which the further ones stand
/// `indent` columns from the left.
pub(super) fn print_wrapped(head: &str, text: &str, indent: usize) {
    for line in wrap::wrapped(head, &escape_line(text), indent, terminal::stdout_columns()) {
        print(line.trim_end());
    }
}

/// Writes a message behind a word such as `error`, `hint` or `warning`.
pub(super) fn say(word: &str, message: &str) {
    if let Some(event) = event_stream::message(word, message) {
        return say_raw(&event);
    }
    if is_json() {
        return say_json(&Message::new(word, message));
    }
    if let Some(line) = log_lines::message(word, message) {
        return say_raw(&line);
    }
    let colour = match word {
        "error" => AnsiColor::Red,
        "warning" => AnsiColor::Yellow,
        _ => AnsiColor::Cyan,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let colon = if message.is_empty() { "" } else { ": " };
    let message = escape_line(message);
    screen::write(|| writeln!(anstream::stderr(), "{style}{word}{style:#}{colon}{message}"));
    if word == "warning" {
        say_to_ci(ci::annotation(word, &message));
    }
}

/// Writes the annotation of an error with its hint; nothing while standard error is for programs.
pub(super) fn annotate_error(message: &str, hint: Option<&str>) {
    let hint = hint.map_or_else(String::new, |hint| format!("\nhint: {}", escape_line(hint)));
    say_to_ci(ci::annotation("error", &format!("{}{hint}", escape_line(message))));
}

/// Writes lines that a CI system reads, which are escaped for it; nothing while standard error is for programs.
pub(super) fn say_to_ci(lines: impl IntoIterator<Item = String>) {
    if !event_stream::is_on() && !is_json() && !log_lines::is_json() {
        lines.into_iter().for_each(|line| say_raw(&line));
    }
}

/// Writes a message.
pub(super) fn say_line(line: &str) {
    if let Some(event) = event_stream::message("info", line) {
        return say_raw(&event);
    }
    if is_json() {
        return say_json(&Message::new("note", line));
    }
    if let Some(line) = log_lines::message("info", line) {
        return say_raw(&line);
    }
    screen::write(|| writeln!(anstream::stderr(), "{}", escape_line(line)));
}

/// Writes an event of `--progress json`; nothing while standard error is for people.
pub(super) fn say_event(event: impl Serialize) {
    event_stream::line(event).iter().for_each(|line| say_raw(line));
}

/// Writes a line that is escaped, as it is: what looks like a colour in it is a CI system's or a secret's.
pub(super) fn say_raw(line: &str) {
    screen::write(|| writeln!(io::stderr(), "{line}"));
}

/// Writes a message for programs as a JSON object on one line.
pub(super) fn say_json(value: &impl Serialize) {
    // Structs of strings and numbers, which JSON can always represent.
    let json = serde_json::to_string(value).unwrap_or_default();
    screen::write(|| writeln!(anstream::stderr(), "{}", escape_json(&json)));
}
