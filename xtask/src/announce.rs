//! One line on stderr for each thing that the set-up did or found.

use std::fmt;

/// Writes the line: `setup: skopeo: /usr/bin/skopeo`.
pub(crate) fn say(about: &str, message: fmt::Arguments<'_>) {
    eprintln!("setup: {about}: {message}");
}
