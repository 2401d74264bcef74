//! Policies before deletions, clean-ups, copies and syncs: one that is against them stops them before anything changes.

use std::fs;

use serde_json::json;

use super::{AGAINST, judge, register};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::serve::Serve;

/// A registry `dev` that is copied from, and `prod`, with a policy that does what its option `way` says.
struct Scene {
    dev: Serve,
    prod: Serve,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { dev: Serve::start(), prod: Serve::start() };
        let home = scene.home();
        home.register("dev", &scene.dev.host);
        home.register("prod", &scene.prod.host);
        for (registry, tag, seed) in [("dev", "v1", here!()), ("prod", "v1", here!()), ("prod", "v2", here!())] {
            let layout = home.path(&format!("layout-{registry}-{tag}"));
            image_files::layout(&layout, &[("x", &Image::small(seed, architecture()))]);
            let source = format!("oci:{}", layout.display());
            home.ok(&["push", &source, "--to", registry, "--as", &format!("train:{tag}")]);
        }
        register(home, &judge(), &["--option", "way=deny"]);
        scene
    }

    fn home(&self) -> &Home {
        &self.prod.home
    }

    /// Has the policy do something else.
    fn judging(&self, way: &str) {
        self.home().ok(&["policy", "update", "judge", "--option", &format!("way={way}")]);
    }

    /// The tags of a repository of `prod`.
    fn tags(&self, repository: &str) -> Vec<String> {
        let listed = self.home().run(&["tags", &format!("prod/{repository}")]);
        listed.stdout.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_deletion_that_a_policy_is_against_or_says_nothing_to_deletes_nothing() {
    let scene = Scene::new();
    let delete = ["delete", "prod/train:v1", "prod/train:v2", "--yes"];
    for (way, says) in [
        ("deny", "this is"),
        ("loop", "failed: `admit` took longer than 5 s"),
        ("fill", "failed: `admit` needed more than 128 MiB of memory"),
        ("trap", "failed: `admit` stopped: "),
    ] {
        scene.judging(way);
        let refused = scene.home().fails(AGAINST, &delete);
        assert!(refused.error().contains("policy `judge`") && refused.error().contains(says), "{way}: {}", *refused);
        assert_eq!(scene.tags("train"), ["v1", "v2"], "{way}");
    }
    scene.judging("tell");
    let told = scene.home().ok(&delete);
    // Once, with all that goes.
    assert!(told.stderr.contains("Action::Delete") && told.stderr.contains("removals=2"), "{told}");
    assert_eq!(scene.tags("train"), [""; 0]);
}

#[test]
fn a_plan_that_a_policy_is_against_deletes_nothing() {
    let scene = Scene::new();
    scene.home().ok(&["prune", "prod/train", "--keep", "0", "--plan", "plan.json"]);
    let apply = ["prune", "--apply", "plan.json", "--yes"];
    for way in ["deny", "trap"] {
        scene.judging(way);
        scene.home().fails(AGAINST, &apply).says("policy `judge`");
        assert_eq!(scene.tags("train"), ["v1", "v2"], "{way}");
    }
    scene.judging("tell");
    let told = scene.home().ok(&apply);
    assert!(told.stderr.contains("removals=2") && told.stderr.contains("deleted 2 manifests"), "{told}");
    assert_eq!(scene.tags("train"), [""; 0]);
}

#[test]
fn a_copy_that_a_policy_is_against_sends_nothing() {
    let scene = Scene::new();
    let copy = ["copy", "dev/train:v1", "prod/other:v1"];
    for way in ["deny", "trap"] {
        scene.judging(way);
        scene.home().fails(AGAINST, &copy).says("policy `judge`");
        assert_eq!(scene.home().ok(&["repos", "prod"]).stdout, format!("{}/train\n", scene.prod.host), "{way}");
    }
    scene.judging("tell");
    let told = scene.home().ok(&copy);
    let source = format!("source=Some(\"{}/train@sha256:", scene.dev.host);
    assert!(told.stderr.contains("Action::Copy") && told.stderr.contains(&source), "{told}");
    assert_eq!(scene.tags("other"), ["v1"]);
}

#[test]
fn a_policy_is_asked_about_the_image_where_only_what_belongs_to_it_moves() {
    let scene = Scene::new();
    let copy = ["copy", "dev/train:v1", "prod/other:v1", "--referrers"];
    scene.judging("tell");
    scene.home().ok(&copy);
    fs::write(scene.home().path("note"), "seen").unwrap();
    let attached = scene.home().ok(&["attach", "dev/train:v1", "note", "--type", "application/x.note"]).stdout;
    let digest = attached.trim().split_once('@').unwrap().1.to_owned();
    scene.judging("deny");
    scene.home().fails(AGAINST, &copy).says("policy `judge`");
    scene.home().fails(3, &["digest", &format!("prod/other@{digest}")]);
    scene.judging("tell");
    let told = scene.home().ok(&copy);
    assert!(told.stderr.contains("Action::Copy"), "{told}");
    scene.home().ok(&["digest", &format!("prod/other@{digest}")]);
    // Where nothing moves, none is asked.
    scene.judging("deny");
    scene.home().ok(&copy);
}

#[test]
fn a_sync_that_a_policy_is_against_neither_copies_nor_deletes() {
    let scene = Scene::new();
    let mirror = "version: 1\nmirrors:\n  - source: dev\n    target: prod\n    repositories: [train]\n    exact: true\n    maxDeletes: 9\n";
    fs::write(scene.home().path("mirror.yaml"), mirror).unwrap();
    let sync = ["sync", "mirror.yaml", "-o", "json"];
    let digest = scene.home().ok(&["digest", "prod/train:v1"]).stdout;
    let refused = scene.home().run(&sync);
    assert!(refused.code != Some(0) && refused.stderr.contains("policy `judge`"), "{refused}");
    assert_eq!(
        (scene.tags("train"), scene.home().ok(&["digest", "prod/train:v1"]).stdout),
        (vec!["v1".to_owned(), "v2".to_owned()], digest)
    );
    // What it may copy it may still not delete.
    scene.home().ok(&["policy", "update", "judge", "--on", "delete"]);
    let refused = scene.home().run(&sync);
    assert!(refused.code != Some(0) && refused.stderr.contains("policy `judge`"), "{refused}");
    assert_eq!(scene.tags("train"), ["v1", "v2"]);
    assert_eq!(
        scene.home().ok(&["digest", "prod/train:v1"]).stdout,
        scene.home().ok(&["digest", "dev/train:v1"]).stdout
    );
    scene.judging("warn");
    let done = scene.home().ok(&sync).json();
    assert_eq!(done["repositories"][0]["deleted"], json!(["v2"]), "{done}");
}
