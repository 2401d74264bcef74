//! Credential helpers: programs named `docker-credential-…` that read a keychain.
//!
//! The protocol is that of <https://github.com/docker/docker-credential-helpers> (`credentials/credentials.go`): the
//! argument `get`, the registry on standard input, JSON on standard output; on failure an exit status and, on standard
//! output too, a message.

use std::ffi::OsString;
use std::path::PathBuf;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::{Either, join, select};
use secrecy::SecretString;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::auths::is_empty;
use super::protocol::{NOT_FOUND, TOKEN_USER};
use super::shown::shown;
use crate::credential::Credential;
use crate::environment::{EnvVars, Environment};
use crate::error::{Explain, Kind};
use crate::files;
use crate::json;
use crate::text::{Escaped, Foreign, Printable};
use crate::waiting::waiting_for;

/// Most helpers answer within a second, but some wait for the user: a passphrase, a touch on a hardware key, a sign-in
/// in a browser. A minute is enough for that, and short enough for CI, where no user answers.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer, in bytes. The longest known passwords, JSON key files and JWTs, have some KiB.
const MAX_ANSWER: u64 = 1 << 20;
/// Bytes of standard error that are kept for an error message.
const MAX_STDERR: usize = 4 << 10;
/// Wait for the rest of what it writes after the helper's end; a daemon that it started in the background may hold
/// those pipes open for ever.
const REST_TIMEOUT: Duration = Duration::from_secs(1);

/// The credential helpers of this machine.
pub(super) struct Helpers {
    search_path: OsString,
    /// Whether this process was started by a helper that crhost asks: another one would be asked in turn, for ever.
    is_asked_by_one: bool,
    /// For one answer.
    timeout: Duration,
}

/// A helper that gave no credentials. It never quotes the standard output of a helper that succeeded, nor an object
/// there: those may hold the secret. Of a helper that failed, the standard output is the message, by the protocol.
#[derive(Debug, thiserror::Error, Printable)]
#[error("the credential helper `{program}` gave no credentials for `{server}`: {failure}")]
pub(crate) struct HelperError {
    /// The helper's program.
    pub(crate) program: Escaped,
    /// Docker's key of the registry.
    pub(crate) server: Escaped,
    /// The cause.
    pub(crate) failure: HelperFailure,
}

/// A failure of a credential helper.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum HelperFailure {
    /// The configured name could lead to a program in another place.
    #[error("its name may have letters, digits, `.`, `_` and `-` only")]
    Name,
    /// There is no such program.
    #[error("it is not on the `PATH`")]
    Missing,
    /// The file exists and is not executable.
    #[error("`{0}` is not executable")]
    NotExecutable(Escaped),
    /// It could not be started, or a pipe to it failed.
    #[error("it cannot be run: {0}")]
    Run(Foreign<std::io::Error>),
    /// It was killed at the end of this time.
    #[error("it did not answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// It was killed in the middle of its answer.
    #[error("its answer is longer than 1 MiB")]
    TooLong,
    /// It reported a failure.
    #[error("it ended with {status}{words}")]
    Failed {
        /// Its exit status.
        status: ExitStatus,
        /// `: ` and its own words, bounded and escaped, or nothing.
        words: Escaped,
    },
    /// Its answer is not JSON with a user name and a secret.
    #[error("its answer does not follow the protocol of credential helpers")]
    Malformed,
}

impl Explain for HelperError {
    fn kind(&self) -> Kind {
        Kind::Auth
    }

    fn hint(&self) -> Option<Escaped> {
        let Self { program, server, failure } = self;
        Some(match failure {
            HelperFailure::Name | HelperFailure::Missing => {
                "install it, or correct `credHelpers` and `credsStore` in Docker's `config.json`".into()
            }
            HelperFailure::NotExecutable(path) => format!("make it executable: `chmod +x {path}`").into(),
            _ => format!("try `echo {server} | {program} get` by hand; when it works it prints the secret").into(),
        })
    }
}

/// The answer to `get`. `ServerURL`, a third member, only repeats the question.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

impl Helpers {
    /// The helpers in the directories of `PATH`.
    pub(super) fn new(environment: &Environment) -> Self {
        let search_path = environment.get(EnvVars::PATH).unwrap_or_default().to_owned();
        let is_asked_by_one = environment.get(EnvVars::CRHOST_IN_HELPER).is_some();
        Self { search_path, is_asked_by_one, timeout: TIMEOUT }
    }

    /// Asks the helper `docker-credential-<name>` for a registry; `None` when it says that it has no credentials, or
    /// its user name and secret are both empty. It is killed after a minute, or when this future is dropped.
    ///
    /// # Errors
    /// In every other case, with the helper and the registry named.
    pub(super) async fn get(&self, name: &str, server: &str) -> Result<Option<Credential>, HelperError> {
        if self.is_asked_by_one {
            tracing::debug!("`docker-credential-{name}` is not asked: a credential helper asks crhost");
            return Ok(None);
        }
        let answer = async {
            let program = self.find(name)?;
            tracing::debug!("asking `docker-credential-{name}` for the credentials of `{server}`");
            let _waiting = waiting_for(format!("docker-credential-{name}"));
            run(&program, server, self.timeout).await
        };
        answer.await.map_err(|failure| HelperError {
            program: shown(&format!("docker-credential-{name}")),
            server: server.into(),
            failure,
        })
    }

