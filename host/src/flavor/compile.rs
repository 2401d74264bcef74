//! Where an unknown component is compiled: in a child process first, which may run out of time or memory and harms nobody.
//!
//! The compiler is safe on hostile input but promises no bounds: 0.5 MB of nested loops over many locals take 6 GB, and a
//! thread that compiles can't be stopped. A process can. The child leaves its result in the shared cache of compiled code;
//! where there is none, the same compilation follows here, now known to fit. The child is a bound, not a sandbox: it has
//! the user's rights, as the compiler always had.

mod child;

use std::hash::{Hash as _, Hasher};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::{fs, io, thread};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use wasmtime::Engine;

use super::error::AdmissionError;
use super::{builtin, engine, limits};
use crate::files::private;
use crate::image::Digest;
use crate::text::printable;

pub(crate) use child::{Verdict, run as run_child};

/// The command of `crhost` that a child process is started with; people don't see it.
pub(crate) const COMMAND: &str = "compile-component";

/// Lets a component be compiled in this process only after a child process has done it within the limits.
pub(super) struct Guard {
    program: PathBuf,
    cache: Option<PathBuf>,
}

impl Guard {
    /// A guard whose children run `program`, a `crhost` of this very build, and leave their results in `cache`.
    pub(super) fn new(program: PathBuf, cache: Option<&Path>) -> Self {
        Self { program, cache: cache.map(Path::to_owned) }
    }

    /// Waits until a component may be compiled here. No child is started for those that crhost brings along, and for those
    /// that a child has compiled before.
    ///
    /// # Errors
    /// When it is not valid, or can't be compiled within the limits.
    pub(super) async fn admit(&self, engine: &Engine, digest: &Digest, bytes: &[u8]) -> Result<(), AdmissionError> {
        if builtin::is_built_in(bytes) {
            return Ok(());
        }
        let mark = self.cache.as_deref().map(|cache| tried(cache).join(mark(engine, digest).hex()));
        if mark.as_ref().is_some_and(|mark| mark.exists()) {
            return Ok(());
        }
        tracing::debug!("compiling `{digest}` in a process of its own");
        self.tidy();
        self.try_out(bytes).await?;
        // Without a mark, the next run tries once more.
        if let Some(Err(reason)) = mark.map(|mark| private::create_file(&mark)) {
            tracing::debug!("it is not kept that `{digest}` can be compiled: {reason}");
        }
        Ok(())
    }

    /// Makes the folder of marks, and empties the cache once it is full, all at once: what is needed is made again in
    /// seconds. The runtime tidies up too, but in a thread that a short process seldom waits for.
    fn tidy(&self) {
        let Some(cache) = &self.cache else { return };
        let folder = tried(cache);
        let is_full = fs::read_dir(&folder).is_ok_and(|marks| marks.count() >= limits::COMPILED_COMPONENTS);
        if is_full {
            let emptied = fs::remove_dir_all(&folder).and_then(|()| fs::remove_dir_all(engine::code_folder(cache)));
            tracing::debug!("emptied the cache of compiled flavors: {emptied:?}");
        }
        if let Err(reason) = private::create_directory(&folder) {
            tracing::debug!("`{}` can't be made: {reason}", folder.display());
        }
    }

    async fn try_out(&self, bytes: &[u8]) -> Result<(), AdmissionError> {
        if self.run_child(bytes, limits::COMPILE_MEMORY).await? == Verdict::Cached {
            // What this process will do next. A few KB can describe millions of things that are soon compiled, and each
            // takes memory when it is loaded.
            let loaded = self.run_child(bytes, limits::LOAD_MEMORY).await;
            loaded.map_err(|error| match error {
                AdmissionError::CompileMemory => AdmissionError::LoadMemory,
                other => other,
            })?;
        }
        Ok(())
    }

