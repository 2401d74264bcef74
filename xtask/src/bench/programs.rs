//! The programs that are measured.

use crate::command::{capture, command};
use crate::failure::Result;
use crate::paths;

/// What one of `host/benches` prints.
pub(crate) fn micro(name: &str) -> Result<String> {
    let mut bench = command("cargo", ["bench", "--quiet", "--locked", "--package", "crhost", "--bench", name]);
    capture(bench.current_dir(paths::repository()?))
}
