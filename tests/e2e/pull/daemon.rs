//! Pulls into the Docker daemon.

use std::process::Command;

use super::{Scene, push};
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::programs::daemon::ensure_daemon;
use crate::support::programs::process::{self, Finished};

/// A name in the daemon, which goes with the test.
struct Name(String);

impl Drop for Name {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rmi", "--no-prune", &self.0]).output();
    }
}

fn inspect(name: &str) -> Finished {
    process::run(Command::new("docker").args(["image", "inspect", "--format", "{{.Id}}", name]))
}

#[test]
fn an_image_goes_into_the_daemon_under_its_name_and_without_layers_that_are_there() {
    ensure_daemon();
    let scene = Scene::of(Image::of_noise(here!()));
    let name = Name(format!("{}/train:v1", scene.registry.host()));
    let pulled = scene.home.ok(&["pull", "dev/train:v1", "-o", "json"]).json();
    assert_eq!((&pulled["destination"], &pulled["names"][0]), (&"daemon".into(), &name.0.as_str().into()));
    let id = inspect(&name.0).ok();
    // With containerd's store it is the manifest's.
    let expected = [scene.image.config_digest(), scene.digest.clone()];
    assert!(expected.contains(&id.stdout.trim().to_owned()), "{id}");
    // It has the image already.
    let again = scene.home.ok(&["pull", "dev/train:v1", "--to-daemon", "-o", "json"]).json();
    assert_eq!(again["bytesReceived"], 0);
    // Another image on the same layers.
    let other = scene.image.with_another_top(here!());
    push(&scene.home, &other, "train", "v2");
    let second = Name(format!("mine-{}:v2", scene.registry.port()));
    let pulled = scene.home.ok(&["pull", "dev/train:v2", "--as", &second.0, "-o", "json"]).json();
    let id = inspect(&second.0).ok();
    if id.stdout.trim() == other.config_digest() {
        let received = pulled["layers"].as_array().unwrap().iter().filter(|layer| layer["outcome"] == "pulled");
        assert_eq!(received.count(), 1, "{pulled}");
    }
    // What the daemon saves is the image.
    let saved = process::run(Command::new("docker").args(["save", "-o"]).arg(scene.home.path("s.tar")).arg(&second.0));
    saved.ok();
    scene.home.ok(&["push", "docker-archive:s.tar", "--to", "dev", "--as", "saved:v1"]);
}

#[test]
fn without_a_daemon_and_a_destination_the_next_step_is_named() {
    let mut scene = Scene::new(here!());
    scene.home.set("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    let refused = scene.home.fails(6, &["pull", "dev/train:v1"]);
    assert!(refused.error().contains("no Docker daemon answers"), "{}", *refused);
    assert!(refused.hint().contains("oci:DIRECTORY"), "{}", *refused);
}
