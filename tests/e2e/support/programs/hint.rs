//! Hints as users follow them.

use super::crhost::Home;
use super::process;

/// Runs the first command that a hint shows, with the words that a shell makes of it.
#[track_caller]
pub(crate) fn obey(home: &Home, hint: &str) {
    let command = hint.split('`').find(|part| part.starts_with("crhost ")).unwrap();
    let split = process::tool("sh", ["-c", &format!("printf '%s\\n' {command}")]).ok().stdout;
    let words: Vec<&str> = split.lines().collect();
    assert_eq!(words[0], "crhost", "{hint}");
    home.ok(&words[1..]);
}
