//! The peers themselves: skopeo, which has nothing to do with crhost, gets along with every registry and file that the
//! tests make, so a failure elsewhere is crhost's.

use std::panic::catch_unwind;
use std::process::Command;

use tempfile::TempDir;

use crate::support::fakes::token_server::TokenServer;
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};
use crate::support::programs::daemon::Loaded;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::Registry;

fn skopeo_copy(access: &Access) -> Command {
    let mut skopeo = Command::new("skopeo");
    skopeo.args(["--insecure-policy", "copy"]);
    match &access.authorities {
        Some(directory) => skopeo.arg(format!("--dest-cert-dir={}", directory.display())),
        None => skopeo.arg("--dest-tls-verify=false"),
    };
    match &access.credentials {
        Some(credentials) => skopeo.arg(format!("--dest-creds={credentials}")),
        None => skopeo.arg("--dest-no-creds"),
    };
    skopeo
}

fn copy(access: &Access, from: &str, to: &str) -> Finished {
    process::run(skopeo_copy(access).args(["--preserve-digests", from, &format!("docker://{to}")]))
}

#[test]
fn skopeo_pushes_to_every_kind_of_registry_and_pulls_the_same() {
    let directory = TempDir::new().unwrap();
    let image = Image::with_a_layer_twice(here!());
    image_files::layout(directory.path(), &[("v1", &image)]);
    let from = format!("oci:{}:v1", directory.path().display());
    let tokens = TokenServer::start();
    for registry in [
        Registry::open(),
        Registry::with_password(),
        Registry::with_password_over_tls(),
        Registry::with_tokens(&tokens),
    ] {
        let name = format!("{}/team/train:v1", registry.host());
        assert_eq!((registry.stored(), registry.tags()), (0, 0));
        assert!(!skopeo::has(registry.access(), &name));
        copy(registry.access(), &from, &name).ok();
        skopeo::assert_same(registry.access(), &name, &image);
        assert!(skopeo::has(registry.access(), &name));
        // Two different layers, the configuration, and the manifest.
        assert_eq!((registry.stored(), registry.tags()), (4, 1));
        assert!(registry.requests().iter().any(|request| request == "PUT /v2/team/train/manifests/v1"));
    }
    let granted = tokens.granted();
    assert!(granted.iter().any(|token| token.by == "basic"), "{granted:?}");
    assert!(granted.iter().any(|token| token.scopes == ["repository:team/train:pull,push"]), "{granted:?}");
}

#[test]
fn the_registries_with_a_password_refuse_another_one() {
    let directory = TempDir::new().unwrap();
    image_files::layout(directory.path(), &[("v1", &Image::small(here!(), "amd64"))]);
    let from = format!("oci:{}:v1", directory.path().display());
    let tokens = TokenServer::start();
    for registry in [Registry::with_password(), Registry::with_tokens(&tokens)] {
        for credentials in [Some("alice:wrong".to_owned()), None] {
            let access = Access { credentials, ..registry.access().clone() };
            let refused = copy(&access, &from, &format!("{}/team/train:v1", registry.host()));
            assert_ne!(refused.code, Some(0), "{refused}");
        }
        assert_eq!(registry.stored(), 0);
    }
}

#[test]
fn skopeo_reads_the_archives() {
    let directory = TempDir::new().unwrap();
    let registry = Registry::open();
    let images = [Image::new(here!()), Image::with_a_layer_twice(here!())];
    let file = directory.path().join("images.tar");
    image_files::archive(&file, &[("example/one:v1", &images[0]), ("example/two:v1", &images[1])]);
    for (name, image) in [("one", &images[0]), ("two", &images[1])] {
        let from = format!("docker-archive:{}:example/{name}:v1", file.display());
        let to = format!("{}/{name}:v1", registry.host());
        process::run(skopeo_copy(registry.access()).args([&from, &format!("docker://{to}")])).ok();
        skopeo::assert_same(registry.access(), &to, image);
    }
}

#[test]
fn the_daemon_loads_the_archives_unchanged() {
    let image = Image::with_a_layer_twice(here!());
    let name = &format!("crhost-test-{}/train:v1", std::process::id());
    let _loaded = Loaded::new(name, &image);
    let answer = process::tool("docker", ["inspect", "--format", "{{.Id}} {{json .RootFS.Layers}}", name]).ok();
    let expected = format!("{} {}", image.config_digest(), serde_json::to_string(&image.diff_ids()).unwrap());
    assert_eq!(answer.stdout.trim(), expected);
}

#[test]
fn the_judge_sees_a_difference() {
    let directory = TempDir::new().unwrap();
    let registry = Registry::open();
    image_files::layout(directory.path(), &[("v1", &Image::small(here!(), "amd64"))]);
    let name = format!("{}/train:v1", registry.host());
    copy(registry.access(), &format!("oci:{}:v1", directory.path().display()), &name).ok();
    let other = Image::small(here!(), "amd64");
    let access = registry.access().clone();
    assert!(catch_unwind(move || skopeo::assert_same(&access, &name, &other)).is_err());
}