    /// The program of a helper.
    ///
    /// # Errors
    /// Why there is none that can be run.
    pub(super) fn find(&self, name: &str) -> Result<PathBuf, HelperFailure> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(HelperFailure::Name);
        }
        let file = format!("docker-credential-{name}{}", std::env::consts::EXE_SUFFIX);
        // A relative entry would run a program of the current directory; Go, and so Docker, skips them too.
        let directories = std::env::split_paths(&self.search_path).filter(|directory| directory.is_absolute());
        let mut found = directories.map(|directory| directory.join(&file)).filter(|path| path.is_file()).peekable();
        let first = found.peek().cloned().ok_or(HelperFailure::Missing)?;
        found.find(|path| files::is_program(path)).ok_or(HelperFailure::NotExecutable(first.into()))
    }
}

async fn run(program: &PathBuf, server: &str, limit: Duration) -> Result<Option<Credential>, HelperFailure> {
    let mut child = Command::new(program)
        .arg("get")
        .env(EnvVars::CRHOST_IN_HELPER, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed_to_run)?;
    let mut answer = Vec::new();
    let mut stderr = Vec::new();
    let Ok(ended) = timeout(limit, communicate(&mut child, server, &mut answer, &mut stderr)).await else {
        // Killed and waited for here, so that no zombie stays; if that fails, `kill_on_drop` tries again.
        let _ = child.kill().await;
        return Err(HelperFailure::Timeout(limit));
    };
    let status = ended?;
    if status.success() {
        return parse(&answer);
    }
    let [answer, stderr] = [answer, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if answer.contains(NOT_FOUND) || stderr.contains(NOT_FOUND) {
        return Ok(None);
    }
    Err(HelperFailure::Failed { status, words: words(&answer, &stderr) })
}

/// Why a helper failed, in its own words: its message, else what it wrote to standard error.
fn words(answer: &str, stderr: &str) -> Escaped {
    // A helper that fails after it has written its answer.
    let message = if answer.contains('{') { "" } else { answer };
    let words = shown(if message.trim().is_empty() { stderr } else { message });
    if words.is_empty() { words } else { format!(": {words}").into() }
}

fn failed_to_run(error: std::io::Error) -> HelperFailure {
    HelperFailure::Run(error.into())
}

/// Writes the registry to the helper, and collects its answer and its standard error until it ends.
async fn communicate(
    child: &mut Child,
    server: &str,
    answer: &mut Vec<u8>,
    stderr: &mut Vec<u8>,
) -> Result<ExitStatus, HelperFailure> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr_pipe)) = pipes else {
        return Err(failed_to_run(std::io::ErrorKind::BrokenPipe.into()));
    };
    let request = async move {
        // Fails without harm where a helper answers without reading.
        let _ = stdin.write_all(server.as_bytes()).await;
    };
    let exchange = pin!(async {
        let mut stdout = stdout.take(MAX_ANSWER + 1);
        let ended = {
            let reading = pin!(join(stdout.read_to_end(answer), request));
            match select(reading, pin!(child.wait())).await {
                Either::Left(((read, ()), _)) => {
                    read.map_err(failed_to_run)?;
                    None
                }
                Either::Right((ended, reading)) => {
                    let _ = timeout(REST_TIMEOUT, reading).await;
                    Some(ended)
                }
            }
        };
        if answer.len() as u64 > MAX_ANSWER {
            let _ = child.kill().await;
            return Err(HelperFailure::TooLong);
        }
        match ended {
            Some(ended) => ended.map_err(failed_to_run),
            None => child.wait().await.map_err(failed_to_run),
        }
    });
    match select(exchange, pin!(drain(stderr_pipe, stderr))).await {
        Either::Left((ended, draining)) => {
            let _ = timeout(REST_TIMEOUT, draining).await;
            ended
        }
        Either::Right(((), exchange)) => exchange.await,
    }
}

/// Keeps the first bytes of a stream, and reads on to its end so that the writer never blocks.
async fn drain(mut stream: impl AsyncRead + Unpin, kept: &mut Vec<u8>) {
    let mut chunk = [0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut chunk).await {
        let room = MAX_STDERR.saturating_sub(kept.len());
        kept.extend(chunk.iter().take(length.min(room)));
    }
}

fn parse(answer: &[u8]) -> Result<Option<Credential>, HelperFailure> {
    if answer.trim_ascii().is_empty() {
        return Err(HelperFailure::Malformed);
    }
    // Some print warnings before their answer, or something after it, as Go's reader ignores what follows a value.
    let start = answer.iter().position(|byte| *byte == b'{').unwrap_or_default();
    let answer = answer.get(start..).unwrap_or(answer);
    let answer: Answer = json::read_first(answer).map_err(|_| HelperFailure::Malformed)?;
    let secret = SecretString::from(answer.secret);
    match (answer.username, is_empty(&secret)) {
        (user, true) if user.is_empty() => Ok(None),
        (user, true) if user == TOKEN_USER => Err(HelperFailure::Malformed),
        (user, _) if user == TOKEN_USER => Ok(Some(Credential::IdentityToken(secret))),
        (username, _) => Ok(Some(Credential::Basic { username, password: secret })),
    }
}

#[cfg(test)]
#[cfg(unix)]
pub(super) mod tests;
