//! `cargo xtask bench pull`: crhost and its peers pull the same image from one registry into an OCI layout, taking
//! turns.
//!
//! A turn is a pull into a new directory, and the same again. The first turn of each client warms the machine up and
//! does not count.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::json;

use super::programs::{clients, temporary, warm};
use super::push::image::{self, Files, Kind};
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

/// What is in the layout before a pull.
const PHASES: [&str; 2] = ["empty layout", "same image"];

/// Builds, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let clients = clients(options.program.as_deref())?;
    let directory = temporary(None)?;
    let registry = Registry::start(directory.path())?;
    let mut races = Races::default();
    for kind in &options.image {
        eprintln!("bench: making the image `{}`", kind.name());
        let files = image::make(directory.path(), *kind, options.size, false, true)?;
        let name = format!("{}/bench/{}", registry.address(), files.repository());
        publish(&files, &name)?;
        for turn in 0..=options.runs {
            for (client, program) in &clients {
                eprintln!("bench: {}, turn {turn}: {client}", kind.name());
                let home = temporary(Some(directory.path()))?;
                if *client == "crhost" {
                    warm(program, &home.path().join("crhost"))?;
                }
                for phase in PHASES {
                    let used = measure::run(&mut pull(client, program, home.path(), registry.address(), &name)?)?;
                    if turn > 0 {
                        races.add((kind.name(), phase), client, used);
                    }
                }
            }
        }
    }
    if options.json {
        println!("{}", json!({"sizeMegabytes": options.size, "pulls": races.json()}));
    } else {
        races.print();
    }
    Ok(())
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
