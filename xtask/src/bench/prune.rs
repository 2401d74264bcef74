//! `cargo xtask bench prune`: how long the plan of a clean-up takes, beside the lists of other clients.
//!
//! Other clients have no plan. They list the names of the tags, which crhost does, too, before it reads every manifest
//! and the configurations; and they read one manifest or digest in a process. So the same facts are compared in a
//! second repository with fewer images: a plan of it, beside processes of a client that read each of its manifests,
//! several at once.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::programs::{clients, temporary};
use super::push::measure::run;
use super::push::registry::Registry;
use super::race::Races;
use crate::command::{capture, command};
use crate::failure::{Failure, Result};

/// The repository.
const NAME: &str = "acme/train";

/// The second one, and its images.
const FEW: (&str, u32) = ("acme/few", 1000);

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Images of the repository, each with a tag
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    manifests: u32,

    /// Turns that count, of each client
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,

    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// The tags `v0` to `v999`, whose digests are asked for, and the patterns that mean them.
const DIGESTS: (u32, [&str; 3]) = (1000, ["v?", "v??", "v???"]);

/// Builds, fills a registry, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let clients = clients(options.program.as_deref())?;
    let home = temporary(None)?;
    let registry = Registry::start(home.path())?;
    let host = registry.address();
    eprintln!("bench: making {} images", options.manifests);
    for (name, images) in [(NAME, options.manifests), FEW] {
        fill(host, name, images).map_err(|error| Failure::new(format!("cannot fill the registry: {error}")))?;
    }
    let mut races = Races::default();
    // The first turn warms the machine up, and compiles crhost's flavor.
    for turn in 0..=options.runs {
        for (client, program) in &clients {
            let used = run(&mut list(client, program, home.path(), host))?;
            if turn > 0 {
                races.add(("a plan", "beside the names of all tags"), client, used);
            }
            let used = run(&mut facts(client, program, home.path(), host))?;
            if turn > 0 {
                races.add(("a plan of 1000 images", "beside each of their manifests"), client, used);
            }
            let Some(mut digests) = digests(client, program, home.path(), host, options.manifests) else { continue };
            let used = run(&mut digests)?;
            if turn > 0 {
                races.add(("digests", "of 1000 tags at most"), client, used);
            }
        }
    }
    eprintln!("bench: {} images with a tag each", options.manifests);
    races.print();
    Ok(())
}

/// The command of a client, which sees none of the user's settings.
fn list(client: &str, program: &Path, home: &Path, host: &str) -> Command {
    let repository = format!("{host}/{NAME}");
    let list = match client {
        "crhost" => plan(program, home, &repository),
        "skopeo" => command(program, ["list-tags", "--tls-verify=false", &format!("docker://{repository}")]),
        "crane" => command(program, ["ls", "--insecure", &repository]),
        "oras" => command(program, ["repo", "tags", "--plain-http", &repository]),
        _ => command(program, ["--host", &format!("reg={host},tls=disabled"), "tag", "ls", &repository]),
    };
    of_home(list, home)
}

/// The plan of a repository.
fn plan(program: &Path, home: &Path, repository: &str) -> Command {
    let mut prune = command(program, ["prune", repository, "--keep", "10", "--plan"]);
    prune.arg(home.join("plan.json"));
    prune
}

/// The facts about each image of the second repository: a plan, or its manifest.
fn facts(client: &str, program: &Path, home: &Path, host: &str) -> Command {
    let (name, images) = FEW;
    let (read, before) = match client {
        "crhost" => return of_home(plan(program, home, &format!("{host}/{name}")), home),
        "skopeo" => ("inspect --raw --tls-verify=false".to_owned(), "docker://"),
        "crane" => ("manifest --insecure".to_owned(), ""),
        "oras" => ("manifest fetch --plain-http".to_owned(), ""),
        _ => (format!("--host reg={host},tls=disabled manifest get --format raw-body"), ""),
    };
    let each = format!("seq 0 {} | sed 's|^|{before}{host}/{name}:v|'", images - 1);
    let mut script = command("sh", ["-c", &format!("{each} | xargs -n 1 -P 8 \"$1\" {read}"), "sh"]);
    script.arg(program);
    of_home(script, home)
}

/// A command that sees none of the user's settings.
fn of_home(mut command: Command, home: &Path) -> Command {
    command.env("CRHOST_HOME", home.join("crhost")).env("HOME", home).env("DOCKER_CONFIG", home);
    command
}

/// Asks for the digests of some tags: crhost in one process, crane, which tells one at a time, in several at once.
fn digests(client: &str, program: &Path, home: &Path, host: &str, manifests: u32) -> Option<Command> {
    let (number, patterns) = DIGESTS;
    let digests = match client {
        "crhost" => {
            let mut tags = command(program, ["tags", &format!("{host}/{NAME}"), "--digests"]);
            tags.args(patterns.map(|pattern| format!("--include={pattern}")));
            tags
        }
        "crane" => {
            let last = number.min(manifests).saturating_sub(1);
            let one = "xargs -n 1 -P 8 \"$1\" digest --insecure";
            let mut script = command("sh", ["-c", &format!("seq 0 {last} | sed 's|^|{host}/{NAME}:v|' | {one}"), "sh"]);
            script.arg(program);
            script
        }
        _ => return None,
    };
    Some(of_home(digests, home))
}

/// Pushes images into a repository, which differ in an annotation, and share their configuration and their layer.
fn fill(host: &str, name: &str, manifests: u32) -> std::io::Result<()> {
    let mut wire = TcpStream::connect(host.replace("localhost", "127.0.0.1"))?;
    let config = r#"{"created":"2026-01-01T00:00:00Z","architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let config = blob(&mut wire, host, name, config)?;
    let layer = blob(&mut wire, host, name, "a layer")?;
    for number in 0..manifests {
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json",{config}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar",{layer}}}],"annotations":{{"number":"{number}"}}}}"#
        );
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        send(&mut wire, host, "PUT", &format!("/v2/{name}/manifests/v{number}"), media_type, &manifest)?;
    }
    Ok(())
}

/// Pushes a blob, and gives its digest and size as members of a descriptor.
fn blob(wire: &mut TcpStream, host: &str, name: &str, content: &str) -> std::io::Result<String> {
    let sum = capture(Command::new("sh").args(["-c", "printf %s \"$1\" | sha256sum", "sh", content]));
    let sum = sum.map_err(|failure| std::io::Error::other(failure.to_string()))?;
    let digest = format!("sha256:{}", sum.split(' ').next().unwrap_or_default());
    let location = send(wire, host, "POST", &format!("/v2/{name}/blobs/uploads/"), "", "")?;
    let target = location.strip_prefix(&format!("http://{host}")).unwrap_or(&location);
    send(wire, host, "PUT", &format!("{target}&digest={digest}"), "application/octet-stream", content)?;
    Ok(format!(r#""digest":"{digest}","size":{}"#, content.len()))
}

/// Sends a request on a connection that is kept, and gives the header `location` of its answer.
fn send(
    wire: &mut TcpStream,
    host: &str,
    method: &str,
    target: &str,
    media_type: &str,
    body: &str,
) -> std::io::Result<String> {
    let length = body.len();
    write!(
        wire,
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    // None of these answers has content.
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        wire.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    match head.split(' ').nth(1) {
        Some("201" | "202") => {}
        _ => return Err(std::io::Error::other(format!("{method} {target}: {head}"))),
    }
    let location = head.lines().find_map(|line| line.split_once(": ").filter(|(name, _)| *name == "Location"));
    Ok(location.map(|(_, value)| value.trim().to_owned()).unwrap_or_default())
}
