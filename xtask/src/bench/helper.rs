//! `cargo xtask bench helper`: how long a client waits for a credential, beside `docker-credential-pass`, the helper of
//! Docker's own that needs no desktop.
//!
//! Each helper has one password for one host, which it gave once before. They take turns.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::programs::crhost;
use crate::command::{command, find, run_quietly};
use crate::failure::{Failure, Result};

/// Answers of each helper that are measured.
const ANSWERS: usize = 100;

/// The host that they are asked about.
const SERVER: &str = "registry.example.com";

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// A helper with its name, its program and its environment.
struct Helper {
    name: &'static str,
    program: PathBuf,
    environment: Vec<(&'static str, PathBuf)>,
}

/// Builds, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let home = tempfile::Builder::new().prefix("crhost-bench-").tempdir();
    let home = home.map_err(|error| Failure::new(format!("cannot make a directory: {error}")))?;
    let program = crhost(options.program.as_deref())?;
    println!("docker-credential-crhost is {}", program.display());
    let mut helpers = vec![own(&program, home.path())?];
    match pass(home.path()) {
        Ok(pass) => helpers.push(pass),
        Err(failure) => println!("docker-credential-pass is not measured: {}", failure.what()),
    }
    let mut times = vec![Vec::with_capacity(ANSWERS); helpers.len()];
    // The first answer is the one that is kept.
    for turn in 0..=ANSWERS {
        for (helper, times) in helpers.iter().zip(&mut times) {
            let time = helper.answer()?;
            if turn > 0 {
                times.push(time);
            }
        }
    }
    for (helper, mut times) in helpers.iter().zip(times) {
        times.sort_unstable();
        let at = |part: usize| times.get(times.len() * part / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        println!("{:<26}  ms: median {:.1}, slowest of ten {:.1}", helper.name, at(50), at(90));
    }
    // The agent of pass's key would stay.
    let _ = run_quietly(command("gpgconf", ["--kill", "all"]).env("GNUPGHOME", home.path().join("gnupg")));
    Ok(())
}

impl Helper {
    fn command(&self, action: &str) -> Command {
        let mut helper = command(&self.program, [action]);
        helper.envs(self.environment.iter().map(|(name, value)| (name, value)));
        helper
    }

    /// Runs it with this input, and gives back what it wrote and how long that took.
    fn run(&self, action: &str, input: &str) -> Result<(String, Duration)> {
        let failed = |error: std::io::Error| Failure::new(format!("{} does not run: {error}", self.name));
        let start = Instant::now();
        let mut helper = self.command(action);
        let mut child = helper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).map_err(failed)?;
        }
        let output = child.wait_with_output().map_err(failed)?;
        let (time, text) = (start.elapsed(), String::from_utf8_lossy(&output.stdout).into_owned());
        if output.status.success() { Ok((text, time)) } else { Err(Failure::new(format!("{}: {text}", self.name))) }
    }

    fn answer(&self) -> Result<Duration> {
        let (text, time) = self.run("get", SERVER)?;
        if text.contains("s3cret") { Ok(time) } else { Err(Failure::new(format!("{}: {text}", self.name))) }
    }
}

/// crhost's, with a connector for the host.
fn own(crhost: &Path, home: &Path) -> Result<Helper> {
    let program = home.join("docker-credential-crhost");
    symlink(crhost, &program).map_err(Failure::io("make", &program))?;
    let environment = vec![("CRHOST_HOME", home.join("crhost")), ("DOCKER_CONFIG", home.to_owned())];
    let run = |arguments: &[&str]| -> Result<()> {
        let mut crhost = command(crhost, arguments);
        run_quietly(crhost.envs(environment.iter().map(|(name, value)| (name, value))).env("BENCH_PASSWORD", "s3cret"))
    };
    let fields = ["--username=ann", "--password=@env:BENCH_PASSWORD"];
    run(&[&["connector", "register", "ann", "--type=docker", "--auth-method=password", "--no-verify"], &fields[..]]
        .concat())?;
    let registry =
        ["registry", "register", "prod", "--flavor=default", "--uri", SERVER, "--connector=ann", "--no-verify"];
    run(&registry)?;
    Ok(Helper { name: "docker-credential-crhost", program, environment })
}

/// Docker's, with a key of its own.
fn pass(home: &Path) -> Result<Helper> {
    let name = "docker-credential-pass";
    let missing = |program: &str| Failure::new(format!("`{program}` is not installed"));
    let program = find(name).ok_or_else(|| missing(name))?;
    for needed in ["pass", "gpg"] {
        find(needed).ok_or_else(|| missing(needed))?;
    }
    let (keys, store) = (home.join("gnupg"), home.join("passwords"));
    fs::create_dir(&keys).map_err(Failure::io("make", &keys))?;
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o700)).map_err(Failure::io("close", &keys))?;
    let new_key = ["--batch", "--passphrase", "", "--quick-generate-key", "bench@example.com", "default", "default"];
    run_quietly(command("gpg", new_key).env("GNUPGHOME", &keys))?;
    run_quietly(
        command("pass", ["init", "bench@example.com"]).env("GNUPGHOME", &keys).env("PASSWORD_STORE_DIR", &store),
    )?;
    let helper = Helper { name, program, environment: vec![("GNUPGHOME", keys), ("PASSWORD_STORE_DIR", store)] };
    helper.run("store", &format!(r#"{{"ServerURL":"{SERVER}","Username":"ann","Secret":"s3cret"}}"#))?;
    Ok(helper)
}
