//! Programs: some run to their end, others serve until the test is over.

use parking_lot::Mutex;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use wait4::Wait4 as _;

use crate::support::eventually::LIMIT;
use crate::support::judges::screen;

/// How often a program is looked at while it runs, so how late its end and its last memory are seen.
const LOOK: Duration = Duration::from_millis(2);

/// Processor time beside that of the call that a test is about: to start crhost, to compile a small component, and to
/// end. That takes 0.2 s; what is measured on a busy machine is a multiple of it, as processors are shared.
const SLACK: Duration = Duration::from_secs(5);

/// The most memory that crhost may have whatever a flavor does, in bytes: the 128 MiB of a flavor, and as much again
/// for crhost itself and for the answers that it copies from the flavor.
const MEMORY: u64 = 300 << 20;

/// A program that has ended.
pub(crate) struct Finished {
    command: String,
    /// How long it ran.
    time: Duration,
    /// The processor time that it took, with that of the processes that it started and waited for.
    cpu: Duration,
    /// The most memory that it had at once, in bytes; 0 on systems that do not tell.
    pub(crate) memory: u64,
    /// The bytes that it read from files; 0 on systems that do not tell.
    pub(crate) read: u64,
    /// Its exit code; absent if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output, as bytes.
    pub(crate) bytes: Vec<u8>,
    /// Standard output, as text.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Finished {
    /// Itself, if it succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Expects that it took little more processor time than a limit, and no more memory than crhost may. How long it
    /// ran says nothing on a machine that does other things too; one that hangs is ended after [`LIMIT`].
    #[track_caller]
    pub(crate) fn within(&self, limit: Duration) {
        assert!(self.cpu < limit + SLACK, "it computed for too long, expected at most {limit:?}{self}");
        assert!(self.memory < MEMORY, "it took too much memory, expected at most {} MiB{self}", MEMORY >> 20);
    }

    /// Expects that nothing that it wrote moves a cursor, hides text or is a command to a CI system.
    #[track_caller]
    pub(crate) fn printable(&self) {
        screen::assert_harmless(&self.stdout);
        screen::assert_harmless(&self.stderr);
    }

    /// Its standard output, which has to be one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}{self}"))
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, time, cpu, memory, stdout, stderr, .. } = self;
        let memory = memory >> 20;
        write!(f, "\n$ {command}\nexit code {code:?}, {time:.1?}, {cpu:.1?} of processor time, {memory} MiB")?;
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

/// Runs a program with this input: exit code, standard output, standard error.
#[track_caller]
pub(crate) fn with_input(command: &mut Command, input: &str) -> (i32, String, String) {
    let mut child = spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
    // A program that does not read ends before.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
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
        let (mut memory, mut read) = (0, 0);
        let used = loop {
            memory = peak_memory(self.child.id()).unwrap_or(memory);
            read = bytes_read(self.child.id()).unwrap_or(read);
            if let Some(used) = self.child.try_wait4().unwrap() {
                break Some(used);
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
            cpu: used.map(|used| used.rusage.utime + used.rusage.stime).unwrap_or_default(),
            memory,
            read,
            code: used.and_then(|used| used.status.code()),
            stdout: String::from_utf8_lossy(&bytes).into_owned(),
            stderr: String::from_utf8_lossy(&self.stderr.join().unwrap()).into_owned(),
            bytes,
        };
        assert!(used.is_some(), "it did not end within {LIMIT:?}{finished}");
        finished
    }
}

/// The most memory that a running program has had at once, in bytes (`proc_pid_status(5)`); absent once it has ended.
///
/// `wait4` tells it too, and wrongly: Linux has a new process begin with the peak of the one that started it, and this
/// program holds images and components of any size.
pub(crate) fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
    Some(kibibytes.parse::<u64>().ok()? << 10)
}

/// The bytes that a running program has read from files (`proc_pid_io(5)`); absent once it has ended. What comes over
/// the network is received and not read.
fn bytes_read(process: u32) -> Option<u64> {
    let counts = fs::read_to_string(format!("/proc/{process}/io")).ok()?;
    counts.lines().find_map(|line| line.strip_prefix("rchar:"))?.trim().parse().ok()
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
        let lines = self.lines.lock();
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

    /// Has it end by itself (SIGTERM), and waits for that.
    pub(crate) fn terminate(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }

    /// Ends it by its process id.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Every line so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().clone()
    }
}

fn follow(pipe: impl Read + Send + 'static, log: Arc<Mutex<Vec<String>>>, sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            log.lock().push(line.clone());
            // Once the program is up, lines are no longer waited for.
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
