//! Log lines, which crhost shows with `--verbose`.

pub use crate::bindings::crhost::flavor::log::{Level, write};

/// Writes a line for debugging.
pub fn debug(message: &str) {
    write(Level::Debug, message);
}

/// Writes a line about progress.
pub fn info(message: &str) {
    write(Level::Info, message);
}

/// Writes a line that the user should see although the call goes on.
pub fn warn(message: &str) {
    write(Level::Warn, message);
}
