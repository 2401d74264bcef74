//! Credential helpers: programs named `docker-credential-…` that look into a keychain.
//!
//! The protocol is that of <https://github.com/docker/docker-credential-helpers> (`credentials/credentials.go`): the
//! argument `get`, the registry on standard input, JSON on standard output; on failure an exit status and, on standard
//! output too, a message.

use std::ffi::{OsStr, OsString};
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
use super::file::object;
use super::shown;
use crate::credential::Credential;
use crate::error::{Explain, Kind};

/// Most helpers answer within a second, but some wait for a person: a passphrase, a touch on a hardware key, a sign-in
/// in a browser. A minute is enough for that, and short enough to see in CI that nobody is there.
const LIMIT: Duration = Duration::from_secs(60);
/// The longest answer. The longest known passwords, JSON key files and JWTs, have some KiB.
const MAX_ANSWER: u64 = 1 << 20;
/// How much of standard error is kept for an error message.
const MAX_COMPLAINT: usize = 4 << 10;
/// How long after the helper's end its last words on standard error may take; a daemon that it started in the
/// background may hold that pipe open for ever.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// The message for a registry that the helper has nothing for (`errCredentialsNotFoundMessage` in the protocol's code).
const NOT_FOUND: &str = "credentials not found in native keychain";
/// The user name that marks the secret as an identity token (`tokenUsername` in Docker's `native_store.go`).
const TOKEN_USER: &str = "<token>";

/// The credential helpers of this machine.
pub(super) struct Helpers {
    search_path: OsString,
    limit: Duration,
}

/// A helper that gave no credentials. Never quotes its standard output: that may hold the secret.
#[derive(Debug, thiserror::Error)]
#[error("the credential helper `{program}` gave no credentials for `{server}`: {failure}")]
pub(crate) struct HelperError {
    /// The helper's program.
    pub(crate) program: String,
    /// The registry, under the key that Docker has for it.
    pub(crate) server: String,
    /// What happened.
    pub(crate) failure: HelperFailure,
}

/// What can go wrong with a credential helper.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HelperFailure {
    /// The configured name could lead to a program in another place.
    #[error("its name may have letters, digits, `.`, `_` and `-` only")]
    Name,
    /// There is no such program.
    #[error("it is not on the `PATH`")]
    Missing,
    /// There is such a file, but no such program.
    #[error("`{}` is not executable", .0.display())]
    NotExecutable(PathBuf),
    /// It could not be started, or not be talked to.
    #[error("it cannot be run: {0}")]
    Run(std::io::Error),
    /// It was stopped.
    #[error("it did not answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// It was stopped.
    #[error("its answer is longer than 1 MiB")]
    TooLong,
    /// It reported a failure; after the status what it wrote to standard error, if anything, bounded and escaped.
    #[error("it ended with {status}{complaint}")]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// `: ` and its words, or nothing.
        complaint: String,
    },
    /// Its answer is not JSON with a user name and a secret.
    #[error("its answer does not follow the protocol of credential helpers")]
    Malformed,
}

impl Explain for HelperError {
    fn kind(&self) -> Kind {
        Kind::Auth
    }

    fn hint(&self) -> Option<String> {
        Some(match &self.failure {
            HelperFailure::Name | HelperFailure::Missing => {
                "install it, or correct `credHelpers` and `credsStore` in Docker's `config.json`".to_owned()
            }
            HelperFailure::NotExecutable(path) => format!("make it executable: `chmod +x {}`", path.display()),
            _ => {
                format!("try `echo {} | {} get` by hand; when it works it prints the secret", self.server, self.program)
            }
        })
    }
}

/// The answer to `get`. `ServerURL`, a third member, only repeats the question.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    username: String,
    #[serde(rename = "Secret")]
    secret: String,
}

impl Helpers {
    /// The helpers in the directories of a `PATH`.
    pub(super) fn new(search_path: &OsStr) -> Self {
        Self { search_path: search_path.to_owned(), limit: LIMIT }
    }

