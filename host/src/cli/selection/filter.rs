//! jq filters run in a child process, whose time and memory are limited: a filter may compute for ever, or take all
//! memory in a single step, and can't be stopped from inside. The child has no environment, and the filter no function
//! that reads files or variables.

use std::io::{self, Write as _};
use std::process::{Command, ExitStatus, Stdio};

use serde::Serialize;

use super::error::SelectionError;
use crate::cli::jq::{self, REFUSED};
use crate::text::Escaped;

/// A jq filter that is valid.
pub(super) struct Filter(String);

impl Filter {
    /// Checks a filter.
    pub(super) fn new(filter: String) -> Result<Self, SelectionError> {
        run(&filter, None)?;
        Ok(Self(filter))
    }

    /// The answer to a value, ready to be written: strings as they are, other values as JSON, each on lines of its own.
    pub(super) fn answer(&self, value: &impl Serialize) -> Result<String, SelectionError> {
        // Strings, numbers and lists, which JSON can always represent.
        let json = serde_json::to_string(value).unwrap_or_default();
        let answer = run(&self.0, Some(&json))?;
        Ok(answer.strip_suffix('\n').unwrap_or(&answer).to_owned())
    }
}

/// Runs a filter over a JSON text, or only parses it.
fn run(filter: &str, json: Option<&str>) -> Result<String, SelectionError> {
    let failed = |error: io::Error| SelectionError::FilterProcess(error.into());
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.arg(jq::COMMAND).args(json.is_none().then_some("--check"));
    // A variable could only change what crhost itself does.
    command.arg("--").arg(filter).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    if let (Some(mut stdin), Some(json)) = (child.stdin.take(), json) {
        // A child that ends early closes the pipe; its status then has the reason.
        let _ = stdin.write_all(json.as_bytes());
    }
    // The child writes a bounded answer.
    let ended = child.wait_with_output().map_err(failed)?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    match ended.status.code() {
        Some(0) => Ok(text(ended.stdout)),
        Some(code) if code == i32::from(REFUSED) => Err(SelectionError::Filter(Escaped::new(&text(ended.stderr), 300))),
        _ => Err(SelectionError::FilterLimit(limit(ended.status).into())),
    }
}

/// The limit that a child exceeded.
fn limit(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        use rustix::process::Signal;
        if signal == Signal::XCPU.as_raw() {
            return format!("it took more than {} s", jq::SECONDS);
        }
        // The stack's end, of which Rust and the system tell in this way.
        if signal == Signal::ABORT.as_raw() || signal == Signal::SEGV.as_raw() || signal == Signal::KILL.as_raw() {
            return format!("it took more than {} MiB of memory, or calls itself too deeply", jq::MEMORY >> 20);
        }
    }
    if status.code() == Some(i32::from(jq::TOO_MUCH)) {
        return format!("its answer has more than {} MiB", jq::OUTPUT >> 20);
    }
    format!("its process ended with {status}")
}
