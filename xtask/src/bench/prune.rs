//! `cargo xtask bench prune`: how long the plan of a clean-up takes, beside the lists of other clients.
//!
//! Other clients have no plan: they list the tags of the repository, which crhost does, too, before it reads every
//! manifest and configuration.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use super::push::measure::{Used, run};
use super::push::registry::Registry;
use crate::command::{capture, command, find};
use crate::failure::{Failure, Result};
use crate::release;

/// The repository.
const NAME: &str = "acme/train";

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Images of the repository, each with a tag
    #[arg(long, default_value_t = 10_000)]
    manifests: u32,
    /// This crhost, such as `target/debug/crhost`, in place of a new build of the release profile
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Builds, fills a registry, measures, prints.
pub(super) fn run_all(options: &Options) -> Result<()> {
    let home = tempfile::Builder::new().prefix("crhost-bench-").tempdir();
    let home = home.map_err(|error| Failure::new(format!("cannot make a directory: {error}")))?;
    let program = match &options.program {
        Some(program) => std::fs::canonicalize(program).map_err(Failure::io("find", program))?,
        None => release::build(None)?,
    };
    let registry = Registry::start(home.path())?;
    println!("{} images; crhost is {}", options.manifests, program.display());
    let host = registry.address();
    fill(host, options.manifests).map_err(|error| Failure::new(format!("cannot fill the registry: {error}")))?;
    let repository = format!("{host}/{NAME}");
    let mut crhost = command(&program, ["prune", &repository, "--keep", "10", "--plan"]);
    crhost.arg(home.path().join("plan.json")).env("CRHOST_HOME", home.path().join("crhost"));
    // Compiles the flavor, which each machine does once.
    run(&mut crhost)?;
    show("crhost prune", &run(&mut crhost)?);
    let whole = format!("docker://{repository}");
    let peers: [(&str, &[&str]); 4] = [
        ("skopeo", &["list-tags", "--tls-verify=false", &whole]),
        ("crane", &["ls", "--insecure", &repository]),
        ("regctl", &["tag", "ls", &repository]),
        ("oras", &["repo", "tags", "--plain-http", &repository]),
    ];
    for (name, arguments) in peers {
        match find(name) {
            Some(program) => show(name, &run(&mut command(program, arguments))?),
            None => println!("{name} is not installed"),
        }
    }
    Ok(())
}

fn show(name: &str, Used { wall, cpu, memory }: &Used) {
    let (wall, cpu) = (wall.as_secs_f64(), cpu.as_secs_f64());
    println!("{name:<20}  {wall:>7.2} s  {cpu:>7.2} s of CPU  {:>5} MB", memory / 1_000_000);
}

/// Pushes images that differ in an annotation, and share their configuration and their layer.
fn fill(host: &str, manifests: u32) -> std::io::Result<()> {
    let mut wire = TcpStream::connect(host.replace("localhost", "127.0.0.1"))?;
    let config = r#"{"created":"2026-01-01T00:00:00Z","architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let config = blob(&mut wire, host, config)?;
    let layer = blob(&mut wire, host, "a layer")?;
    for number in 0..manifests {
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json",{config}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar",{layer}}}],"annotations":{{"number":"{number}"}}}}"#
        );
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        send(&mut wire, host, "PUT", &format!("/v2/{NAME}/manifests/v{number}"), media_type, &manifest)?;
    }
    Ok(())
}

/// Pushes a blob, and gives its digest and size as members of a descriptor.
fn blob(wire: &mut TcpStream, host: &str, content: &str) -> std::io::Result<String> {
    let sum = capture(Command::new("sh").args(["-c", "printf %s \"$1\" | sha256sum", "sh", content]));
    let sum = sum.map_err(|failure| std::io::Error::other(failure.to_string()))?;
    let digest = format!("sha256:{}", sum.split(' ').next().unwrap_or_default());
    let location = send(wire, host, "POST", &format!("/v2/{NAME}/blobs/uploads/"), "", "")?;
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
