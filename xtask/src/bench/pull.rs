//! `cargo xtask bench pull`: crhost and its peers pull the same image from one registry into an OCI layout, taking
//! turns.
//!
//! A turn is a pull into a new directory, and the same again. The first turn of each client warms the machine up and
//! does not count.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::{Value, json};

use super::push::image::{self, Files, Kind};
use super::push::measure::{self, Used};
use super::push::registry::Registry;
use crate::command::{command, find, run_quietly};
use crate::failure::{Failure, Result};
use crate::release;

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

/// What is in the layout before a pull.
const PHASES: [&str; 2] = ["empty layout", "same image"];

/// Peers that pull into layouts.
const PEERS: [&str; 4] = ["skopeo", "crane", "oras", "regctl"];

/// The pulls of each client.
pub(super) type Clients = Vec<(&'static str, Vec<Used>)>;

/// All pulls that count, by image and phase.
pub(super) type Report = BTreeMap<(&'static str, &'static str), Clients>;

/// Builds, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let clients = clients()?;
    let directory = temporary(None)?;
    let registry = Registry::start(directory.path())?;
    let mut report = Report::new();
    for kind in &options.image {
        eprintln!("bench: making the image `{}`", kind.name());
        let files = image::make(directory.path(), *kind, options.size, false, true)?;
        let name = format!("{}/bench/{}", registry.address(), files.repository());
        publish(&files, &name)?;
        for turn in 0..=options.runs {
            for (client, program) in &clients {
                eprintln!("bench: {}, turn {turn}: {client}", kind.name());
                let home = temporary(Some(directory.path()))?;
                for phase in PHASES {
                    let used = measure::run(&mut pull(client, program, home.path(), registry.address(), &name)?)?;
                    if turn > 0 {
                        add(&mut report, (kind.name(), phase), client, used);
                    }
                }
            }
        }
    }
    if options.json {
        println!("{}", json(&report, options.size))
    } else {
        print(&report)
    }
    Ok(())
}

/// crhost, and the peers that are there.
pub(super) fn clients() -> Result<Vec<(&'static str, PathBuf)>> {
    let mut clients = vec![("crhost", release::build(None)?)];
    for name in PEERS {
        match find(name) {
            Some(program) => clients.push((name, program)),
            None => eprintln!("bench: {name} is not on PATH, and left out"),
        }
    }
    Ok(clients)
}

/// A directory that is gone with the result.
pub(super) fn temporary(below: Option<&Path>) -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("crhost-bench-");
    let made = below.map_or_else(|| builder.tempdir(), |below| builder.tempdir_in(below));
    made.map_err(|error| Failure::new(format!("cannot make a directory: {error}")))
}

/// Puts the image into the registry.
pub(super) fn publish(files: &Files, name: &str) -> Result<()> {
    let from = format!("oci:{}:latest", files.layout.display());
    let to = format!("docker://{name}");
    run_quietly(&mut command("skopeo", ["copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false", &from, &to]))
}

/// The command of a client, which sees neither the user's settings nor what it remembered elsewhere.
fn pull(client: &str, program: &Path, home: &Path, registry: &str, name: &str) -> Result<Command> {
    let layout: PathBuf = home.join("layout");
    let layout = layout.display();
    let arguments: Vec<String> = match client {
        "skopeo" => vec![
            "copy".into(),
            "--quiet".into(),
            "--insecure-policy".into(),
            "--src-tls-verify=false".into(),
            format!("docker://{name}"),
            format!("oci:{layout}:latest"),
        ],
        "crane" => {
            vec!["pull".into(), "--insecure".into(), "--format=oci".into(), name.into(), layout.to_string()]
        }
        "oras" => {
            vec![
                "cp".into(),
                "--from-plain-http".into(),
                "--to-oci-layout".into(),
                name.into(),
                format!("{layout}:latest"),
            ]
        }
        "regctl" => vec!["image".into(), "copy".into(), name.into(), format!("ocidir://{layout}:latest")],
        _ => vec!["pull".into(), "--quiet".into(), name.into(), format!("oci:{layout}:latest")],
    };
    let own = |arguments: &[String]| {
        let mut command = command(program, arguments);
        command.env("CRHOST_HOME", home.join("crhost")).env("DOCKER_CONFIG", home.join("docker"));
        command.env("REGCTL_CONFIG", home.join("regctl.json"));
        command
    };
    if client == "regctl" && !home.join("regctl.json").exists() {
        let words = ["registry", "set", "--tls=disabled", registry].map(str::to_owned);
        run_quietly(&mut own(&words))?;
    }
    Ok(own(&arguments))
}

/// Adds what one run used.
pub(super) fn add(report: &mut Report, race: (&'static str, &'static str), client: &'static str, used: Used) {
    let clients = report.entry(race).or_default();
    match clients.iter_mut().find(|(name, _)| *name == client) {
        Some((_, all)) => all.push(used),
        None => clients.push((client, vec![used])),
    }
}

/// The seconds, the times of crhost's time, and the peak memory in MB of each client: the middle ones.
pub(super) fn lines(clients: &[(&'static str, Vec<Used>)]) -> Vec<(&'static str, f64, f64, u64)> {
    let middle = |all: &[Used], of: &dyn Fn(&Used) -> u128| {
        let mut values: Vec<u128> = all.iter().map(of).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    let seconds = |all: &[Used]| {
        let millis = middle(all, &|used| used.wall.as_millis());
        f64::from(u32::try_from(millis).unwrap_or(u32::MAX)) / 1e3
    };
    let own = clients.iter().find(|(name, _)| *name == "crhost").map_or(f64::NAN, |(_, all)| seconds(all));
    let line = |(client, all): &(&'static str, Vec<Used>)| {
        let memory = middle(all, &|used| u128::from(used.memory / 1_000_000));
        (*client, seconds(all), seconds(all) / own, u64::try_from(memory).unwrap_or(u64::MAX))
    };
    clients.iter().map(line).collect()
}

/// Shows it for people.
pub(super) fn print(report: &Report) {
    for ((image, phase), clients) in report {
        println!("\n{image}, {phase}");
        println!("  client             s   ratio   peak MB");
        for (client, seconds, ratio, memory) in lines(clients) {
            println!("  {client:<13} {seconds:>6.2} {ratio:>7.2} {memory:>9}");
        }
    }
}

fn json(report: &Report, size: u64) -> Value {
    let race = |((image, phase), clients): (&(&'static str, &'static str), &Clients)| {
        let client = |(client, seconds, ratio, memory)| json!({"client": client, "seconds": seconds, "ratio": ratio, "peakMegabytes": memory});
        let clients: Vec<Value> = lines(clients).into_iter().map(client).collect();
        json!({"image": image, "layout": phase, "clients": clients})
    };
    json!({"sizeMegabytes": size, "pulls": report.iter().map(race).collect::<Vec<Value>>()})
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn clients_are_compared_with_crhost() {
        let mut report = Report::new();
        for (client, seconds) in [("crhost", 2), ("skopeo", 5), ("crhost", 4), ("skopeo", 8), ("crhost", 2)] {
            let used = Used { wall: Duration::from_secs(seconds), cpu: Duration::ZERO, memory: 5_000_000 };
            add(&mut report, ("ml", PHASES[0]), client, used);
        }
        let json = json(&report, 1000);
        let clients = &json["pulls"][0]["clients"];
        assert_eq!((&clients[0]["seconds"], &clients[1]["ratio"]), (&json!(2.0), &json!(4.0)));
    }
}
