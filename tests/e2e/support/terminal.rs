//! A terminal with a person at it: util-linux's `script`, and keys that are typed.

use std::process::Command;

use super::process::{self, Finished};

/// Runs a program on a terminal of its own and types `keys`. Both of its streams come back as standard output.
#[track_caller]
pub(crate) fn type_at(program: &Command, keys: &str) -> Finished {
    let words = [program.get_program()].into_iter().chain(program.get_args());
    let words: Vec<String> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
    let mut terminal = Command::new("sh");
    // The keys come when the question stands there, and the terminal stays until the program ends.
    terminal.args([
        "-c",
        "(sleep 1; printf %s \"$2\"; sleep 1) | script --quiet --return --command \"$1\" /dev/null",
        "sh",
    ]);
    terminal.args([&words.join(" "), keys]);
    if let Some(folder) = program.get_current_dir() {
        terminal.current_dir(folder);
    }
    for (name, value) in program.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        terminal.env(name, value);
    }
    process::run(terminal.env("TERM", "xterm"))
}