    async fn run_child(&self, bytes: &[u8], memory: u64) -> Result<Verdict, AdmissionError> {
        let failed = |reason: io::Error| {
            AdmissionError::Runtime(format!("`{}` could not be run to compile: {reason}", self.program.display()))
        };
        let mut child = self.command(bytes.len(), memory).spawn().map_err(failed)?;
        match tokio::time::timeout(limits::COMPILE_TIME, converse(&mut child, bytes)).await {
            Ok(ended) => judge(&ended.map_err(failed)?),
            Err(_) => {
                // And wait until it is gone.
                child.kill().await.map_err(failed)?;
                Err(AdmissionError::CompileTime)
            }
        }
    }

    fn command(&self, size: usize, memory: u64) -> Command {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(limits::COMPILE_THREADS);
        let mut command = Command::new(&self.program);
        command.arg(COMMAND).args(["--size", &size.to_string(), "--memory", &memory.to_string()]);
        if let Some(cache) = &self.cache {
            command.arg("--cache").arg(cache);
        }
        // Nothing of the user's environment, secrets above all, is any business of a compiler. This is for its threads.
        command.env_clear().env("RAYON_NUM_THREADS", threads.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C is for this process, which then ends the child.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

/// What a child process came to.
struct Ended {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Gives the child its component and waits for its end.
async fn converse(child: &mut Child, bytes: &[u8]) -> io::Result<Ended> {
    // Held until the child has ended: should this process be killed, the child sees the pipe close, and ends too.
    let mut stdin = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let give = async {
        if let Some(stdin) = &mut stdin {
            // A child that ends early closes its end; its status then tells why.
            let _ = stdin.write_all(bytes).await;
        }
    };
    let ((), stdout, stderr) = tokio::join!(give, said(stdout), said(stderr));
    Ok(Ended { status: child.wait().await?, stdout, stderr })
}

/// The beginning of what a child says. One that says more is cut off.
async fn said(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let _ = pipe.take(limits::COMPILER_WORDS).read_to_end(&mut bytes).await;
    }
    bytes
}

fn judge(ended: &Ended) -> Result<Verdict, AdmissionError> {
    let status = ended.status;
    match status.code().and_then(Verdict::of_code) {
        Some(verdict @ (Verdict::Cached | Verdict::Compiled)) => return Ok(verdict),
        Some(Verdict::OutOfMemory) => return Err(AdmissionError::CompileMemory),
        // It repeats parts of the component.
        Some(Verdict::Invalid) => {
            return Err(AdmissionError::Invalid(printable(&String::from_utf8_lossy(&ended.stdout), 300)));
        }
        None => {}
    }
    let stderr = String::from_utf8_lossy(&ended.stderr);
    tracing::debug!("the compiler's process ended with {status}: {}", printable(&stderr, limits::LOG_LINE_CHARS));
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        use rustix::process::Signal;
        // What the kernel does when the machine's memory ends, and what Rust does and says when the process's own does.
        let aborted_without_memory = signal == Signal::ABORT.as_raw() && stderr.contains("memory allocation of");
        if signal == Signal::KILL.as_raw() || signal == Signal::XFSZ.as_raw() || aborted_without_memory {
            return Err(AdmissionError::CompileMemory);
        }
        if signal == Signal::XCPU.as_raw() {
            return Err(AdmissionError::CompileTime);
        }
    }
    Err(AdmissionError::CompilerCrash(status.to_string()))
}

/// Where a cache remembers which components were compiled within the limits. Not inside of the runtime's own folder, from
/// which it removes what it does not know.
fn tried(cache: &Path) -> PathBuf {
    cache.join("tried")
}

/// The name of the mark of a component that was compiled within the limits, by this compiler with these settings: another
/// one may take longer.
fn mark(engine: &Engine, digest: &Digest) -> Digest {
    struct Bytes(Vec<u8>);

    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }

        // Not asked for: the bytes themselves are hashed.
        fn finish(&self) -> u64 {
            0
        }
    }

    let mut hashed = Bytes(digest.as_str().as_bytes().to_vec());
    engine.precompile_compatibility_hash().hash(&mut hashed);
    Digest::of(&hashed.0)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use rustix::process::Signal;
    use tempfile::TempDir;

    use super::*;

    /// The smallest component.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    /// An end as `wait(2)` tells it.
    fn judged(status: i32, stdout: &str, stderr: &str) -> Result<Verdict, String> {
        let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
        judge(&Ended { status: ExitStatus::from_raw(status), stdout, stderr }).map_err(|error| error.to_string())
    }

