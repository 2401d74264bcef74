//! Pulls into archives, which Docker's, skopeo's and crhost's readers take.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use super::Scene;
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::images::{digest, image_files};
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::serve::Serve;

#[test]
fn every_kind_of_archive_holds_the_image() {
    let scene = Scene::of(Image::with_a_layer_twice(here!()));
    for (kind, name) in [("docker-archive", ""), ("oci-archive", ":v1")] {
        let file = scene.path(kind);
        let pulled = scene.home.ok(&["pull", "dev/train:v1", &format!("{kind}:{file}")]);
        assert!(pulled.stdout.ends_with(&format!("{}\n", scene.digest)), "{pulled}");
        skopeo::assert_same_here(&format!("{kind}:{file}{name}"), &scene.image);
    }
    // The same image is the same archive, whose manifest is that of the registry.
    assert_eq!(fs::read(scene.home.path("docker-archive")).unwrap(), fs::read(scene.home.path("oci-archive")).unwrap());
    assert_eq!(skopeo::digest_here(&format!("oci-archive:{}:v1", scene.path("oci-archive"))), scene.digest);
    let again = scene.home.ok(&["push", "docker-archive:./docker-archive", "--to", "dev", "--as", "copy:v1"]);
    assert!(again.stdout.ends_with(&format!("{}\n", scene.digest)), "{again}");
}

#[test]
fn standard_output_gets_the_archive_alone() {
    let scene = Scene::new(here!());
    let file = scene.home.path("piped.tar");
    let mut command = scene.home.command(&["pull", "dev/train:v1", "-"]);
    let ended = command.stdout(File::create(&file).unwrap()).stderr(Stdio::piped()).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    skopeo::assert_same_here(&format!("docker-archive:{}", file.display()), &scene.image);
    let listed = process::run(Command::new("tar").arg("-tf").arg(&file)).ok();
    assert!(listed.stdout.contains("manifest.json") && listed.stdout.contains("index.json"), "{listed}");
}

#[test]
fn an_archive_that_exists_is_replaced_when_the_new_one_is_whole() {
    let scene = Scene::new(here!());
    fs::write(scene.home.path("x.tar"), "old").unwrap();
    let gone = format!("dev/train@{}", digest::of(b"nothing"));
    scene.home.fails(3, &["pull", &gone, "docker-archive:x.tar"]);
    assert_eq!(fs::read_to_string(scene.home.path("x.tar")).unwrap(), "old");
    scene.home.ok(&["pull", "dev/train:v1", "docker-archive:x.tar:mine:v7"]);
    let inspected = process::run(
        Command::new("skopeo").args(["inspect", &format!("docker-archive:{}:mine:v7", scene.path("x.tar"))]),
    );
    assert_eq!(inspected.code, Some(0), "{inspected}");
}

#[test]
fn an_image_with_a_layer_that_is_stored_elsewhere_is_none_that_docker_loads() {
    let (home, serve) = (Home::new(), Serve::start());
    home.register("dev", &serve.host);
    image_files::layout_with_a_layer_elsewhere(&home.path("foreign"), &Image::new(here!()));
    home.ok(&["push", "oci:foreign", "--to", "dev", "--as", "train:v1"]);
    let refused = home.fails(2, &["pull", "dev/train:v1", "docker-archive:x.tar"]);
    assert!(refused.error().contains("layers that are stored elsewhere"), "{}", *refused);
    assert!(!home.path("x.tar").exists());
    home.ok(&["pull", "dev/train:v1", "oci-archive:x.tar"]);
}

#[test]
fn an_index_and_an_artifact_are_no_image_of_docker() {
    let scene = Scene::new(here!());
    let layout = scene.home.path("artifact");
    let manifest = r#"{"schemaVersion":2,"artifactType":"application/vnd.acme.model","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}]}"#;
    let entry = {
        use crate::support::images::image_files::{MANIFEST, blob, finish_layout};
        blob(&layout, "application/vnd.oci.empty.v1+json", b"{}");
        let entry = blob(&layout, MANIFEST, manifest.as_bytes());
        finish_layout(&layout, std::slice::from_ref(&entry));
        entry["digest"].as_str().unwrap().to_owned()
    };
    scene.home.ok(&["push", "oci:artifact", "--to", "dev", "--as", "model:v1"]);
    let refused = scene.home.fails(2, &["pull", "dev/model:v1", "docker-archive:x.tar"]);
    assert!(refused.error().contains("is an artifact"), "{}", *refused);
    assert!(refused.hint().contains("oci:"), "{}", *refused);
    scene.home.ok(&["pull", "dev/model:v1", "oci:model"]);
    assert_eq!(skopeo::digest_here(&format!("oci:{}:v1", scene.path("model"))), entry);
}
