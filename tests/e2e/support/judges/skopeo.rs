//! The content of a registry as skopeo sees it, which shares no code with crhost.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::images::digest;
use crate::support::images::image::Image;
use crate::support::programs::process;

/// How skopeo gets into a registry.
#[derive(Clone, Default)]
pub(crate) struct Access {
    /// A directory of authorities to trust; without it the registry speaks plain HTTP.
    pub(crate) authorities: Option<PathBuf>,
    /// `user:password`.
    pub(crate) credentials: Option<String>,
}

/// What skopeo pulled.
pub(crate) struct Pulled {
    pub(crate) config_digest: String,
    pub(crate) diff_ids: Vec<String>,
}

/// The digest of the manifest that a registry has.
#[track_caller]
pub(crate) fn digest(access: &Access, image: &str) -> String {
    let answer = process::run(skopeo(access, "inspect", "").args(["--raw", &format!("docker://{image}")])).ok();
    digest::of(&answer.bytes)
}

/// The media types of an image's layers, lowest first.
#[track_caller]
pub(crate) fn layer_types(access: &Access, image: &str) -> Vec<String> {
    layers(access, image).iter().map(|layer| layer["mediaType"].as_str().unwrap().to_owned()).collect()
}

/// The descriptors of an image's layers, lowest first.
#[track_caller]
pub(crate) fn layers(access: &Access, image: &str) -> Vec<Value> {
    let answer = process::run(skopeo(access, "inspect", "").args(["--raw", &format!("docker://{image}")])).ok();
    let mut manifest: Value = serde_json::from_slice(&answer.bytes).unwrap();
    manifest["layers"].as_array_mut().unwrap().drain(..).collect()
}

/// A manifest or index, as the registry has it.
#[track_caller]
pub(crate) fn raw(access: &Access, image: &str) -> Value {
    process::run(skopeo(access, "inspect", "").args(["--raw", &format!("docker://{image}")])).ok().json()
}

/// Whether a registry has an image of this name.
#[track_caller]
pub(crate) fn has(access: &Access, image: &str) -> bool {
    let answer = process::run(skopeo(access, "inspect", "").args(["--raw", &format!("docker://{image}")]));
    match answer.code {
        Some(0) => true,
        _ if answer.stderr.contains("unknown") => false,
        _ => panic!("{answer}"),
    }
}

/// Pulls an image as it is, and looks into each of its layers.
#[track_caller]
pub(crate) fn pull(access: &Access, image: &str) -> Pulled {
    let directory = TempDir::new().unwrap();
    looked_into(&copy(access, image, directory.path()), directory.path())
}

/// Each layer of an image in a directory.
#[track_caller]
fn looked_into(manifest: &Value, directory: &Path) -> Pulled {
    let layers = manifest["layers"].as_array().unwrap();
    Pulled {
        config_digest: digest::of(&blob(directory, &manifest["config"])),
        diff_ids: layers.iter().map(|layer| digest::of(&uncompressed(layer, blob(directory, layer)))).collect(),
    }
}

/// Pulls an image and compares it with what was pushed.
#[track_caller]
pub(crate) fn assert_same(access: &Access, name: &str, image: &Image) {
    let pulled = pull(access, name);
    assert_eq!(pulled.config_digest, image.config_digest(), "another configuration in {name}");
    assert_eq!(pulled.diff_ids, image.diff_ids(), "other layers in {name}");
}

/// The names of all files in the layers of an image, sorted, and its configuration.
#[track_caller]
pub(crate) fn contents(access: &Access, image: &str) -> (Vec<String>, Value) {
    let directory = TempDir::new().unwrap();
    let manifest = copy(access, image, directory.path());
    let mut names = Vec::new();
    for layer in manifest["layers"].as_array().unwrap() {
        let bytes = uncompressed(layer, blob(directory.path(), layer));
        let mut archive = tar::Archive::new(&bytes[..]);
        for entry in archive.entries().unwrap() {
            names.push(entry.unwrap().path().unwrap().display().to_string().trim_end_matches('/').to_owned());
        }
    }
    names.sort();
    (names, serde_json::from_slice(&blob(directory.path(), &manifest["config"])).unwrap())
}

/// The configuration of an image.
#[track_caller]
pub(crate) fn config(access: &Access, image: &str) -> Value {
    process::run(skopeo(access, "inspect", "").args(["--config", &format!("docker://{image}")])).ok().json()
}

/// Reads the image of a file or directory, such as `oci:DIRECTORY:NAME`, and compares it with what was pushed.
#[track_caller]
pub(crate) fn assert_same_here(source: &str, image: &Image) {
    let directory = TempDir::new().unwrap();
    let manifest = copied(Command::new("skopeo").args(["--insecure-policy", "copy", source]), directory.path());
    let found = looked_into(&manifest, directory.path());
    assert_eq!(found.config_digest, image.config_digest(), "another configuration in {source}");
    assert_eq!(found.diff_ids, image.diff_ids(), "other layers in {source}");
}

/// The digest of the manifest or index of a file or directory.
#[track_caller]
pub(crate) fn digest_here(source: &str) -> String {
    digest::of(&process::run(Command::new("skopeo").args(["inspect", "--raw", source])).ok().bytes)
}

/// Copies an image as it is into a directory, and gives its manifest.
#[track_caller]
fn copy(access: &Access, image: &str, directory: &Path) -> Value {
    copied(skopeo(access, "copy", "src-").arg(format!("docker://{image}")), directory)
}

/// Has skopeo copy something into a directory, and gives the manifest there.
#[track_caller]
fn copied(skopeo: &mut Command, directory: &Path) -> Value {
    process::run(skopeo.arg(format!("dir:{}", directory.display()))).ok();
    serde_json::from_slice(&fs::read(directory.join("manifest.json")).unwrap()).unwrap()
}

fn blob(directory: &Path, descriptor: &Value) -> Vec<u8> {
    let digest = descriptor["digest"].as_str().unwrap();
    fs::read(directory.join(digest::hex(digest))).unwrap()
}

fn uncompressed(descriptor: &Value, bytes: Vec<u8>) -> Vec<u8> {
    match descriptor["mediaType"].as_str().unwrap() {
        gzip if gzip.ends_with("gzip") => {
            let mut tar = Vec::new();
            // A layer may be compressed in pieces, one gzip member after the other.
            MultiGzDecoder::new(&bytes[..]).read_to_end(&mut tar).unwrap();
            tar
        }
        zstd if zstd.ends_with("+zstd") => {
            // As with gzip, one frame after the other.
            zstd::decode_all(&bytes[..]).unwrap()
        }
        tar if tar.ends_with(".tar") => bytes,
        other => panic!("no test knows layers of type {other}"),
    }
}

fn skopeo(access: &Access, command: &str, side: &str) -> Command {
    let mut skopeo = Command::new("skopeo");
    skopeo.args(["--insecure-policy", command]);
    match &access.authorities {
        Some(directory) => skopeo.arg(format!("--{side}cert-dir={}", directory.display())),
        None => skopeo.arg(format!("--{side}tls-verify=false")),
    };
    match &access.credentials {
        Some(credentials) => skopeo.arg(format!("--{side}creds={credentials}")),
        None => skopeo.arg(format!("--{side}no-creds")),
    };
    skopeo
}
