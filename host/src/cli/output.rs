//! The two streams: results on standard output, the story on standard error. A reader that has gone away is no failure.

use std::io::{IsTerminal as _, Write as _};
#[cfg(unix)]
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use comfy_table::{Table, presets};
#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use serde::Serialize;

/// How results are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: one JSON object
    Json,
}

/// The version of the JSON objects' form; raised when a member changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Versioned<'a, T> {
    #[serde(rename = "schemaVersion")]
    schema_version: u32,
    #[serde(flatten)]
    value: &'a T,
}

/// Writes a line of a result.
pub(super) fn print(line: &str) {
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// Writes a result as a JSON object.
pub(super) fn print_json(value: &impl Serialize) {
    // Our own structs of strings, numbers and lists: nothing that JSON could refuse.
    print(&serde_json::to_string_pretty(&Versioned { schema_version: SCHEMA_VERSION, value }).unwrap_or_default());
}

/// Writes a table; one without rows is nothing.
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

/// Writes facts under each other, their names aligned.
pub(super) fn print_facts(facts: &[(&str, String)]) {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    for (name, value) in facts {
        print(format!("{name:width$}{value}").trim_end());
    }
}

/// Writes a line of the story under a word such as `error`, `hint` or `warning`.
pub(super) fn say(word: &str, message: &str) {
    let colour = match word {
        "error" => AnsiColor::Red,
        "warning" => AnsiColor::Yellow,
        _ => AnsiColor::Cyan,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let colon = if message.is_empty() { "" } else { ": " };
    let _ = writeln!(anstream::stderr(), "{style}{word}{style:#}{colon}{message}");
}

/// Writes a line of the story.
pub(super) fn say_line(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// The terminal as it was before the first question; none where there is no terminal.
#[cfg(unix)]
static BEFORE: OnceLock<Option<Termios>> = OnceLock::new();

/// Remembers how the terminal is set, for [`end_question`]: a question for a secret has it show nothing.
pub(super) fn begin_questions() {
    #[cfg(unix)]
    BEFORE.get_or_init(|| tcgetattr(std::io::stdin()).ok());
}

/// Leaves the terminal as it was before the questions: it shows what is typed, and the cursor.
pub(super) fn end_question() {
    #[cfg(unix)]
    if let Some(Some(before)) = BEFORE.get() {
        // Without a terminal to set there is nothing to be done; nor is there without a cursor.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
    }
    if stderr_is_terminal() {
        let _ = dialoguer::console::Term::stderr().show_cursor();
    }
}

/// Whether a person can be asked.
pub(super) fn is_at_terminal() -> bool {
    std::io::stdin().is_terminal() && stderr_is_terminal()
}

/// Whether a person sees standard error as it is written.
pub(super) fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether standard error takes colours: a terminal, and nobody asked for none.
pub(super) fn stderr_is_colourful() -> bool {
    stderr_is_terminal() && anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}