    fn exited(verdict: Verdict) -> i32 {
        i32::from(verdict.code()) << 8
    }

    #[test]
    fn every_end_of_a_child_is_told_in_words() {
        let signals = [Signal::KILL, Signal::ABORT, Signal::XCPU, Signal::XFSZ, Signal::SEGV];
        let [kill, abort, xcpu, xfsz, segv] = signals.map(Signal::as_raw);
        assert_eq!(judged(exited(Verdict::Cached), "", ""), Ok(Verdict::Cached));
        assert_eq!(judged(exited(Verdict::Compiled), "", ""), Ok(Verdict::Compiled));
        for (status, stderr, words) in [
            (exited(Verdict::OutOfMemory), "", "more than 2048 MiB"),
            (kill, "", "more than 2048 MiB"),
            (abort, "memory allocation of 64 bytes failed", "more than 2048 MiB"),
            (abort, "thread 'main' has overflowed its stack", "the compiler failed on it (signal: 6"),
            (segv, "", "the compiler failed on it (signal: 11"),
            (xfsz, "", "more than 2048 MiB"),
            (xcpu, "", "within 30 s"),
            (101 << 8, "panicked", "the compiler failed on it (exit status: 101)"),
            (2 << 8, "error: unexpected argument", "the compiler failed on it (exit status: 2)"),
        ] {
            let error = judged(status, "", stderr).unwrap_err();
            assert!(error.contains(words), "{status}: {error}");
        }
    }

    #[test]
    fn what_a_child_says_is_escaped_and_cut() {
        let said = format!("\u{1b}[31mno\nhint: run me {}", "x".repeat(1_000));
        let error = judged(exited(Verdict::Invalid), &said, "").unwrap_err();
        assert!(error.starts_with(r"it is no valid component: \u{1b}[31mno\nhint: run me xxx"), "{error}");
        assert!(error.chars().count() < 350 && error.ends_with('…'), "{error}");
    }

    #[tokio::test]
    async fn a_child_is_started_for_the_unknown_alone() {
        let cache = TempDir::new().unwrap();
        let guard = Guard::new(cache.path().join("no such program"), Some(cache.path()));
        let engine = engine::engine(None).unwrap();
        let admit = async |bytes: &[u8]| guard.admit(&engine, &Digest::of(bytes), bytes).await;
        for (name, component) in builtin::BUILTIN {
            assert!(admit(component).await.is_ok(), "{name}");
        }
        assert!(matches!(admit(EMPTY).await, Err(AdmissionError::Runtime(_))));
        private::create_file(&tried(cache.path()).join(mark(&engine, &Digest::of(EMPTY)).hex())).unwrap();
        assert!(admit(EMPTY).await.is_ok());
        assert!(admit(b"\0asm\x0d\0\x01\0\0\x02\x01x").await.is_err());
    }

    #[test]
    fn a_mark_is_for_one_component_and_one_compiler() {
        let engine = engine::engine(None).unwrap();
        let other = Engine::default();
        let [one, two] = [b"one", b"two"].map(|bytes| Digest::of(bytes));
        assert_eq!(mark(&engine, &one), mark(&engine, &one));
        assert_ne!(mark(&engine, &one), mark(&engine, &two));
        assert_ne!(mark(&engine, &one), mark(&other, &one));
    }

    #[test]
    fn a_full_cache_is_emptied() {
        let cache = TempDir::new().unwrap();
        let guard = Guard::new(PathBuf::new(), Some(cache.path()));
        let (marks, code) = (tried(cache.path()), engine::code_folder(cache.path()));
        private::create_directory(&marks).unwrap();
        private::create_directory(&code).unwrap();
        for number in 0..limits::COMPILED_COMPONENTS {
            guard.tidy();
            assert_eq!(fs::read_dir(&marks).unwrap().count(), number);
            private::create_file(&marks.join(number.to_string())).unwrap();
        }
        assert!(code.exists());
        guard.tidy();
        assert_eq!(fs::read_dir(&marks).unwrap().count(), 0);
        assert!(!code.exists());
    }
}
