//! Builds: by the real Docker daemon with both of its builders, by the real Buildah and Podman, and by fakes of
//! `docker buildx` and `buildctl`, of which this machine has no real ones.

mod context;
mod daemon;
mod failures;
mod programs;
mod settings;

use std::fs;
use std::path::PathBuf;

use crate::support::programs::crhost::Home;

/// A Dockerfile that needs no network: there is nothing in it to run.
const SCRATCH: &str = "FROM scratch\nARG STAGE\nLABEL stage=$STAGE\nCOPY . /app/\n";

/// For every build by the classic builder. Its cache is a list of all images of the daemon, and each is looked up after
/// that: a build from `scratch` fails with `unable to find image` where another test removes its image meanwhile.
const NO_CACHE: &str = "--no-cache";

/// A home with a context, in which neither the first step nor the content is that of another test, so that no test has
/// the image of another one.
fn home_with_context(dockerfile: &str, files: &[(&str, &str)]) -> Home {
    let home = Home::new();
    let own = home.path("").display().to_string();
    let (from, rest) = dockerfile.split_once('\n').unwrap();
    write(&home, "context/Dockerfile", &format!("{from}\nLABEL test=\"{own}\"\n{rest}"));
    for (name, content) in files {
        write(&home, &format!("context/{name}"), &format!("{content}{own}"));
    }
    home
}

/// Writes a file of the home, with the directories above it.
fn write(home: &Home, name: &str, content: &str) -> PathBuf {
    let path = home.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}
