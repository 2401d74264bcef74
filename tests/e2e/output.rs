//! The two streams: results go to standard output, messages to standard error.

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, built_in};
use crate::support::programs::registry::Registry;

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

#[test]
fn a_push_prints_the_digest_and_tells_the_story_elsewhere() {
    let registry = Registry::open();
    let home = Home::with_registry(&registry);
    let pushed = home.ok(&PUSH);
    let digest = skopeo::digest(registry.access(), &format!("{}/train:v1", registry.host()));
    assert_eq!(pushed.stdout, format!("{}/train@{digest}\n", registry.host()));
    assert!(pushed.stderr.lines().count() > 1, "{pushed}");
    assert!(!pushed.stderr.contains('\r') && !pushed.stderr.contains('\u{1b}'), "bars without a terminal{pushed}");
}

#[test]
fn quiet_says_the_digest_and_nothing_else() {
    let registry = Registry::open();
    let home = Home::with_registry(&registry);
    let pushed = home.ok(&[&PUSH[..], &["--quiet"]].concat());
    let digest = skopeo::digest(registry.access(), &format!("{}/train:v1", registry.host()));
    assert_eq!(pushed.stdout, format!("{}/train@{digest}\n", registry.host()));
    assert_eq!(pushed.stderr, "");
}

#[test]
fn quiet_wins_over_a_form_of_progress_from_the_environment() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    home.set("CRHOST_PROGRESS", "plain");
    let pushed = home.ok(&[&PUSH[..], &["--quiet"]].concat());
    assert_eq!((pushed.stdout.lines().count(), pushed.stderr.as_str()), (1, ""), "{pushed}");
}

#[test]
fn json_tells_programs_what_was_pushed() {
    let registry = Registry::open();
    let home = Home::with_registry(&registry);
    let name = format!("{}/train", registry.host());
    let pushed = home.ok(&[&PUSH[..], &["-o", "json"]].concat()).json();
    let digest = skopeo::digest(registry.access(), &format!("{name}:v1"));
    assert_eq!(pushed["schemaVersion"], 1);
    assert_eq!(pushed["name"], *name);
    assert_eq!(pushed["tag"], "v1");
    assert_eq!(pushed["digest"], *digest);
    assert_eq!(pushed["registry"], "local");
    let layers = pushed["layers"].as_array().unwrap();
    assert_eq!(layers.len(), Image::new(here!()).layers.len());
    assert!(layers.iter().all(|layer| layer["uploaded"] == true && layer["size"].as_u64() > Some(0)), "{pushed}");
    let again = home.ok(&[&PUSH[..], &["-o", "json"]].concat()).json();
    assert!(again["layers"].as_array().unwrap().iter().all(|layer| layer["uploaded"] == false), "{again}");
    assert_eq!(again["digest"], *digest);
}

#[test]
fn json_tells_programs_what_went_wrong() {
    let home = Home::new();
    let refused = home.run(&["registry", "describe", "nowhere", "-o", "json"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(3), ""), "{refused}");
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!(error["error"]["code"], "not-found");
    assert!(error["error"]["message"].as_str().unwrap().contains("`nowhere`"), "{error}");
    assert!(error["error"]["hint"].is_string(), "{error}");
}

#[test]
fn a_dry_run_uploads_nothing() {
    let registry = Registry::open();
    let home = Home::with_registry(&registry);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &Image::new(here!()))]);
    for source in ["oci:layout:v1", "docker-archive:train.tar:train:v1"] {
        let rehearsed = home.ok(&["push", source, "--to", "local", "--dry-run"]);
        assert!(rehearsed.stdout.starts_with(registry.host()), "{rehearsed}");
        let report = home.ok(&["push", source, "--to", "local", "--dry-run", "-o", "json"]).json();
        assert_eq!(report["dryRun"], true);
        assert!(report["layers"].as_array().unwrap().iter().all(|layer| layer["uploaded"] == false), "{report}");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
    let requests = registry.requests();
    assert!(!requests.is_empty(), "the registry was not even asked");
    assert!(requests.iter().all(|request| request.starts_with("GET") || request.starts_with("HEAD")), "{requests:?}");
}

#[test]
fn a_dry_run_still_finds_what_stands_in_the_way() {
    let registry = Registry::with_password();
    let home = Home::with_registry(&registry);
    home.fails(4, &[&PUSH[..], &["--dry-run"]].concat()).says("docker login");
}

#[test]
fn registries_and_flavors_are_listed_for_people_and_programs() {
    let home = Home::new();
    let none = home.ok(&["registry", "list", "-o", "json"]);
    assert_eq!(none.json()["registries"], serde_json::json!([]));
    home.register("local", "localhost:5000/team");
    assert!(home.ok(&["registry", "list"]).stdout.contains("localhost:5000/team"));
    assert!(home.ok(&["registry", "describe", "local"]).stdout.contains("localhost:5000/team"));
    let described = home.ok(&["registry", "describe", "local", "-o", "json"]).json();
    assert_eq!((&described["name"], &described["flavor"]), (&"local".into(), &"default".into()));
    let flavors = home.ok(&["flavor", "list", "-o", "json"]).json();
    let names: Vec<&str> =
        flavors["flavors"].as_array().unwrap().iter().map(|flavor| flavor["name"].as_str().unwrap()).collect();
    assert_eq!(names, built_in());
    for name in names {
        assert!(home.ok(&["flavor", "list"]).stdout.contains(name));
        assert!(home.ok(&["flavor", "describe", name]).stdout.contains(name));
    }
}

#[test]
fn colours_are_for_terminals() {
    let mut home = Home::new();
    let describe = ["registry", "describe", "nowhere"];
    assert!(!home.run(&describe).stderr.contains('\u{1b}'));
    home.set("CLICOLOR_FORCE", "1");
    assert!(home.run(&describe).stderr.contains('\u{1b}'));
}