    /// Asks the helper `docker-credential-<name>` for a registry; `None` when it has nothing for it: it says so, or its
    /// user name and secret are both empty. It gets a minute; at its end, or when the caller gives up, it is killed.
    ///
    /// # Errors
    /// In every other case, with the helper and the registry named.
    pub(super) async fn get(&self, name: &str, server: &str) -> Result<Option<Credential>, HelperError> {
        let asked = async {
            let program = self.find(name)?;
            ask(&program, server, self.limit).await
        };
        asked.await.map_err(|failure| HelperError {
            program: shown(&format!("docker-credential-{name}")),
            server: server.to_owned(),
            failure,
        })
    }

    fn find(&self, name: &str) -> Result<PathBuf, HelperFailure> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(HelperFailure::Name);
        }
        let file = format!("docker-credential-{name}{}", std::env::consts::EXE_SUFFIX);
        // Relative entries would run what lies in the current directory; Go, and so Docker, skips them too.
        let directories = std::env::split_paths(&self.search_path).filter(|directory| directory.is_absolute());
        let mut found = directories.map(|directory| directory.join(&file)).filter(|path| path.is_file()).peekable();
        let first = found.peek().cloned().ok_or(HelperFailure::Missing)?;
        found.find(|path| is_executable(path)).ok_or(HelperFailure::NotExecutable(first))
    }
}

#[cfg(unix)]
fn is_executable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.permissions().mode() & 0o111 != 0)
}

/// Elsewhere the name's extension says it.
#[cfg(not(unix))]
fn is_executable(_: &std::path::Path) -> bool {
    true
}

async fn ask(program: &PathBuf, server: &str, limit: Duration) -> Result<Option<Credential>, HelperFailure> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(HelperFailure::Run)?;
    let mut answer = Vec::new();
    let mut complaint = Vec::new();
    let Ok(ended) = timeout(limit, converse(&mut child, server, &mut answer, &mut complaint)).await else {
        // Killed and waited for here, so that no zombie stays; what cannot be killed is left to `kill_on_drop`.
        let _ = child.kill().await;
        return Err(HelperFailure::Timeout(limit));
    };
    let status = ended?;
    if status.success() {
        return understand(&answer);
    }
    if answer.trim_ascii() == NOT_FOUND.as_bytes() {
        return Ok(None);
    }
    let words = shown(&String::from_utf8_lossy(&complaint));
    let complaint = if words.is_empty() { words } else { format!(": {words}") };
    Err(HelperFailure::Failed { status, complaint })
}

/// Sends the question, and collects the answer and the complaints until the helper ends.
async fn converse(
    child: &mut Child,
    server: &str,
    answer: &mut Vec<u8>,
    complaint: &mut Vec<u8>,
) -> Result<ExitStatus, HelperFailure> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(HelperFailure::Run(std::io::ErrorKind::BrokenPipe.into()));
    };
    let question = async move {
        // A helper may answer without reading the question; then this fails and does not matter.
        let _ = stdin.write_all(server.as_bytes()).await;
    };
    let exchange = pin!(async {
        let mut stdout = stdout.take(MAX_ANSWER + 1);
        let (read, ()) = join(stdout.read_to_end(answer), question).await;
        if read.map_err(HelperFailure::Run)? as u64 > MAX_ANSWER {
            let _ = child.kill().await;
            return Err(HelperFailure::TooLong);
        }
        child.wait().await.map_err(HelperFailure::Run)
    });
    match select(exchange, pin!(listen(stderr, complaint))).await {
        Either::Left((ended, listening)) => {
            let _ = timeout(LAST_WORDS, listening).await;
            ended
        }
        Either::Right(((), exchange)) => exchange.await,
    }
}

/// Keeps the first bytes of a stream, and reads on to its end so that the writer never blocks.
async fn listen(mut stream: impl AsyncRead + Unpin, kept: &mut Vec<u8>) {
    let mut chunk = [0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut chunk).await {
        let room = MAX_COMPLAINT.saturating_sub(kept.len());
        kept.extend(chunk.iter().take(length.min(room)));
    }
}

fn understand(answer: &[u8]) -> Result<Option<Credential>, HelperFailure> {
    let answer: Answer = object(answer).map_err(|_| HelperFailure::Malformed)?;
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
