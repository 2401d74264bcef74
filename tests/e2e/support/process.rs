//! Programs: some run to their end, others serve until the test is over.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything here takes; a program that hangs fails its test.
const LIMIT: Duration = Duration::from_secs(120);

/// How often a program is looked at while it runs, so how late its end and its last memory are seen.
const LOOK: Duration = Duration::from_millis(2);

/// How much longer than its limit a call may seem to take from outside: time to start crhost, to compile, and to end, all
/// of which takes a tenth of a second on an idle machine, and more than a second where others build.
const SLACK: Duration = Duration::from_secs(5);

/// The most memory that crhost may have whatever a flavor does, in bytes: the 128 MiB that a flavor may have, and as much
/// again for crhost itself and for what it takes over from the flavor.
const MEMORY: u64 = 300 << 20;

/// A program that has ended.
pub(crate) struct Finished {
    command: String,
    /// How long it ran.
    pub(crate) time: Duration,
    /// The most memory that it had at once, in bytes; 0 on systems that do not tell.
    pub(crate) memory: u64,
    /// Its exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote, as bytes.
    pub(crate) bytes: Vec<u8>,
    /// What it wrote, as text.
    pub(crate) stdout: String,
    /// What it told the person.
    pub(crate) stderr: String,
}

impl Finished {
    /// Itself, if it succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Expects that it took little more time than a limit, and no more memory than crhost may.
    #[track_caller]
    pub(crate) fn within(&self, limit: Duration) {
        assert!(self.time < limit + SLACK, "it took too long, expected at most {limit:?}{self}");
        assert!(self.memory < MEMORY, "it took too much memory, expected at most {} MiB{self}", MEMORY >> 20);
    }

    /// Expects that nothing that it wrote moves a cursor or hides text.
    #[track_caller]
    pub(crate) fn printable(&self) {
        // Zero width, other direction, other line.
        let hides = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
        let moves = |c: char| c.is_control() && c != '\n';
        for text in [&self.stdout, &self.stderr] {
            assert!(!text.chars().any(|c| hides(c) || moves(c)), "it writes over the terminal: {text:?}");
        }
    }

    /// Its standard output, which has to be one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}{self}"))
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, time, memory, stdout, stderr, .. } = self;
        let memory = memory >> 20;
        write!(f, "\n$ {command}\nexit code {code:?}, {time:.1?}, {memory} MiB")?;
        write!(f, "\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---")
    }
}

/// A program that another package of the system brings.
#[track_caller]
pub(crate) fn tool<const N: usize>(name: &str, arguments: [&str; N]) -> Finished {
    let mut command = Command::new(name);
    command.args(arguments);
    run(&mut command)
}

/// Runs a program to its end, without input.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Finished {
    Running::start(command).end()
}

/// A program on the way to its end.
pub(crate) struct Running {
    child: Child,
    command: String,
    start: Instant,
    stdout: thread::JoinHandle<Vec<u8>>,
    stderr: thread::JoinHandle<Vec<u8>>,
}

impl Running {
    /// Starts it, without input.
    #[track_caller]
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let stdout = child.stdout.take().map(collect).unwrap();
        let stderr = child.stderr.take().map(collect).unwrap();
        Self { child, command: shown(command), start: Instant::now(), stdout, stderr }
    }

    /// Sends it a signal, such as `-INT`.
    #[track_caller]
    pub(crate) fn signal(&self, signal: &str) {
        tool("kill", [signal, &self.child.id().to_string()]).ok();
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Finished {
        let mut memory = 0;
        let status = loop {
            memory = peak(&self.child).unwrap_or(memory);
            if let Some(status) = self.child.try_wait().unwrap() {
                break Some(status);
            }
            if self.start.elapsed() > LIMIT {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                break None;
            }
            thread::sleep(LOOK);
        };
        let time = self.start.elapsed();
        let bytes = self.stdout.join().unwrap();
        let finished = Finished {
            command: self.command,
            time,
            memory,
            code: status.and_then(|status| status.code()),
            stdout: String::from_utf8_lossy(&bytes).into_owned(),
            stderr: String::from_utf8_lossy(&self.stderr.join().unwrap()).into_owned(),
            bytes,
        };
        assert!(status.is_some(), "it did not end within {LIMIT:?}{finished}");
        finished
    }
}

/// The most memory that a running program has had at once, in bytes (`proc_pid_status(5)`).
fn peak(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
    Some(kibibytes.parse::<u64>().ok()? << 10)
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

#[track_caller]
fn spawn(command: &mut Command) -> Child {
    match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("`{}` is not installed: run `cargo xtask setup`", command.get_program().display())
        }
        Err(error) => panic!("{}: {error}", shown(command)),
    }
}

fn shown(command: &Command) -> String {
    let words: Vec<_> =
        [command.get_program()].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// A program that serves; ended by its process id when this goes, also when the test fails.
pub(crate) struct Server {
    child: Child,
    name: String,
    log: Arc<Mutex<Vec<String>>>,
    lines: Mutex<mpsc::Receiver<String>>,
}

impl Server {
    /// Starts a program and keeps what it writes.
    #[track_caller]
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sender, lines) = mpsc::channel();
        follow(child.stdout.take().unwrap(), Arc::clone(&log), sender.clone());
        follow(child.stderr.take().unwrap(), Arc::clone(&log), sender);
        Self { child, name: shown(command), log, lines: Mutex::new(lines) }
    }

    /// Waits for a line in which `find` finds something.
    #[track_caller]
    pub(crate) fn wait_for<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(found) = find(&line) {
                        return found;
                    }
                }
                Err(_) => panic!("`{}` did not start:\n{}", self.name, self.log().join("\n")),
            }
        }
    }

    /// Ends it by its process id.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Every line so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn follow(pipe: impl Read + Send + 'static, log: Arc<Mutex<Vec<String>>>, sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
            // Nobody waits for lines once the program is up.
            let _ = sender.send(line);
        }
    });
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if thread::panicking() {
            let mut last = self.log();
            // Every request is in the log twice, and once in few words.
            last.retain(|line| !line.contains("response completed"));
            last.drain(..last.len().saturating_sub(30));
            eprintln!("--- the last lines of `{}`\n{}\n---", self.name, last.join("\n"));
        }
    }
}
