//! A real shell on a terminal, with a user who types and sees what stands on the screen.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use pty_process::Size;
use pty_process::blocking::{self, Pty};

use crate::support::eventually::eventually;
use crate::support::programs::crhost::Home;

/// Rows and columns of the terminal.
const SIZE: (u16, u16) = (40, 200);

/// The prompt, by which the shell is known to read.
const PROMPT: &str = "ready>";

/// The shells whose completion is tried.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shell {
    /// Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// A shell that runs, with crhost's completions; it is ended when this is dropped.
pub(crate) struct Typed {
    pty: Pty,
    child: Child,
    screen: Arc<Mutex<vt100::Parser>>,
    line: String,
}

impl Shell {
    /// Starts the shell of a user who has no configuration for it but crhost's completions.
    #[track_caller]
    pub(crate) fn start(self, home: &Home) -> Typed {
        let (program, arguments, lines): (_, &[&str], &[&str]) = match self {
            Self::Bash => {
                ("bash", &["--norc", "--noprofile", "-i"], &["PS1='ready>'", "source <(crhost completions bash)"])
            }
            Self::Zsh => (
                "zsh",
                &["-f", "-i"],
                &[
                    "PROMPT='ready>'; unsetopt PROMPT_SP",
                    "autoload -U compinit && compinit -u -D",
                    "source <(crhost completions zsh)",
                ],
            ),
            Self::Fish => (
                "fish",
                &["--no-config", "--interactive", "--private"],
                &[
                    "function fish_prompt; echo -n 'ready>'; end",
                    "crhost completions fish | source",
                    "set -g fish_autosuggestion_enabled 0",
                ],
            ),
        };
        let mut command: Command = home.other(program);
        command.args(arguments).env("TERM", "xterm");
        let (pty, pts) = blocking::open().unwrap();
        pty.resize(Size::new(SIZE.0, SIZE.1)).unwrap();
        let child = blocking::Command::from(command).spawn(pts).unwrap();
        let mut typed = Typed { screen: follow(&pty), pty, child, line: String::new() };
        for line in lines {
            typed.line = (*line).to_owned();
            typed.pty.write_all(format!("{line}\r").as_bytes()).unwrap();
        }
        // The last line of all is the prompt, and the screen is empty above it.
        eventually("the shell is set up", || {
            typed.pty.write_all(b"clear\r").unwrap();
            thread::sleep(std::time::Duration::from_millis(200));
            (typed.contents().trim() == PROMPT).then_some(())
        });
        typed.line.clear();
        typed
    }
}

impl Typed {
    /// Types what is missing of `start`, then a tab, and expects this line.
    #[track_caller]
    pub(crate) fn complete(&mut self, start: &str, expected: &str) {
        let whole = if self.line.len() < start.len() && start.starts_with(&self.line) {
            start.to_owned()
        } else {
            format!("{}{start}", self.line)
        };
        let keys = whole.strip_prefix(&self.line).unwrap().to_owned();
        self.pty.write_all(keys.as_bytes()).unwrap();
        eventually("the shell shows what is typed", || self.shows(&whole).then_some(()));
        self.pty.write_all(b"\t").unwrap();
        let seen = || self.shows(expected).then_some(());
        eventually("the tab completes the line", seen);
        self.line = expected.to_owned();
    }

    /// Runs the line, and gives the screen after it.
    #[track_caller]
    pub(crate) fn run(&mut self) -> String {
        self.pty.write_all(b"\r").unwrap();
        eventually("the command ends", || {
            let contents = self.contents();
            (contents.matches(PROMPT).count() == 2 && contents.trim().ends_with(PROMPT)).then_some(contents)
        })
    }

    /// Whether the line of the prompt is this one; blanks at its end are not seen.
    fn shows(&self, line: &str) -> bool {
        let contents = self.contents();
        let shown = contents.lines().find_map(|shown| shown.strip_prefix(PROMPT));
        shown.is_some_and(|shown| shown.trim() == line.trim())
    }

    fn contents(&self) -> String {
        self.screen.lock().screen().contents()
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A model of the screen, which follows what the shell writes.
fn follow(pty: &Pty) -> Arc<Mutex<vt100::Parser>> {
    let screen = Arc::new(Mutex::new(vt100::Parser::new(SIZE.0, SIZE.1, 0)));
    let (model, mut output) = (Arc::clone(&screen), File::from(pty.as_fd().try_clone_to_owned().unwrap()));
    thread::spawn(move || {
        let mut piece = [0; 4096];
        // Linux ends the reading with an error (EIO) once the last program has closed its side.
        while let Ok(length @ 1..) = output.read(&mut piece) {
            model.lock().process(&piece[..length]);
        }
    });
    screen
}
