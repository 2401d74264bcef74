//! A run of a program that builds.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::mpsc;

use super::output::Output;
use crate::build::asked_for::Program;
use crate::build::error::BuildError;
use crate::build::progress::Progress;
use crate::process::{Group, LINES, send_lines};

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
        // So that what it starts ends with it.
        Group::separate(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        let group = Group::of(&child);
        let (sender, mut lines) = mpsc::channel(LINES);
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(tokio::spawn(send_lines(stdout, sender.clone())));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(tokio::spawn(send_lines(stderr, sender.clone())));
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
