//! The image: what is in it, and that it works with a root that can't be written to and without rights.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::dist::{OwnImage, made};
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// A blob of the layout.
fn blob(descriptor: &Value) -> Vec<u8> {
    let digest = descriptor["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
    fs::read(made().join("image/blobs/sha256").join(digest)).unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn manifest() -> Value {
    let index = json(&fs::read(made().join("image/index.json")).unwrap());
    json(&blob(&index["manifests"][0]))
}

/// The entries of all layers: path, owner, mode and content.
fn entries() -> Vec<(String, u64, u32, Vec<u8>)> {
    let layers = manifest()["layers"].as_array().unwrap().clone();
    let mut all = Vec::new();
    for layer in layers {
        let archive = blob(&layer);
        let mut archive = tar::Archive::new(GzDecoder::new(archive.as_slice()));
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let (path, header) = (entry.path().unwrap().display().to_string(), entry.header().clone());
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            all.push((path, header.uid().unwrap(), header.mode().unwrap(), content));
        }
    }
    all
}

/// A file of the image.
pub(super) fn file(path: &str) -> Vec<u8> {
    entries().into_iter().find(|entry| entry.0 == path).unwrap().3
}

#[test]
fn the_image_has_crhost_what_it_needs_and_nothing_to_run_besides() {
    let config = json(&blob(&manifest()["config"]));
    assert_eq!(
        (&config["config"]["User"], &config["config"]["Entrypoint"][0]),
        (&"65532:65532".into(), &"crhost".into())
    );
    let annotations = manifest()["annotations"].clone();
    assert_eq!(annotations, config["config"]["Labels"]);
    for name in ["version", "revision", "source", "licenses", "created"] {
        assert!(annotations[format!("org.opencontainers.image.{name}")].is_string(), "{name}: {annotations}");
    }
    let entries = entries();
    let programs: Vec<&str> = entries
        .iter()
        .filter(|(path, _, mode, _)| mode & 0o111 != 0 && !path.ends_with('/') && !path.contains(".so"))
        .map(|entry| entry.0.as_str())
        .filter(|path| !path.ends_with("ca-certificates.crt"))
        .collect();
    assert_eq!(programs, ["usr/bin/crhost", "usr/bin/docker-credential-crhost"]);
    assert!(entries.iter().any(|entry| entry.0.ends_with("/copyright")), "libraries have their licences");
    let own: Vec<_> = entries.iter().filter(|entry| entry.1 != 0).collect();
    assert!(
        own.len() > 40 && own.iter().all(|entry| entry.0.starts_with("crhost/") && entry.2 & 0o077 == 0),
        "{own:?}"
    );
}

#[test]
fn it_runs_without_rights_and_pushes_what_is_mounted() {
    let image = OwnImage::loaded();
    let version = image.run::<&str>(&[], &["--version"]).ok();
    assert!(version.stdout.starts_with("crhost "), "{version}");
    let shell = image.run(&["--entrypoint=/bin/sh"], &["-c", "true"]);
    assert!(shell.code != Some(0) && shell.stderr.contains("no such file"), "{shell}");

    let (registry, home, pushed) = (Registry::with_password(), Home::new(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("layout"), &[("v1", &pushed)]);
    let config = format!(
        "version = 1\n[registries.prod]\nflavor = 'default'\nuri = '{}'\nconnector = 'prod'\n[connectors.prod]\n\
         type = 'docker'\nauth-method = 'password'\nfields = {{ username = '{USER}', password = '@env:TEAM_PASSWORD' }}\n",
        registry.host()
    );
    fs::write(home.path("crhost.toml"), config).unwrap();
    // As volumes are: of another owner, and for all to read.
    fs::set_permissions(home.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let volume = format!("--volume={}:/work:ro", home.path("").display());
    let password = format!("--env=TEAM_PASSWORD={PASSWORD}");
    let options = [volume.as_str(), &password, "--workdir=/work", "--env=CRHOST_LOG=debug"];
    let done =
        image.run(&options, &[&push_layout("prod", "acme/train:v1")[..], &["--config", "crhost.toml"]].concat()).ok();
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &pushed);
    // Nothing was compiled: what the image carries is used.
    assert!(!done.stderr.contains("compiled flavors are not kept") && !done.stderr.contains("compiling"), "{done}");
}
