//! A terminal with a person at it: questions are read before they are answered.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{self, Pty};
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::eventually::{LIMIT, eventually};

/// Rows and columns of the terminal: wide enough for a progress bar on one line.
const SIZE: (u16, u16) = (40, 120);

/// How often a silent program is looked at, to see whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// A program that has ended, and all that was on its screen.
pub(crate) struct Session {
    /// Its exit code; absent if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Both of its streams, and the echo of what was typed.
    pub(crate) screen: String,
}

/// Runs a program on a terminal of its own, and types each answer once the question before it stands there and the
/// program reads it.
#[track_caller]
pub(crate) fn converse(mut program: Command, answers: &[(&str, &str)]) -> Session {
    program.env("TERM", "xterm");
    let (pty, pts) = blocking::open().unwrap();
    pty.resize(Size::new(SIZE.0, SIZE.1)).unwrap();
    let child = blocking::Command::from(program).spawn(pts).unwrap();
    let mut terminal = Terminal { output: follow(&pty), pty, child, screen: String::new(), read: 0 };
    for (question, answer) in answers {
        terminal.wait_for(question);
        terminal.answer(answer);
    }
    terminal.end()
}

/// Runs a program on a terminal of this size, and shows `see` the screen after each piece of output, with the process.
/// Gives the exit code and the last screen.
#[track_caller]
pub(crate) fn watch(
    mut program: Command,
    (rows, columns): (u16, u16),
    mut see: impl FnMut(&vt100::Screen, u32, &Pty),
) -> (Option<i32>, vt100::Screen) {
    program.env("TERM", "xterm");
    let (pty, pts) = blocking::open().unwrap();
    pty.resize(Size::new(rows, columns)).unwrap();
    let mut child = blocking::Command::from(program).spawn(pts).unwrap();
    let mut parser = vt100::Parser::new(rows, columns, 1000);
    let output = follow(&pty);
    while let Ok(piece) = output.recv_timeout(LIMIT) {
        parser.process(piece.as_bytes());
        see(parser.screen(), child.id(), &pty);
    }
    (child.wait().unwrap().code(), parser.screen().clone())
}

struct Terminal {
    pty: Pty,
    child: Child,
    output: Receiver<String>,
    screen: String,
    /// How much of the screen was there when the last answer was typed.
    read: usize,
}

impl Terminal {
    /// Waits until some words stand below the last answer.
    #[track_caller]
    fn wait_for(&mut self, words: &str) {
        let deadline = Instant::now() + LIMIT;
        while !self.screen.get(self.read..).is_some_and(|unread| unread.contains(words)) {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.screen.push_str(&piece),
                Err(_) => {
                    let _ = self.child.kill();
                    panic!("`{words}` did not come:\n{}", self.screen);
                }
            }
        }
    }

    /// Types an answer. Each question here switches the terminal's echo off while it reads, and a question for a secret
    /// drops what was typed before that.
    #[track_caller]
    fn answer(&mut self, keys: &str) {
        eventually("the question reads its answer", || {
            (!tcgetattr(&self.pty).unwrap().local_modes.contains(LocalModes::ECHO)).then_some(())
        });
        self.read = self.screen.len();
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads until the program has ended.
    #[track_caller]
    fn end(mut self) -> Session {
        let deadline = Instant::now() + LIMIT;
        loop {
            match self.output.recv_timeout(LOOK) {
                Ok(piece) => self.screen.push_str(&piece),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    if Instant::now() > deadline {
                        let _ = self.child.kill();
                        panic!("it did not end within {LIMIT:?}:\n{}", self.screen);
                    }
                }
            }
        }
        Session { code: self.child.wait().unwrap().code(), screen: self.screen }
    }
}

/// What comes from a terminal, until no program has it open any more.
fn follow(pty: &Pty) -> Receiver<String> {
    let (sender, pieces) = mpsc::channel();
    let mut output = std::fs::File::from(std::os::fd::AsFd::as_fd(pty).try_clone_to_owned().unwrap());
    thread::spawn(move || {
        let mut piece = [0; 4096];
        // Linux ends the reading with an error (EIO) once the last program has closed its side.
        while let Ok(length @ 1..) = output.read(&mut piece) {
            let _ = sender.send(String::from_utf8_lossy(&piece[..length]).into_owned());
        }
    });
    pieces
}

/// A program, and after it `ended with ` and its exit code, and how the terminal is set then.
pub(crate) fn then_settings(program: &Command) -> Command {
    let mut shell = Command::new("sh");
    // The shell lives on when the program is interrupted.
    shell.args(["-c", "trap : INT; \"$0\" \"$@\"; echo ended with $?; stty -a"]);
    shell.arg(program.get_program()).args(program.get_args());
    if let Some(directory) = program.get_current_dir() {
        shell.current_dir(directory);
    }
    shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}
