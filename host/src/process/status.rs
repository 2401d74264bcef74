//! The end of a program, in words.

use std::process::ExitStatus;

/// How a program ended, as words: `exit status 3`, `signal 9 (SIGKILL)`.
pub(crate) fn how(status: ExitStatus) -> String {
    status.to_string().replacen(": ", " ", 1)
}
