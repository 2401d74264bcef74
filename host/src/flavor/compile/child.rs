//! The child process that compiles, seen from its parent.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::{io, thread};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::worker::CompileOutcome;
use crate::flavor::error::AdmissionError;
use crate::flavor::{limits, raised};
use crate::text::{Escaped, printable};

/// The hidden command of `crhost` that a child process is started with.
pub(super) const COMMAND: &str = "compile-component";

/// Starts child processes that compile.
pub(super) struct Compiler {
    program: PathBuf,
    cache: Option<PathBuf>,
}

/// What crhost knows of a component that is to be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flavor) enum History {
    /// It was never compiled here, as far as is known.
    New,
    /// It was compiled within the limits when it was registered. Its time is not limited again: a push must not fail
    /// because the machine is busy and the compiled code was lost.
    Registered,
}

/// The bounds of one compilation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes of memory.
    pub(super) memory: u64,
    /// Whether its time is limited.
    pub(super) history: History,
}

/// Exit status and output of a child process.
struct ChildExit {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl ChildExit {
    /// The reason that it gave.
    fn reason(&self) -> Escaped {
        Escaped::new(String::from_utf8_lossy(&self.stdout).trim_end(), 300)
    }
}

impl Compiler {
    /// A compiler that runs `program`, a `crhost` of this very build, with the directory `cache` for compiled code.
    pub(super) fn new(program: PathBuf, cache: Option<&Path>) -> Self {
        Self { program, cache: cache.map(Path::to_owned) }
    }

    /// Compiles a component in a child process within `bounds`.
    ///
    /// # Errors
    /// When it is not valid, exceeds a limit, or the child does not run.
    pub(super) async fn run(&self, component: &[u8], bounds: Bounds) -> Result<CompileOutcome, AdmissionError> {
        let failed = |reason: io::Error| {
            AdmissionError::Runtime(
                format!("`{}` could not be run to compile: {reason}", self.program.display()).into(),
            )
        };
        let mut child = self.command(component.len(), bounds).spawn().map_err(failed)?;
        let end = feed_and_wait(&mut child, component);
        let end = match bounds.history {
            History::New => tokio::time::timeout(raised::compile_wall_time(), end).await.ok(),
            History::Registered => Some(end.await),
        };
        match end {
            Some(exit) => outcome_of(&exit.map_err(failed)?),
            None => {
                // This waits for its end, too.
                child.kill().await.map_err(failed)?;
                Err(AdmissionError::CompileWait)
            }
        }
    }

