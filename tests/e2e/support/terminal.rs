//! A terminal with a person at it: util-linux's `script`, and keys that are typed.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::process::{self, Finished};

/// Longer than any question takes to come.
const LIMIT: Duration = Duration::from_secs(60);

/// After how long without a further word a question listens.
const QUIET: Duration = Duration::from_millis(300);

/// After how long without any reaction the same is typed again.
const SILENCE: Duration = Duration::from_secs(10);

/// Runs a program on a terminal of its own and types `keys`. Both of its streams come back as standard output.
#[track_caller]
pub(crate) fn type_at(program: &Command, keys: &str) -> Finished {
    let mut terminal = Command::new("sh");
    // The keys come when the question stands there, and the terminal stays until the program ends.
    terminal.args([
        "-c",
        "(sleep 1; printf %s \"$2\"; sleep 1) | script --quiet --return --command \"$1\" /dev/null",
        "sh",
    ]);
    terminal.args([&line(program), keys]);
    process::run(surrounded(&mut terminal, program))
}

/// Runs a program on a terminal of its own; types each answer once the words before it stand there. Gives the exit code, and
/// all that was on the screen.
#[track_caller]
pub(crate) fn converse(program: &Command, talk: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &line(program), "/dev/null"]);
    surrounded(&mut terminal, program).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = terminal.spawn().unwrap();
    let (mut keys, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (sender, pieces) = mpsc::channel();
    thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut piece) {
            let _ = sender.send(String::from_utf8_lossy(&piece[..length]).into_owned());
        }
    });
    let (mut screen, mut unread, mut typed) = (String::new(), String::new(), "");
    let ends = [("", "")];
    for (words, answer) in talk.iter().chain(&ends) {
        // At the end, words that never come: the program has to go.
        let is_asked = |unread: &str| !words.is_empty() && unread.contains(words);
        let deadline = Instant::now() + LIMIT;
        loop {
            // A question for a secret throws away what was typed before it listens: it is typed once nothing more comes, and
            // again where nothing comes of it.
            let patience = if is_asked(&unread) { QUIET } else { SILENCE };
            match pieces.recv_timeout(patience) {
                Ok(piece) => unread.push_str(&piece),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if is_asked(&unread) => break,
                Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {
                    keys.write_all(typed.as_bytes()).unwrap();
                }
                Err(RecvTimeoutError::Timeout) => {
                    let _ = child.kill();
                    panic!("`{words}` did not come:\n{screen}{unread}");
                }
            }
        }
        assert!(words.is_empty() || unread.contains(words), "`{words}` did not come:\n{screen}{unread}");
        screen.push_str(&std::mem::take(&mut unread));
        if !answer.is_empty() {
            keys.write_all(answer.as_bytes()).unwrap();
        }
        typed = answer;
    }
    (child.wait().unwrap().code(), screen)
}

/// A program, and after it `ended with ` and its exit code, and how the terminal is set then.
pub(crate) fn then_settings(program: &Command) -> Command {
    let mut shell = Command::new("sh");
    // The shell lives on when the program is interrupted.
    shell.args(["-c", "trap : INT; \"$0\" \"$@\"; echo ended with $?; stty -a"]);
    shell.arg(program.get_program()).args(program.get_args());
    surrounded(&mut shell, program);
    shell
}

/// A program and its arguments as a shell reads them.
fn line(program: &Command) -> String {
    let words = [program.get_program()].into_iter().chain(program.get_args());
    words.map(|word: &OsStr| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ")
}

/// A command with the surroundings of another one.
fn surrounded<'a>(command: &'a mut Command, program: &Command) -> &'a mut Command {
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in program.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        command.env(name, value);
    }
    command.env("TERM", "xterm")
}
