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

/// A home with a context, in which neither the first step nor the content is that of another test: the classic builder
/// takes a step from its cache by its parent and its content, and another test may be about to remove that image.
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

/// The names of all files in the layers of a pushed image, sorted, and its configuration, as skopeo copies them.
fn pulled(home: &Home, name: &str) -> (Vec<String>, serde_json::Value) {
    use crate::support::programs::process;
    let directory = home.path("pulled");
    let _ = fs::remove_dir_all(&directory);
    let mut skopeo = home.other("skopeo");
    skopeo.args(["copy", "--src-tls-verify=false", &format!("docker://{name}")]);
    process::run(skopeo.arg(format!("dir:{}", directory.display()))).ok();
    let read = |name: &str| fs::read(directory.join(name)).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&read("manifest.json")).unwrap();
    let file = |descriptor: &serde_json::Value| {
        descriptor["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned()
    };
    let mut names = Vec::new();
    for layer in manifest["layers"].as_array().unwrap() {
        let layer = read(&file(layer));
        let mut bytes = Vec::new();
        if layer.starts_with(&[0x1f, 0x8b]) {
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(layer.as_slice()), &mut bytes).unwrap();
        } else {
            bytes = layer;
        }
        let mut archive = tar::Archive::new(bytes.as_slice());
        for entry in archive.entries().unwrap() {
            names.push(entry.unwrap().path().unwrap().display().to_string().trim_end_matches('/').to_owned());
        }
    }
    names.sort();
    (names, serde_json::from_slice(&read(&file(&manifest["config"]))).unwrap())
}