    fn command(&self, size: usize, bounds: Bounds) -> Command {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(limits::COMPILE_THREADS);
        let mut command = Command::new(&self.program);
        command.arg(COMMAND).args(["--size", &size.to_string(), "--memory", &bounds.memory.to_string()]);
        if bounds.history == History::New {
            command.args(["--seconds", &raised::compile_time().as_secs().to_string()]);
        }
        if let Some(cache) = &self.cache {
            command.arg("--cache").arg(cache);
        }
        // A compiler needs nothing of the user's environment, which may hold secrets. The variable is for its threads.
        command.env_clear().env("RAYON_NUM_THREADS", threads.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // A group of its own: Ctrl-C is for this process alone, which then ends the child.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

/// Writes the component to the child's standard input and waits for its end.
async fn feed_and_wait(child: &mut Child, component: &[u8]) -> io::Result<ChildExit> {
    // Held until the child has ended: should this process be killed, the pipe closes, and the child exits.
    let mut stdin = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(stdin) = &mut stdin {
            // A child that ends early closes the pipe; its status then has the reason.
            let _ = stdin.write_all(component).await;
        }
    };
    let ((), stdout, stderr) = tokio::join!(write, read_start(stdout), read_start(stderr));
    Ok(ChildExit { status: child.wait().await?, stdout, stderr })
}

/// The first [`limits::COMPILER_OUTPUT_BYTES`] of an output; then the pipe is closed.
async fn read_start(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let _ = pipe.take(limits::COMPILER_OUTPUT_BYTES).read_to_end(&mut bytes).await;
    }
    bytes
}

/// The outcome of a child's end.
fn outcome_of(exit: &ChildExit) -> Result<CompileOutcome, AdmissionError> {
    let status = exit.status;
    match status.code().and_then(CompileOutcome::of_code) {
        Some(outcome @ (CompileOutcome::Cached | CompileOutcome::Compiled)) => return Ok(outcome),
        Some(CompileOutcome::OutOfMemory) => return Err(AdmissionError::CompileMemory),
        // The reason quotes the component.
        Some(CompileOutcome::Invalid) => return Err(AdmissionError::Invalid(exit.reason())),
        Some(CompileOutcome::Panicked) => return Err(AdmissionError::CompilerCrash(exit.reason())),
        None => {}
    }
    let stderr = String::from_utf8_lossy(&exit.stderr);
    tracing::debug!("the compiler's process ended with {status}: {}", printable(&stderr, limits::LOG_LINE_CHARS));
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        use rustix::process::Signal;
        // The kernel kills when the machine's memory ends; Rust aborts, with these words, when the process's own does.
        let aborted_without_memory = signal == Signal::ABORT.as_raw() && stderr.contains("memory allocation of");
        if signal == Signal::KILL.as_raw() || signal == Signal::XFSZ.as_raw() || aborted_without_memory {
            return Err(AdmissionError::CompileMemory);
        }
        if signal == Signal::XCPU.as_raw() {
            return Err(AdmissionError::CompileTime);
        }
    }
    Err(AdmissionError::CompilerCrash(Escaped::of(status)))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use rustix::process::Signal;

    use super::*;

    /// The outcome of an end, given as `wait(2)` gives it.
    fn judged(status: i32, stdout: &str, stderr: &str) -> Result<CompileOutcome, String> {
        let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
        outcome_of(&ChildExit { status: ExitStatus::from_raw(status), stdout, stderr })
            .map_err(|error| error.to_string())
    }

    fn exited(outcome: CompileOutcome) -> i32 {
        i32::from(outcome.code()) << 8
    }

    #[test]
    fn every_end_of_a_child_has_its_message() {
        let signals = [Signal::KILL, Signal::ABORT, Signal::XCPU, Signal::XFSZ, Signal::SEGV];
        let [kill, abort, xcpu, xfsz, segv] = signals.map(Signal::as_raw);
        assert_eq!(judged(exited(CompileOutcome::Cached), "", ""), Ok(CompileOutcome::Cached));
        assert_eq!(judged(exited(CompileOutcome::Compiled), "", ""), Ok(CompileOutcome::Compiled));
        for (status, stderr, words) in [
            (exited(CompileOutcome::OutOfMemory), "", "more than 2048 MiB"),
            (kill, "", "more than 2048 MiB"),
            (abort, "memory allocation of 64 bytes failed", "more than 2048 MiB"),
            (abort, "thread 'main' has overflowed its stack", "the compiler failed on it (signal: 6"),
            (segv, "", "the compiler failed on it (signal: 11"),
            (xfsz, "", "more than 2048 MiB"),
            (xcpu, "", "more than 120 s of processor time"),
            (exited(CompileOutcome::Panicked), "", "the compiler failed on it ("),
            (101 << 8, "panicked", "the compiler failed on it (exit status: 101)"),
            (2 << 8, "error: unexpected argument", "the compiler failed on it (exit status: 2)"),
        ] {
            let error = judged(status, "", stderr).unwrap_err();
            assert!(error.contains(words), "{status}: {error}");
        }
    }

    #[test]
    fn a_child_s_output_is_escaped_and_cut() {
        let output = format!("\u{1b}[31mno\nhint: run me {}", "x".repeat(1_000));
        let error = judged(exited(CompileOutcome::Invalid), &output, "").unwrap_err();
        assert!(error.starts_with(r"it is no valid component: \u{1b}[31mno\nhint: run me xxx"), "{error}");
        assert!(error.chars().count() < 350 && error.ends_with('…'), "{error}");
    }
}
