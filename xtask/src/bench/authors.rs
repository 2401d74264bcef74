//! `cargo xtask bench authors`: what the project of `crhost flavor new` costs in each language, as the table of the
//! guide has it. Languages whose toolchain `cargo xtask setup --full` has not installed are left out, and said.

use std::env;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::programs::{crhost, temporary};
use super::push::measure;
use crate::command::{capture, command, run_quietly};
use crate::failure::{Failure, Result};
use crate::paths;

/// What is measured, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// Commands and calls that count, of each language
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,

    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// The name of the flavors.
const NAME: &str = "bench-flavor";

/// A URI that they accept.
const URI: &str = "bench-flavor.example/team";

/// One row: a language and a command that builds.
struct Row {
    title: &'static str,
    language: &'static str,
    /// Whose programs it needs, below the cache of `cargo xtask setup`.
    toolchain: &'static str,
    build: &'static str,
    /// The file that an author changes.
    source: &'static str,
    component: &'static str,
}

const ROWS: [Row; 6] = [
    Row {
        title: "Rust",
        language: "rust",
        toolchain: "wasm-toolchain/bin",
        build: "cargo build --quiet --release --target wasm32-wasip2",
        source: "src/lib.rs",
        component: "target/wasm32-wasip2/release/bench_flavor.wasm",
    },
    Row {
        title: "Rust, `cargo component`",
        language: "rust",
        toolchain: "wasm-toolchain/bin",
        build: "cargo component build --quiet --release",
        source: "src/lib.rs",
        component: "target/wasm32-wasip1/release/bench_flavor.wasm",
    },
    Row {
        title: "C",
        language: "c",
        toolchain: "toolchains/python/bin",
        build: "make",
        source: "flavor.c",
        component: "bench-flavor.wasm",
    },
    Row {
        title: "JavaScript",
        language: "javascript",
        toolchain: "toolchains/javascript/node_modules/.bin",
        build: "npm run build --silent",
        source: "flavor.js",
        component: "bench-flavor.wasm",
    },
    Row {
        title: "Go",
        language: "go",
        toolchain: "toolchains/python/bin",
        build: "make",
        source: "export_crhost_flavor_flavor/flavor.go",
        component: "bench-flavor.wasm",
    },
    Row {
        title: "Python",
        language: "python",
        toolchain: "toolchains/python/bin",
        build: "componentize-py -d wit -w guest componentize flavor -o bench-flavor.wasm",
        source: "flavor.py",
        component: "bench-flavor.wasm",
    },
];

/// Builds, measures, prints the table.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let crhost = crhost(options.program.as_deref())?;
    let directory = temporary(None)?;
    let own = Own { crhost: &crhost, home: directory.path(), runs: options.runs };
    // What a command takes with a flavor that is built in, whose code is kept as well.
    let built_in = own.registrations("default", "registry.example.com/team")?;
    println!("| | component | build | build after a change | first registration | each command | `validate-uri` |");
    println!("|---|---|---|---|---|---|---|");
    for row in &ROWS {
        let programs = paths::cache()?.join(row.toolchain);
        // Rust's may be the user's own.
        if !programs.is_dir() && row.language != "rust" {
            eprintln!("bench: {} is left out: `cargo xtask setup --full` installs its toolchain", row.title);
            continue;
        }
        println!("{}", measured(&own, row, &programs, built_in)?);
    }
    Ok(())
}

/// The line of a row.
fn measured(own: &Own<'_>, row: &Row, programs: &Path, built_in: Duration) -> Result<String> {
    let project = own.home.join(row.title.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"));
    let new = ["flavor", "new", NAME, "--lang", row.language, "--directory", &project.to_string_lossy()];
    run_quietly(&mut own.command(&new))?;
    match row.language {
        // The versions that are on this machine already.
        "rust" => drop(
            fs::copy(paths::repository()?.join("flavors/Cargo.lock"), project.join("Cargo.lock"))
                .map_err(Failure::io("copy to", &project))?,
        ),
        "javascript" => {
            let modules = programs.parent().unwrap_or(programs);
            symlink(modules, project.join("node_modules")).map_err(Failure::io("link in", &project))?;
        }
        _ => {}
    }
    let build = || measure::run(&mut in_project(&project, programs, row.build)).map(|used| used.wall);
    let first = build()?;
    let source = project.join(row.source);
    let changed = fs::OpenOptions::new().append(true).open(&source).and_then(|mut file| file.write_all(b"\n"));
    changed.map_err(Failure::io("change", &source))?;
    let again = build()?;
    let component = project.join(row.component);
    let size = fs::metadata(&component).map_err(Failure::io("find", &component))?.len();
    let file = component.to_string_lossy();
    let registered = measure::run(&mut own.command(&["flavor", "register", &file, "--yes", "--force"]))?.wall;
    let each = own.registrations(NAME, URI)?.saturating_sub(built_in);
    let (call, memory) = own.call(&file)?;
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    Ok(format!(
        "| {} | {:.2} MB | {} | {} | {} | +{} ms | {call:.1} ms, {} MiB |",
        row.title,
        size as f64 / 1e6,
        seconds(first),
        seconds(again),
        seconds(registered),
        each.as_millis(),
        memory >> 20,
    ))
}

/// A line of a project's README, with the programs of its toolchain before all others.
fn in_project(project: &Path, programs: &Path, line: &str) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let paths = env::join_paths([programs.to_owned()].into_iter().chain(env::split_paths(&path))).unwrap_or(path);
    let mut shell = command("sh", ["-ec", line]);
    shell.current_dir(project).env("PATH", paths).env_remove("CARGO_TARGET_DIR");
    shell
}

/// crhost with a home of its own.
struct Own<'a> {
    crhost: &'a Path,
    home: &'a Path,
    runs: u8,
}

impl Own<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = command(self.crhost, words);
        command.current_dir(self.home).env("CRHOST_HOME", self.home.join("home"));
        command
    }

    fn capture(&self, words: &[&str]) -> Result<String> {
        capture(&mut self.command(words))
    }

    /// The median time of a command that calls a flavor: of several that register a registry.
    fn registrations(&self, flavor: &str, uri: &str) -> Result<Duration> {
        let mut times = Vec::new();
        // The first one compiles what is not kept.
        for number in 0..=self.runs {
            let name = format!("{flavor}-{number}");
            let words = ["registry", "register", &name, "--flavor", flavor, "--uri", uri, "--no-verify", "--replace"];
            times.push(measure::run(&mut self.command(&words))?.wall);
        }
        median(times.split_off(1))
    }

    /// The median time of a call of `validate-uri` in milliseconds, and the most memory of one.
    fn call(&self, file: &str) -> Result<(f64, u64)> {
        let (mut times, mut memory) = (Vec::new(), 0);
        for _ in 0..self.runs {
            let answer = self.capture(&["flavor", "call", file, "validate-uri", URI, "--output", "json"])?;
            let answer: Value = serde_json::from_str(&answer).map_err(|error| Failure::new(error.to_string()))?;
            let milliseconds = answer.get("milliseconds").and_then(Value::as_f64).unwrap_or_default();
            times.push(Duration::from_secs_f64(milliseconds / 1e3));
            memory = memory.max(answer.get("memoryBytes").and_then(Value::as_u64).unwrap_or_default());
        }
        Ok((median(times)?.as_secs_f64() * 1e3, memory))
    }
}

fn median(mut times: Vec<Duration>) -> Result<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied().ok_or_else(|| Failure::new("nothing was measured"))
}
