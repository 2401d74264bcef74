//! Git, as a person of a team uses it.

use std::process::Command;

use super::crhost::Home;
use super::process::run;

/// Runs it in a directory of a home.
#[track_caller]
pub(crate) fn git(home: &Home, directory: &str, words: &[&str]) {
    let author = ["-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main"];
    let mut git: Command = home.other("git");
    run(git.current_dir(home.path(directory)).args(author).args(words)).ok();
}
