//! The user's `kubectl`.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::super::names::FIELD_MANAGER;
use super::super::pull_secret::Secret;
use super::error::ApplyError;
use crate::environment::Environment;
use crate::text::Escaped;
use crate::waiting::waiting_for;

/// A login by a program that `kubectl` starts, and the request: both take seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes of its standard error that are read for an error.
const MAX_STDERR: u64 = 4 << 10;

/// Characters of it that are shown.
const MAX_SHOWN: usize = 500;

/// The program, and the cluster that it is to use.
pub(super) struct Kubectl {
    program: PathBuf,
    context: Option<String>,
}

/// The one on the `PATH`, as far as that is absolute: a relative entry would run a program of the current directory.
pub(in crate::kubernetes) fn find_kubectl(environment: &Environment) -> Option<PathBuf> {
    let file = format!("kubectl{}", std::env::consts::EXE_SUFFIX);
    let mut programs = environment.search_path().into_iter().map(|directory| directory.join(&file));
    programs.find(|program| program.is_file())
}

impl Kubectl {
    /// The one on the `PATH`.
    pub(super) fn find(environment: &Environment, context: Option<String>) -> Result<Self, ApplyError> {
        let program = find_kubectl(environment).ok_or(ApplyError::NoKubectl)?;
        Ok(Self { program, context })
    }

    /// Has it apply a Secret, which it reads from its standard input: arguments are seen by all users.
    pub(super) async fn apply(&self, secret: &Secret) -> Result<(), ApplyError> {
        // Maps of strings, which JSON can always represent.
        let manifest = Zeroizing::new(serde_json::to_vec(secret).unwrap_or_default());
        let manager = format!("--field-manager={FIELD_MANAGER}");
        let mut command = Command::new(&self.program);
        // Its validation would fetch the cluster's whole description at each renewal.
        command.args(["apply", "--server-side", "--force-conflicts", &manager, "--validate=false", "--filename=-"]);
        command.args(self.context.iter().map(|context| format!("--context={context}")));
        let _waiting = waiting_for("kubectl".to_owned());
        let run = async {
            let piped = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
            let mut child = piped.kill_on_drop(true).spawn()?;
            let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
            let write = async {
                if let Some(mut stdin) = stdin {
                    // Fails where it ends before, which its status tells better.
                    let _ = stdin.write_all(&manifest).await;
                }
            };
            let mut words = Vec::new();
            let read = async {
                if let Some(mut stderr) = stderr {
                    let _ = (&mut stderr).take(MAX_STDERR).read_to_end(&mut words).await;
                    // Read on, so that it never blocks.
                    let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
                }
            };
            let ((), (), status) = tokio::join!(write, read, child.wait());
            Ok((status?, words))
        };
        match timeout(TIMEOUT, run).await {
            Err(_) => Err(ApplyError::Timeout(TIMEOUT)),
            Ok(Err(error)) => Err(ApplyError::Run(std::io::Error::into(error))),
            Ok(Ok((status, _))) if status.success() => Ok(()),
            Ok(Ok((status, words))) => {
                let words = Escaped::new(&secret.redacted(&String::from_utf8_lossy(&words)), MAX_SHOWN);
                Err(ApplyError::Failed { status, words })
            }
        }
    }
}
