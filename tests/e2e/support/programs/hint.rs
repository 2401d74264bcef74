//! Hints as users follow them.

use super::crhost::Home;

/// Runs the first command that a hint shows, word by word.
#[track_caller]
pub(crate) fn obey(home: &Home, hint: &str) {
    let command = hint.split('`').nth(1).unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "crhost", "{hint}");
    home.ok(&words[1..]);
}
