//! Lines for the person who debugs.

pub use crate::bindings::crhost::flavor::log::{Level, write};

/// Writes a line that is shown only when asked for.
pub fn debug(message: &str) {
    write(Level::Debug, message);
}

/// Writes a line about what happened.
pub fn info(message: &str) {
    write(Level::Info, message);
}

/// Writes a line that the person should look at although the call goes on.
pub fn warn(message: &str) {
    write(Level::Warn, message);
}
