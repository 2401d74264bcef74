//! What a process and those that it waited for used.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::failure::{Failure, Result};

/// A push, measured.
pub(in crate::bench) struct Measured {
    pub(in crate::bench) used: Used,
    /// Requests that the registry answered.
    pub(in crate::bench) requests: usize,
    /// Bytes that the registry keeps afterwards.
    pub(in crate::bench) stored: u64,
}

/// What the client used; a daemon that works for it is not in it.
pub(in crate::bench) struct Used {
    pub(in crate::bench) wall: Duration,
    pub(in crate::bench) cpu: Duration,
    /// Peak resident size in bytes. Linux counts what this program had before it became the client, too: a few MB.
    pub(in crate::bench) memory: u64,
}

/// Runs it to its end; what it said is shown only if it fails.
pub(in crate::bench) fn run(command: &mut Command) -> Result<Used> {
    let failed = |error: std::io::Error| Failure::new(format!("cannot measure a client: {error}"));
    // A file takes whatever it says, and nobody has to read while it runs.
    let mut said = tempfile::tempfile().map_err(failed)?;
    let copy = |said: &File| said.try_clone().map(Stdio::from).map_err(failed);
    command.stdout(copy(&said)?).stderr(copy(&said)?);
    let start = Instant::now();
    let child = command.spawn().map_err(failed)?;
    let done = child.wait4().map_err(failed)?;
    let wall = start.elapsed();
    if !done.status.success() {
        let mut text = String::new();
        said.rewind().and_then(|()| said.read_to_string(&mut text)).map_err(failed)?;
        eprint!("{text}");
        return Err(Failure::new(format!("`{}` failed ({})", command.get_program().display(), done.status)));
    }
    Ok(Used { wall, cpu: done.rusage.utime + done.rusage.stime, memory: done.rusage.maxrss })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::command;

    #[test]
    fn a_failing_client_is_a_failure() {
        let failure = run(&mut command("false", [""; 0])).err().unwrap().to_string();
        assert_eq!(failure, "error: `false` failed (exit status: 1)");
    }

    #[test]
    fn what_a_client_used_is_its_own() {
        let used = run(&mut command("sh", ["-c", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done"])).unwrap();
        assert!(used.memory > 0 && used.cpu <= used.wall + Duration::from_millis(50));
    }
}
