//! `cargo xtask bench push`: crhost and its peers push the same images, taking turns, each to a registry of its own.
//!
//! A turn is a fresh registry, a cold push, the same again, and where the image has a changed form, that, and then the
//! original again from a machine that remembers nothing. The first turn of each client warms the machine up and does
//! not count.

mod client;
pub(super) mod floor;
pub(super) mod image;
pub(super) mod measure;
mod packages;
pub(super) mod registry;
mod report;
pub(super) mod several;

use std::path::{Path, PathBuf};

use clap::Args;

use super::programs::{crhost, temporary};
use crate::command::{capture, command, run_quietly};
use crate::docker;
use crate::failure::{Failure, Result};
use client::{Client, Source};
use image::{Files, Kind};
use measure::Measured;
use registry::Registry;
use report::{Phase, Report};

/// What is measured, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// Size of the large image in MB; 15 % of it are random bytes
    #[arg(long, value_name = "MB", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(50..))]
    size: u64,

    /// Turns that count, of each client
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,

    /// Only these images
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Small, Kind::Ml, Kind::Many])]
    image: Vec<Kind>,

    /// Only these sources
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Source::Layout, Source::Archive, Source::Daemon])]
    source: Vec<Source>,

    /// Registries that speak TLS; Docker's daemon, which has authorities of its own, and the floor are left out
    #[arg(long)]
    tls: bool,

    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,

    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

pub(super) fn run_all(options: &Options) -> Result<()> {
    let clients = Client::found(crhost(options.program.as_deref())?);
    let directory = temporary(None)?;
    let mut report = Report::default();
    for kind in &options.image {
        eprintln!("bench: making the image `{}`", kind.name());
        let images = Images::make(directory.path(), *kind, options.size, &options.source)?;
        for source in &options.source {
            let runs = |client: &&Client| client.reads(*source) && !(options.tls && client.has_no_tls());
            let mut running: Vec<&Client> = clients.iter().filter(runs).collect();
            for turn in 0..=options.runs {
                running.retain(|client| {
                    eprintln!("bench: {} {}, turn {turn}: {}", kind.name(), source.name(), client.name());
                    let ended = images.turn(client, *source, options.tls, |phase, measured| {
                        if turn > 0 {
                            report.add((kind.name(), source.name(), phase), client.name(), measured);
                        }
                    });
                    if let Err(failure) = &ended {
                        eprintln!("bench: {} is out of this race: {}", client.name(), failure.what());
                    }
                    ended.is_ok()
                });
            }
        }
    }
    if options.json {
        println!("{}", report.json(options.size));
    } else {
        print!("{}", report.tables());
    }
    Ok(())
}

/// One image in all its forms; what lies in stores of engines is gone with it.
struct Images<'a> {
    directory: &'a Path,
    original: Files,
    changed: Option<Files>,
    stored: Vec<(&'static str, String)>,
}

impl<'a> Images<'a> {
    fn make(directory: &'a Path, kind: Kind, size: u64, sources: &[Source]) -> Result<Self> {
        let layout = sources.contains(&Source::Layout);
        let original = image::make(directory, kind, size, false, layout)?;
        let changed = kind.changes().then(|| image::make(directory, kind, size, true, layout)).transpose()?;
        let mut images = Self { directory, original, changed, stored: Vec::new() };
        if sources.contains(&Source::Daemon) {
            docker::endpoint()?;
            for engine in client::engines() {
                for files in [Some(&images.original), images.changed.as_ref()].into_iter().flatten() {
                    run_quietly(command(engine, ["load", "--input"]).arg(&files.archive))?;
                    images.stored.push((engine, files.name.clone()));
                }
            }
        }
        Ok(images)
    }

    /// One client's turn.
    fn turn(&self, client: &Client, source: Source, tls: bool, mut done: impl FnMut(Phase, Measured)) -> Result<()> {
        let home = || {
            let home = tempfile::tempdir_in(self.directory);
            home.map_err(|error| Failure::new(format!("cannot make a directory: {error}")))
        };
        let (first, second) = (home()?, home()?);
        let start = if tls { Registry::start_with_tls } else { Registry::start };
        let registry = start(first.path())?;
        client.prepare(first.path(), &registry)?;
        client.prepare(second.path(), &registry)?;
        let mut push = |phase, files: &Files, home: &Path| -> Result<()> {
            let requests = registry.requests()?;
            let mut push = client.push(source, files, home, &registry);
            let before = client.before(source, files, &registry);
            if let Some(mut before) = before {
                run_quietly(&mut before)?;
            }
            let used = measure::run(&mut push)?;
            // The registry writes a request's line when it has answered it.
            std::thread::sleep(std::time::Duration::from_millis(100));
            let requests = registry.requests()? - requests;
            if let Some(mut after) = client.after(source, files, &registry) {
                run_quietly(&mut after)?;
            }
            done(phase, Measured { used, requests, stored: registry.stored() });
            Ok(())
        };
        push(Phase::Cold, &self.original, first.path())?;
        push(Phase::Unchanged, &self.original, first.path())?;
        if let Some(changed) = &self.changed {
            push(Phase::Changed, changed, first.path())?;
            push(Phase::NewMachine, &self.original, second.path())?;
        }
        Ok(())
    }
}

impl Drop for Images<'_> {
    fn drop(&mut self) {
        for (engine, name) in &self.stored {
            // What is left behind is seen in the engine's list; nothing else depends on it.
            let _ = capture(&mut command(engine, ["rmi", "--force", name]));
        }
    }
}
