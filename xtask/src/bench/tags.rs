//! `cargo xtask bench tags`: crhost and its peers list the tags of one repository, taking turns.
//!
//! The registry is Debian's `docker-registry`, whose tags are files: they are written there before it starts, since a
//! client would take minutes for ten thousand of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::programs::{clients, temporary};
use super::push::measure;
use super::push::registry::Registry;
use super::race::Races;
use crate::command::command;
use crate::failure::{Failure, Result};

/// What is measured, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// Tags of the repository
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    tags: u32,

    /// Turns that count, of each client
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,

    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// The repository.
const REPOSITORY: &str = "bench/tags";

/// Builds, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let clients = clients(options.program.as_deref())?;
    let home = temporary(None)?;
    fill(home.path(), options.tags)?;
    let registry = Registry::start(home.path())?;
    let mut races = Races::default();
    // The first turn warms the machine up, and compiles crhost's flavor.
    for turn in 0..=options.runs {
        for (client, program) in &clients {
            let used = measure::run(&mut list(client, program, home.path(), registry.address()))?;
            if turn > 0 {
                races.add(("tags", "all names"), client, used);
            }
        }
    }
    eprintln!("bench: {} tags", options.tags);
    races.print();
    Ok(())
}

/// Writes tags into the registry's storage; all name a manifest that is not there, which no list looks at.
fn fill(directory: &Path, tags: u32) -> Result<()> {
    let below = directory.join("registry/docker/registry/v2/repositories").join(REPOSITORY).join("_manifests/tags");
    for number in 0..tags {
        let tag = below.join(format!("v1.{}.{}", number / 100, number % 100)).join("current");
        fs::create_dir_all(&tag).map_err(Failure::io("make", &tag))?;
        let link = tag.join("link");
        let digest = format!("sha256:{number:064x}");
        fs::write(&link, digest).map_err(Failure::io("write", &link))?;
    }
    Ok(())
}

/// The command of a client, which sees none of the user's settings.
fn list(client: &str, program: &Path, home: &Path, registry: &str) -> Command {
    let name = format!("{registry}/{REPOSITORY}");
    let words: Vec<String> = match client {
        "crhost" => vec!["tags".to_owned(), name],
        "skopeo" => vec!["list-tags".to_owned(), "--tls-verify=false".to_owned(), format!("docker://{name}")],
        "crane" => vec!["ls".to_owned(), "--insecure".to_owned(), name],
        "oras" => vec!["repo".to_owned(), "tags".to_owned(), "--plain-http".to_owned(), name],
        _ => vec!["--host".to_owned(), format!("reg={registry},tls=disabled"), "tag".to_owned(), "ls".to_owned(), name],
    };
    let mut list = command(program, words);
    list.env("CRHOST_HOME", home.join("crhost")).env("HOME", home).env("DOCKER_CONFIG", home);
    list
}
