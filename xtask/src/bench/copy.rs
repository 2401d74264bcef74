//! `cargo xtask bench copy`: crhost and its peers copy the same image from one registry on loopback to another, taking
//! turns.
//!
//! A turn is a copy into an empty registry, and the same again. The first turn of each client warms the machine up and
//! does not count.

use std::path::Path;
use std::process::Command;

use clap::Args;
use serde_json::{Value, json};

use super::pull::{Clients, Report, add, clients, lines, print, publish, temporary};
use super::push::image::{self, Kind};
use super::push::measure;
use super::push::registry::Registry;
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

    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

/// What is in the target before a copy.
const PHASES: [&str; 2] = ["empty target", "same image"];

/// Builds, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let clients = clients()?;
    let directory = temporary(None)?;
    let source = Registry::start(directory.path())?;
    let mut report = Report::new();
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
                for phase in PHASES {
                    let used = measure::run(&mut copy(client, program, home.path(), &from, &to))?;
                    if turn > 0 {
                        add(&mut report, (kind.name(), phase), client, used);
                    }
                }
            }
        }
    }
    if options.json {
        println!("{}", json(&report, options.size));
    } else {
        print(&report);
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

fn json(report: &Report, size: u64) -> Value {
    let race = |((image, phase), of): (&(&'static str, &'static str), &Clients)| {
        let client = |(client, seconds, ratio, memory)| json!({"client": client, "seconds": seconds, "ratio": ratio, "peakMegabytes": memory});
        let clients: Vec<Value> = lines(of).into_iter().map(client).collect();
        json!({"image": image, "target": phase, "clients": clients})
    };
    json!({"sizeMegabytes": size, "copies": report.iter().map(race).collect::<Vec<Value>>()})
}
