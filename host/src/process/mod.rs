//! Programs that crhost runs for the user: their processes end with it, and their output is read in bounded lines.

mod group;
mod lines;

pub(crate) use group::Group;
pub(crate) use lines::{LINES, send_lines};
