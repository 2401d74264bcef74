//! `cargo xtask bench several`: an image for three registries at once, beside the same image for one, and beside a peer
//! that pushes three times.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Args;

use super::image::{self, Kind};
use super::measure;
use super::registry::Registry;
use crate::bench::programs::{crhost, temporary, warm};
use crate::command::{command, find, run_quietly};
use crate::failure::{Failure, Result};

/// Registries of the push to several.
const REGISTRIES: usize = 3;

/// Compression at speed, where the registries' own work weighs as much, and one that dominates.
const METHODS: [&str; 2] = ["gzip:1", "gzip:6"];

/// What is measured.
#[derive(Args)]
pub(crate) struct Options {
    /// Size of the image in MB; 15 % of it are random bytes
    #[arg(long, value_name = "MB", default_value_t = 500, value_parser = clap::value_parser!(u64).range(50..))]
    size: u64,

    /// Turns; the fastest of each counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,

    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Measures and prints: three registries may take 1.3 times as long as one where compression dominates.
pub(crate) fn run_all(options: &Options) -> Result<()> {
    let program = crhost(options.program.as_deref())?;
    let directory = temporary(None)?;
    let files = image::make(directory.path(), Kind::Ml, options.size, false, false)?;
    let archive = format!("docker-archive:{}", files.archive.display());
    for method in METHODS {
        let (mut fastest, mut memory) = ([Duration::MAX; 2], 0);
        for _ in 0..options.runs {
            for (time, registries) in fastest.iter_mut().zip([1, REGISTRIES]) {
                let home = temporary(Some(directory.path()))?;
                warm(&program, &home.path().join("crhost"))?;
                let running = started(&home, registries)?;
                let compression = format!("--compression={method}");
                let mut push = command(&program, ["push", &archive, "--as", "bench:v1", &compression, "--quiet"]);
                for registry in &running {
                    push.args(["--to", registry.address()]);
                }
                let used = measure::run(push.env("CRHOST_HOME", home.path().join("crhost")))?;
                *time = used.wall.min(*time);
                memory = used.memory.max(memory);
            }
        }
        let [one, several] = fastest.map(|time| time.as_secs_f64());
        println!(
            "crhost, {method}: {one:.2} s to one registry, {several:.2} s to {REGISTRIES}: {:.2} ×, at most {} MB",
            several / one,
            memory / 1_000_000
        );
    }
    peer(options, &directory, &archive)
}

fn started(home: &tempfile::TempDir, registries: usize) -> Result<Vec<Registry>> {
    (0..registries)
        .map(|number| {
            let directory = home.path().join(number.to_string());
            std::fs::create_dir(&directory).map_err(Failure::io("make", &directory))?;
            Registry::start(&directory)
        })
        .collect()
}

/// skopeo, which has no push to several registries.
fn peer(options: &Options, directory: &tempfile::TempDir, archive: &str) -> Result<()> {
    let Some(skopeo) = find("skopeo") else {
        println!("skopeo is not on PATH, and left out");
        return Ok(());
    };
    let copy = |registry: &Registry| -> Command {
        let target = format!("docker://{}/bench:v1", registry.address());
        command(&skopeo, ["copy", "--quiet", "--dest-tls-verify=false", archive, &target])
    };
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..options.runs {
        for (time, registries) in fastest.iter_mut().zip([1, REGISTRIES]) {
            let home = temporary(Some(directory.path()))?;
            let start = std::time::Instant::now();
            for registry in &started(&home, registries)? {
                run_quietly(&mut copy(registry))?;
            }
            *time = start.elapsed().min(*time);
        }
    }
    let [one, several] = fastest.map(|time| time.as_secs_f64());
    println!(
        "skopeo: {one:.2} s to one registry, {several:.2} s to {REGISTRIES}, one after the other: {:.2} ×",
        several / one
    );
    Ok(())
}
