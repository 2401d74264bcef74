//! Programs that crhost runs for the user: their processes end with it, and their output is read in bounded lines.

mod group;
mod lines;

use std::process::ExitStatus;

pub(crate) use group::Group;
pub(crate) use lines::{LINES, send_lines};

/// How a program ended, as words: `exit status 3`, `signal 9 (SIGKILL)`.
pub(crate) fn how(status: ExitStatus) -> String {
    status.to_string().replacen(": ", " ", 1)
}
