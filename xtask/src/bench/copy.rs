//! `cargo xtask bench copy`: crhost and its peers copy the same image from one registry on loopback to another, taking
//! turns.
//!
//! A turn is a copy into an empty registry, and the same again. The first turn of each client warms the machine up and
//! does not count.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::json;

use super::programs::{clients, temporary, warm};
use super::pull::publish;
use super::push::image::{self, Kind};
use super::push::measure;
use super::push::registry::Registry;
use super::race::Races;
use crate::command::{command, run_quietly};
use crate::failure::Result;

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

    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,

    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

/// What is in the target before a copy.
const PHASES: [&str; 2] = ["empty target", "same image"];

/// Builds, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let clients = clients(options.program.as_deref())?;
    let directory = temporary(None)?;
    let source = Registry::start(directory.path())?;
    let mut races = Races::default();
    for kind in &options.image {
        eprintln!("bench: making the image `{}`", kind.name());
        let files = image::make(directory.path(), *kind, options.size, false, true)?;
        let from = format!("{}/bench/{}", source.address(), files.repository());
        publish(&files, &from)?;
        for turn in 0..=options.runs {
            for (client, program) in &clients {
                eprintln!("bench: {}, turn {turn}: {client}", kind.name());
                let home = temporary(Some(directory.path()))?;
                let target = Registry::start(home.path())?;
                let to = format!("{}/bench/{}", target.address(), files.repository());
                if *client == "regctl" {
                    for registry in [source.address(), target.address()] {
                        let words = ["registry", "set", "--tls=disabled", registry];
                        run_quietly(&mut own(program, home.path(), &words))?;
                    }
                }
                if *client == "crhost" {
                    warm(program, &home.path().join("crhost"))?;
                }
                for phase in PHASES {
                    let used = measure::run(&mut copy(client, program, home.path(), &from, &to))?;
                    if turn > 0 {
                        races.add((kind.name(), phase), client, used);
                    }
                }
            }
        }
    }
    if options.json {
        println!("{}", json!({"sizeMegabytes": options.size, "copies": races.json()}));
    } else {
        races.print();
    }
    Ok(())
}

/// The command of a client.
fn copy(client: &str, program: &Path, home: &Path, from: &str, to: &str) -> Command {
    let docker = |name: &str| format!("docker://{name}");
    match client {
        "skopeo" => {
            let insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
            let words = ["copy", "--quiet", "--insecure-policy", insecure[0], insecure[1], &docker(from), &docker(to)];
            own(program, home, &words)
        }
        "crane" => own(program, home, &["copy", "--insecure", from, to]),
        "oras" => own(program, home, &["cp", "--from-plain-http", "--to-plain-http", from, to]),
        "regctl" => own(program, home, &["image", "copy", from, to]),
        _ => own(program, home, &["copy", "--quiet", from, to]),
    }
}

/// It sees neither the user's settings nor what it remembered in an earlier turn.
fn own(program: &Path, home: &Path, words: &[&str]) -> Command {
    let mut command = command(program, words);
    command.env("CRHOST_HOME", home.join("crhost")).env("DOCKER_CONFIG", home.join("docker"));
    command.env("REGCTL_CONFIG", home.join("regctl.json"));
    command
}
