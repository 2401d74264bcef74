//! The terminal: whether there is one, and its state around questions.

use std::io::IsTerminal as _;
#[cfg(unix)]
use std::sync::OnceLock;

#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::environment::{EnvVars, Environment};

/// The terminal's settings before the first question; absent without a terminal.
#[cfg(unix)]
static BEFORE: OnceLock<Option<Termios>> = OnceLock::new();

/// Remembers the terminal's settings for [`end_questions`]: a question for a secret switches the echo off.
pub(super) fn begin_questions() {
    #[cfg(unix)]
    BEFORE.get_or_init(|| tcgetattr(std::io::stdin()).ok());
}

/// Restores the terminal as it was before the questions: echo and cursor.
pub(super) fn end_questions() {
    #[cfg(unix)]
    if let Some(Some(before)) = BEFORE.get() {
        // A terminal that can't be set, or that is gone, needs no restoring.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
    }
    if stderr_is_terminal() {
        let _ = dialoguer::console::Term::stderr().show_cursor();
    }
}

/// Whether questions can be asked: they are shown on standard error and answered on standard input.
pub(super) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && stderr_is_terminal()
}

/// Whether standard error is a terminal.
pub(super) fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Columns from which bars are drawn: a short digest, and the part that is done.
pub(super) const LEAST_COLUMNS: usize = 20;

/// Whether standard error is a terminal on which a display can be drawn in place: one that moves its cursor, is wide
/// enough, and with a user before it and no CI system that keeps what is written as a log.
pub(super) fn can_draw(environment: &Environment) -> bool {
    let is_dumb = environment.text(EnvVars::TERM).is_none_or(|term| term == "dumb");
    let is_ci = environment.text(EnvVars::CI).is_some_and(|ci| !matches!(&*ci, "false" | "0"));
    stderr_is_terminal() && !is_dumb && !is_ci && size().1 >= LEAST_COLUMNS
}

/// Rows and columns of the terminal that standard error is.
pub(super) fn size() -> (usize, usize) {
    let (rows, columns) = dialoguer::console::Term::stderr().size();
    (rows.into(), columns.into())
}

/// Columns of the terminal that standard output is; absent where results go into a pipe or a file.
pub(super) fn stdout_columns() -> Option<usize> {
    std::io::stdout().is_terminal().then(|| usize::from(dialoguer::console::Term::stdout().size().1))
}

/// Whether standard error is a terminal on which colours are wanted (`NO_COLOR` and the like).
pub(super) fn stderr_is_colourful() -> bool {
    stderr_is_terminal() && anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}
