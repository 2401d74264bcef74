//! A connection through the user's own `ssh`, whose other end runs `docker system dial-stdio`.
//!
//! Follows `cli/connhelper` of <https://github.com/docker/cli>. Keys, known hosts and jump hosts are the business of
//! `ssh` and its configuration.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::failure::ConnectFailure;
use crate::docker::endpoint::SshTarget;
use crate::docker::shown::shown;
use crate::network::io_words;

/// The most that is kept of what `ssh` complains about, in bytes: some lines.
const MAX_STDERR: usize = 4 << 10;
/// How long the end of a program whose output has ended is waited for. A connection that `ssh` shares
/// (`ControlPersist`) leaves a process behind that keeps its standard error open.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// The bytes of a daemon behind `ssh`. Dropping it ends the program.
pub(super) struct Ssh {
    input: ChildStdin,
    output: ChildStdout,
    /// Present until the output has ended.
    running: Option<Running>,
    /// How the program ended, once its output has.
    ending: Option<Pin<Box<dyn Future<Output = Option<String>> + Send>>>,
}

/// The program, and the first of what it writes to standard error.
struct Running {
    child: Child,
    complaints: JoinHandle<Vec<u8>>,
}

/// Starts the program. Whether it reaches the daemon shows when its output is read.
///
/// # Errors
/// When there is no such program.
pub(super) fn start(target: &SshTarget) -> Result<Ssh, ConnectFailure> {
    let failed = |error: &io::Error| format!("the program `ssh` can't be run: {}", io_words(error));
    let arguments = target.arguments();
    tracing::debug!("running `ssh {}`", arguments.join(" "));
    let mut child = Command::new("ssh")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(&error))?;
    let (Some(input), Some(output), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(failed(&io::ErrorKind::BrokenPipe.into()).into());
    };
    let running = Running { child, complaints: tokio::spawn(drain(stderr)) };
    Ok(Ssh { input, output, running: Some(running), ending: None })
}

/// Keeps the first bytes, and reads on to the end so that the program never blocks.
async fn drain(mut stderr: ChildStderr) -> Vec<u8> {
    let (mut kept, mut chunk) = (Vec::new(), [0; 1024]);
    while let Ok(length @ 1..) = stderr.read(&mut chunk).await {
        let room = MAX_STDERR.saturating_sub(kept.len());
        kept.extend(chunk.iter().take(length.min(room)));
    }
    kept
}

impl Running {
    /// Why the program failed, in its own words; `None` where it didn't.
    async fn end(mut self) -> Option<String> {
        let status = timeout(END_TIMEOUT, self.child.wait()).await;
        if matches!(&status, Ok(Ok(status)) if status.success()) {
            return None;
        }
        let complaints = timeout(END_TIMEOUT, self.complaints).await;
        let complaints = complaints.ok().and_then(Result::ok).unwrap_or_default();
        let words = shown(String::from_utf8_lossy(&complaints).trim());
        let ended = status.ok().and_then(Result::ok).map_or_else(String::new, |status| format!(" with {status}"));
        Some(if words.is_empty() { format!("`ssh` ended{ended}") } else { format!("`ssh` ended{ended}: {words}") })
    }
}

/// Whether `ssh`, or the daemon's socket at its other end, refused: trying again can't help then.
fn kind(words: &str) -> io::ErrorKind {
    let words = words.to_ascii_lowercase();
    let refuses = ["permission denied", "host key verification failed", "too many authentication failures"];
    match refuses.iter().any(|refusal| words.contains(refusal)) {
        true => io::ErrorKind::PermissionDenied,
        false => io::ErrorKind::Other,
    }
}

impl AsyncRead for Ssh {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        if this.running.is_some() {
            ready!(Pin::new(&mut this.output).poll_read(cx, buffer))?;
            if buffer.filled().len() > before || buffer.capacity() == 0 {
                return Poll::Ready(Ok(()));
            }
        }
        if let Some(running) = this.running.take() {
            this.ending = Some(Box::pin(running.end()));
        }
        let Some(ending) = &mut this.ending else { return Poll::Ready(Ok(())) };
        let failed = ready!(ending.as_mut().poll(cx));
        this.ending = None;
        Poll::Ready(failed.map_or(Ok(()), |words| Err(io::Error::new(kind(&words), words))))
    }
}

impl AsyncWrite for Ssh {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match ready!(Pin::new(&mut self.get_mut().input).poll_write(cx, bytes)) {
            // The program has ended. Reading tells why, and writing does not.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Poll::Ready(Ok(bytes.len())),
            written => Poll::Ready(written),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().input).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().input).poll_shutdown(cx)
    }
}
