//! Running other programs: in sight, captured, or against the clock.
//!
//! None of them gets our stdin: a task that stops to ask a question would hang CI.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// A command with its arguments, ready for one of the functions below.
pub(crate) fn command<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    // What cargo said of this program to it. Build scripts of others, which read these names, would run again for it,
    // and again without it.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The first program of that name on PATH or among the system's own, which PATH often leaves out.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|directory| directory.join(program))
        .find(|candidate| is_executable(candidate))
}

/// Whether that file is there, links followed, and may be executed.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Prints the command as it would be typed, under the given name.
pub(crate) fn echo_as(name: &str, command: &Command) {
    eprintln!("$ {}", words(name, command));
}

/// Runs it with our stdout and stderr.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_run(command, &error))?;
    accept(command, status)
}

/// Runs it with our stderr, and gives back what it wrote to stdout, trimmed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_run(command, &error))?;
    accept(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs it in silence; what it said is shown only if it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command.output().map_err(|error| cannot_run(command, &error))?;
    if !output.status.success() {
        let mut stderr = std::io::stderr().lock();
        // Nothing better can be done if stderr itself is gone.
        let _ = stderr.write_all(&output.stdout).and_then(|()| stderr.write_all(&output.stderr));
    }
    accept(command, output.status)
}

/// What it wrote to stdout, trimmed, if it started and succeeded; its complaints are dropped.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs it with our stderr for at most that long.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    command.stdout(Stdio::from(std::io::stderr()));
    let mut child = command.spawn().map_err(|error| cannot_run(command, &error))?;
    let wait_failed = |error| Failure::new(format!("cannot wait for `{}`: {error}", typed(command)));
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(wait_failed)? {
            return accept(command, status);
        }
        if start.elapsed() > limit {
            // Already gone is as good as killed.
            let _ = child.kill().and_then(|()| child.wait());
            return Err(Failure::new(format!("`{}` was not done within {} s", typed(command), limit.as_secs())));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn accept(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status})", typed(command))))
}

fn cannot_run(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot run `{}`: {error}", command.get_program().display()))
}

/// The command as a person would type it: the program without its directory.
fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program());
    words(&program.file_name().unwrap_or(program.as_os_str()).to_string_lossy(), command)
}

fn words(name: &str, command: &Command) -> String {
    let quoted = command.get_args().map(|argument| quote(&argument.to_string_lossy()));
    std::iter::once(name.to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_as_it_would_be_typed() {
        let ls = command("/bin/ls", ["-l", "two words", "it's", ""]);
        assert_eq!(typed(&ls), r"ls -l 'two words' 'it'\''s' ''");
    }

    #[test]
    fn a_failure_names_the_command_and_its_exit_status() {
        let failure = run_quietly(&mut command("sh", ["-c", "exit 3"])).unwrap_err();
        assert_eq!(failure.to_string(), "error: `sh -c 'exit 3'` failed (exit status: 3)");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = run(&mut command("/nowhere/tool", ["x"])).unwrap_err().to_string();
        assert!(failure.starts_with("error: cannot run `/nowhere/tool`: No such file"), "{failure}");
    }

    #[test]
    fn the_clock_stops_what_hangs() {
        let failure = run_within(Duration::from_millis(100), &mut command("sleep", ["60"])).unwrap_err();
        assert_eq!(failure.to_string(), "error: `sleep 60` was not done within 0 s");
    }
}
