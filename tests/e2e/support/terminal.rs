//! A terminal with a person at it: util-linux's `script`, and keys that are typed.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::process::{self, Finished};

/// Longer than any question takes to come.
const LIMIT: Duration = Duration::from_secs(60);

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
    let (mut screen, mut read) = (String::new(), 0);
    for (words, answer) in talk {
        while !screen[read..].contains(words) {
            match pieces.recv_timeout(LIMIT) {
                Ok(piece) => screen.push_str(&piece),
                Err(_) => {
                    let _ = child.kill();
                    panic!("`{words}` did not come:\n{screen}");
                }
            }
        }
        read = screen.len();
        keys.write_all(answer.as_bytes()).unwrap();
    }
    while let Ok(piece) = pieces.recv_timeout(LIMIT) {
        screen.push_str(&piece);
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
