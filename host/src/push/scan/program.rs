//! A run of the scanner.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::command::ScanCommand;
use super::error::ScanError;
use crate::environment::EnvVars;
use crate::process::{Group, LINES, how, send_lines};
use crate::text::{Escaped, Foreign};
use crate::waiting::waiting_for;

/// How long output is waited for after the end: what the scanner left in the background may hold the pipes open.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Runs the scanner to its end. What it prints is shown. Dropping the future ends it, with all that it has started.
///
/// # Errors
/// When it can't be run, ends with another status than 0, or takes too long.
pub(super) async fn run(
    scanner: &ScanCommand,
    limit: Duration,
    show: fn(&str),
    layout: &Path,
    report: Option<&Path>,
) -> Result<(), ScanError> {
    let program = || Escaped::from(scanner.program());
    let failed = |reason| ScanError::Program { program: program(), reason: Foreign(reason) };
    let mut command = Command::new(scanner.program());
    command.args(scanner.arguments(layout, report));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // What opens keys and registries is not for the scanner.
    for secret in [EnvVars::COSIGN_PASSWORD, EnvVars::DOCKER_AUTH_CONFIG] {
        command.env_remove(secret);
    }
    Group::separate(&mut command);
    let mut child = command.spawn().map_err(failed)?;
    let group = Group::of(&child);
    let _waiting = waiting_for(format!("scanner {}", scanner.program()));
    let (sender, mut lines) = mpsc::channel(LINES);
    let mut readers = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        readers.push(tokio::spawn(send_lines(stdout, sender.clone())));
    }
    if let Some(stderr) = child.stderr.take() {
        readers.push(tokio::spawn(send_lines(stderr, sender.clone())));
    }
    drop(sender);
    let tell = |line: String| show(line.trim_end());
    let ended = timeout(limit, async {
        loop {
            tokio::select! {
                biased;
                line = lines.recv() => match line {
                    Some(line) => {
                        tell(line);
                        // Output without an end keeps no signal from being heard.
                        tokio::task::yield_now().await;
                    }
                    None => break child.wait().await,
                },
                status = child.wait() => {
                    while let Ok(Some(line)) = timeout(LAST_LINES, lines.recv()).await {
                        tell(line);
                    }
                    break status;
                }
            }
        }
    });
    let ended = ended.await;
    readers.iter().for_each(tokio::task::JoinHandle::abort);
    let Ok(status) = ended else {
        drop(group);
        return Err(ScanError::TooLate { program: program(), timeout: limit });
    };
    group.ended();
    let status = status.map_err(failed)?;
    match status.success() {
        true => Ok(()),
        false => Err(ScanError::Refused { program: program(), status: how(status).into() }),
    }
}
