//! Programs that crhost runs for the user: their processes end with it, and their output is read in bounded lines.

mod group;
mod lines;
mod output;
mod status;

pub(crate) use group::Group;
pub(crate) use lines::{LINES, send_lines};
pub(crate) use output::{Bounds, OutputError, output};
pub(crate) use status::how;
