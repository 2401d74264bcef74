//! `cargo xtask demo`: one real push, from a Docker daemon to a registry, both on this machine, checked by others.

mod image;
mod stage;

use std::time::Instant;

use crate::command::{capture, command, echo_as, find, run, run_quietly};
use crate::failure::{Failure, Result};
use crate::{paths, setup};
use stage::{REPOSITORY, Stage};

const IMAGE: &str = "crhost-demo/train:v1";

/// Plays it from set-up to clean-up. Whatever was made is gone afterwards, except the Docker daemon.
pub(crate) fn play() -> Result<()> {
    setup::run(setup::For::Demo)?;
    headline("building crhost");
    run(command("cargo", ["build", "--package", "crhost", "--locked"]).current_dir(paths::repository()?))?;

    headline("an image in the Docker daemon, made here from nothing");
    let stage = Stage::set(IMAGE)?;
    image::build(&stage, IMAGE)?;
    let before = image::contents(&stage, IMAGE)?;
    headline(&format!("a registry without credentials: {}", stage.registry()?));

    headline("the push");
    let target = format!("{}/demo", stage.address());
    crhost(&stage, &["flavor", "list"])?;
    crhost(&stage, &["registry", "register", "demo", "--flavor", "default", "--uri", &target])?;
    let start = Instant::now();
    let pushed = crhost(&stage, &["push", IMAGE, "--to", "demo", "--as", REPOSITORY])?;
    let seconds = start.elapsed().as_secs_f32();

    headline("what others say");
    let digest = digest_in(&pushed)?;
    ask_skopeo(&stage, digest)?;
    run_quietly(&mut stage.docker(&["image", "rm", IMAGE]))?;
    let copy = stage.pulled_image();
    let mut pull = stage.docker(&["pull", "--quiet", &copy]);
    echo_as("docker", &pull);
    run_quietly(&mut pull)?;
    let after = image::contents(&stage, &copy)?;
    if before != after {
        return Err(Failure::new(format!("the image that came back is another one: was `{before}`, is `{after}`")));
    }
    eprintln!("the same image, by its layers and its configuration");
    headline(&format!("{IMAGE} went there and came back whole ({seconds:.1} s for the push)"));
    Ok(())
}

fn headline(text: &str) {
    eprintln!("\n── {text}");
}

/// Shows the command and what it prints, and gives that back.
fn crhost(stage: &Stage, arguments: &[&str]) -> Result<String> {
    let mut crhost = stage.command(paths::crhost()?, arguments);
    echo_as("crhost", &crhost);
    let printed = capture(&mut crhost)?;
    println!("{printed}");
    Ok(printed)
}

/// The digest in `name@sha256:…`, the last thing that a push prints.
fn digest_in(printed: &str) -> Result<&str> {
    let last = printed.lines().last().unwrap_or_default();
    match last.rsplit_once('@') {
        Some((_, digest)) if digest.starts_with("sha256:") => Ok(digest),
        _ => Err(Failure::new(format!("crhost printed `{last}`; expected name@sha256:…"))),
    }
}

fn ask_skopeo(stage: &Stage, pushed: &str) -> Result<()> {
    if find("skopeo").is_none() {
        eprintln!("skopeo is not installed: nobody else was asked for the digest");
        return Ok(());
    }
    let image = format!("docker://{}", stage.pulled_image());
    let mut inspect = stage.command("skopeo", &["inspect", "--tls-verify=false", "--format", "{{.Digest}}", &image]);
    echo_as("skopeo", &inspect);
    let found = capture(&mut inspect)?;
    if found != pushed {
        return Err(Failure::new(format!("crhost pushed {pushed}, but skopeo finds {found}")));
    }
    eprintln!("{found}: the digest that crhost printed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_on_the_last_line() {
        let printed = "pushed\nlocalhost:5000/demo/train@sha256:0123";
        assert_eq!(digest_in(printed).unwrap(), "sha256:0123");
        let failure = digest_in("localhost:5000/demo/train:v1").unwrap_err().to_string();
        assert_eq!(failure, "error: crhost printed `localhost:5000/demo/train:v1`; expected name@sha256:…");
    }
}
