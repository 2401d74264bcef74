//! A run of a program that builds.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;

use super::output::Output;
use crate::build::builder::Program;
use crate::build::error::BuildError;
use crate::build::progress::Progress;

/// A program, its arguments, and what is different in its environment.
pub(super) struct Child<'a> {
    pub(super) program: Program,
    pub(super) path: &'a Path,
    pub(super) arguments: Vec<OsString>,
    /// Variables that are set, or taken away.
    pub(super) variables: &'a [(&'static str, Option<PathBuf>)],
}

/// Where its standard output goes.
pub(super) enum Standard<'a> {
    /// It has lines for users.
    Lines,
    /// It is an archive, and goes into this file.
    File(&'a Arc<std::fs::File>),
}

/// Longest line in bytes that is kept whole.
const MAX_LINE: usize = 64 << 10;
/// Lines between the pipes and the display.
const LINES: usize = 64;
/// Time in which a build that is given up ends by itself, and takes its containers away: less than the second in which
/// a command has to notice a signal.
const END_TIME: Duration = Duration::from_millis(900);

impl Child<'_> {
    /// Runs it to its end. Dropping the future ends it, with all that it has started.
    ///
    /// # Errors
    /// When it can't be run, or fails: with its step, its reason and its last lines.
    pub(super) async fn run(self, standard: Standard<'_>, progress: &dyn Progress) -> Result<(), BuildError> {
        let failed = |reason: std::io::Error| BuildError::Run { program: self.path.into(), reason: reason.into() };
        let mut command = Command::new(self.path);
        command.args(&self.arguments).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        for (name, value) in self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        match standard {
            Standard::Lines => command.stdout(Stdio::piped()),
            Standard::File(file) => command.stdout(Stdio::from(file.try_clone().map_err(failed)?)),
        };
        // A group of its own, so that what it starts ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let group = Group::of(&child);
        let (sender, mut lines) = mpsc::channel(LINES);
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(tokio::spawn(read(stdout, sender.clone())));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(tokio::spawn(read(stderr, sender.clone())));
        }
        drop(sender);
        let mut output = Output::new(progress);
        let status = loop {
            tokio::select! {
                biased;
                line = lines.recv() => match line {
                    Some(line) => output.line(&line),
                    None => break child.wait().await,
                },
                status = child.wait() => {
                    // What it left behind in the background may hold the pipes open.
                    while let Ok(Some(line)) = tokio::time::timeout(Duration::from_secs(1), lines.recv()).await {
                        output.line(&line);
                    }
                    break status;
                }
            }
        };
        readers.iter().for_each(tokio::task::JoinHandle::abort);
        group.ended();
        let status = status.map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        let reason = output.reason.unwrap_or_else(|| format!("`{}` ended with {status}", self.program));
        let (step, lines) = output.tail.end();
        Err(BuildError::failed(step, &reason, lines))
    }
}

/// Sends the lines of a pipe.
async fn read(pipe: impl AsyncRead + Unpin, sender: mpsc::Sender<String>) {
    let mut pipe = BufReader::with_capacity(MAX_LINE, pipe);
    loop {
        // Not `read_until`: a line may have no end.
        let Ok(bytes) = pipe.fill_buf().await else { return };
        if bytes.is_empty() {
            return;
        }
        let mut line = Vec::new();
        let mut is_whole = false;
        while !is_whole && line.len() < MAX_LINE {
            let Ok(bytes) = pipe.fill_buf().await else { break };
            if bytes.is_empty() {
                break;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(bytes.len(), |end| end + 1);
            line.extend(bytes.iter().take(length));
            pipe.consume(length);
            is_whole = end.is_some();
        }
        if sender.send(String::from_utf8_lossy(&line).into_owned()).await.is_err() {
            return;
        }
    }
}

/// The processes of a program. Dropping it ends them, unless they have ended.
struct Group(Option<u32>);

impl Group {
    fn of(child: &tokio::process::Child) -> Self {
        Self(child.id())
    }

    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw) {
            use rustix::process::{Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
            let _ = kill_process_group(group, Signal::TERM);
            let end = std::time::Instant::now() + END_TIME;
            // Its end is left for the runtime to collect.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            while matches!(waitid(WaitId::Pid(group), options), Ok(None)) && std::time::Instant::now() < end {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
