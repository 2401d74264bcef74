//! The output of a program that prints a value, and its last words where it fails.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::group::Group;
use super::status::how;

/// Bytes of standard error that are read for an error.
const MAX_STDERR: u64 = 4 << 10;

/// What a program may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The longest time.
    pub(crate) time: Duration,
    /// The most bytes that it may print.
    pub(crate) bytes: usize,
    /// Whether it may ask the user at the terminal: it stays among the processes of the foreground then, as only these
    /// may read there.
    pub(crate) asks: bool,
}

/// Why there is no output.
pub(crate) enum OutputError {
    /// There is no such program.
    Missing,
    /// It prints more than it may.
    TooLong,
    /// Anything else, in words; and the line of its standard error that tells why, or the empty text.
    Failed(String, String),
}

/// Runs a program without input to its end, and gives what it printed. The program is ended with all that it started
/// where it takes more than it may, or the caller gives up.
///
/// # Errors
/// When it can't be run, takes more than it may, or ends with a failure.
pub(crate) async fn output(mut command: Command, bounds: Bounds) -> Result<Zeroizing<Vec<u8>>, OutputError> {
    let failed = |error: io::Error| OutputError::Failed(crate::text::Foreign(error).to_string(), String::new());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    if !bounds.asks {
        Group::separate(&mut command);
    }
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => OutputError::Missing,
        _ => failed(error),
    })?;
    let group = (!bounds.asks).then(|| Group::of(&child));
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    // Allocated at once: a buffer that grows leaves a copy behind.
    let mut output = Zeroizing::new(Vec::with_capacity(bounds.bytes.saturating_add(1)));
    let mut words = Vec::new();
    let read = async {
        let out = async {
            if let Some(stdout) = &mut stdout {
                let most = u64::try_from(bounds.bytes).unwrap_or(u64::MAX).saturating_add(1);
                let _ = stdout.take(most).read_to_end(&mut output).await;
            }
            if output.len() > bounds.bytes { Err(()) } else { Ok(()) }
        };
        let err = async {
            if let Some(stderr) = &mut stderr {
                let _ = stderr.take(MAX_STDERR).read_to_end(&mut words).await;
                // Read on, so that it never blocks.
                let _ = tokio::io::copy(stderr, &mut tokio::io::sink()).await;
            }
            Ok(())
        };
        let ended = async { Ok(child.wait().await) };
        tokio::try_join!(out, err, ended).map(|(_, _, status)| status)
    };
    let status = match timeout(bounds.time, read).await {
        // It may go on for ever, and is killed.
        Ok(Err(())) => return Err(OutputError::TooLong),
        Err(_) => return Err(late(bounds.time)),
        Ok(Ok(Err(error))) => return Err(failed(error)),
        Ok(Ok(Ok(status))) => status,
    };
    if let Some(group) = group {
        group.ended();
    }
    match status.success() {
        true => Ok(output),
        false => Err(OutputError::Failed(how(status), telling_line(&words))),
    }
}

fn late(time: Duration) -> OutputError {
    OutputError::Failed(format!("it did not end within {} s", time.as_secs()), String::new())
}

/// The line that tells why a program failed: the first one that begins with `error`, behind which some have advice of
/// several lines, or else the last one.
fn telling_line(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    let mut lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_error = |line: &&str| line.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("error"));
    lines.clone().find(is_error).or_else(|| lines.next_back()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_an_error_is_told_in_place_of_the_advice_behind_it() {
        // As `gcloud auth print-access-token` and `az account get-access-token` say it without a login.
        let gcloud = "ERROR: (gcloud.auth.print-access-token) You do not currently have an active account selected.\n\
                      Please run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n";
        for (words, told) in [
            (gcloud, "ERROR: (gcloud.auth.print-access-token) You do not currently have an active account selected."),
            ("ERROR: Please run 'az login' to setup account.\n", "ERROR: Please run 'az login' to setup account."),
            (
                "\nError loading SSO Token: Token for my-sso does not exist\n",
                "Error loading SSO Token: Token for my-sso does not exist",
            ),
            ("Traceback:\n  raise X\nboto.X: no\n\n", "boto.X: no"),
            ("é", "é"),
            ("", ""),
        ] {
            assert_eq!(telling_line(words.as_bytes()), told);
        }
    }
}
