//! What pulls are told, and what they tell.

use serde_json::Value;

use super::Scene;
use crate::support::images::digest;
use crate::support::images::noise::here;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

#[test]
fn a_dry_run_says_what_would_be_pulled_and_writes_nothing() {
    let scene = Scene::new(here!());
    for destination in ["oci:layout", "docker-archive:x.tar", "-"] {
        let told = scene.home.ok(&["pull", "dev/train:v1", destination, "--dry-run", "-o", "json"]).json();
        assert_eq!((&told["dryRun"], &told["bytesReceived"]), (&true.into(), &0.into()));
        let layers = told["layers"].as_array().unwrap();
        assert!(layers.iter().all(|layer| layer["outcome"] == "missing"), "{told}");
    }
    assert!(!scene.home.path("layout").exists() && !scene.home.path("x.tar").exists());
    let shown = scene.home.ok(&["pull", "dev/train:v1", "oci:layout", "--dry-run"]);
    assert!(shown.stderr.contains("would be pulled") && shown.stderr.contains("nothing was written"), "{shown}");
}

#[test]
fn every_form_of_result_and_progress_is_there() {
    let scene = Scene::new(here!());
    let quiet = scene.home.ok(&["pull", "dev/train:v1", "oci:a", "--quiet"]);
    assert_eq!((quiet.stderr.as_str(), quiet.stdout.lines().count()), ("", 1), "{quiet}");
    let name = scene.home.ok(&["pull", "dev/train:v1", "oci:b", "-o", "name"]);
    assert_eq!(name.stdout, format!("{}/train\n", scene.registry.host()));
    let lines = scene.home.ok(&["pull", "dev/train:v1", "oci:c"]);
    assert!(lines.stderr.contains(": pulled (") && lines.stderr.contains("received"), "{lines}");
    let events = scene.home.ok(&["pull", "dev/train:v1", "oci:d", "--progress", "json"]);
    let events: Vec<Value> = events.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((of("source"), of("planned"), of("result")), (1, 1, 1));
    assert!(of("stored") > 0);
}

#[test]
fn an_image_that_is_not_there_and_a_destination_that_is_none_are_explained() {
    let scene = Scene::new(here!());
    let missing = scene.home.fails(3, &["pull", "dev/train:v9", "oci:layout"]);
    assert!(missing.error().contains("/train:v9"), "{}", *missing);
    let missing = format!("dev/train@{}", digest::of(b"no manifest"));
    scene.home.fails(3, &["pull", &missing, "oci:layout"]);
    assert!(!scene.home.path("layout").exists());
    let none = scene.home.run(&["pull", "dev/train:v1", "out.tar"]);
    assert_eq!(none.code, Some(2), "{none}");
    assert!(none.stderr.contains("docker-archive:out.tar"), "{none}");
    // Before a registry is asked, and so in a dry run, too.
    scene.home.fails(1, &["pull", "dev/train:v1", "oci-archive:absent/out.tar", "--dry-run"]).says("can't be written");
}

#[test]
fn a_pull_logs_in_with_the_credentials_of_its_registry() {
    let (registry, home) = (Registry::with_password(), crate::support::programs::crhost::Home::new());
    home.docker_login(registry.host(), USER, PASSWORD);
    let image = crate::support::images::image::Image::new(here!());
    home.register("dev", registry.host());
    super::push(&home, &image, "train", "v1");
    home.ok(&["pull", "dev/train:v1", "oci:layout"]);
    home.docker_config(&serde_json::json!({}));
    let refused = home.fails(4, &["pull", "dev/train:v1", "oci:layout"]);
    assert!(refused.error().contains("requires a login"), "{}", *refused);
}

#[test]
fn an_image_of_crhost_serve_is_pulled_by_a_name_without_registration() {
    let scene = Scene::new(here!());
    let (_server, host) = scene.home.serve();
    scene.home.ok(&["pull", "dev/train:v1", "oci:layout"]);
    scene.home.ok(&["push", "oci:layout:v1", "--to", &format!("{host}/acme"), "--as", "train:v1"]);
    let pulled = scene.home.ok(&["pull", &format!("{host}/acme/train:v1"), "oci:served"]);
    assert!(pulled.stdout.ends_with(&format!("{}\n", scene.digest)), "{pulled}");
    assert!(pulled.stderr.contains("without a registration"), "{pulled}");
}
