//! Repositories by name and by pattern, filters of tags, parts, and failures.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Scene, digest};
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::images::noise::here;
use crate::support::programs::written_repository::Repository;

#[test]
fn repositories_are_mirrored_by_name_by_pattern_and_with_their_own_filters() {
    let scene = Scene::new();
    let train = scene.push(here!(), "team/ml/train", &["v1.9.0", "v1.10.0", "v2.0.0", "v2.1.0-rc1", "latest"]);
    scene.push(here!(), "team/tmp/x", &["v1.0.0"]);
    scene.push(here!(), "other", &["1.2", "1.3"]);
    let file = scene.file(
        "repositories:\n  - 'team/**'\n  - path: other\n    as: renamed\n    tags: [1.2]\nexclude: ['team/tmp/*']\ntags:\n  semver: '>=1.9, <3'\n  newest: 2",
    );
    let report = scene.sync(&file, &[]);
    assert_eq!(report["repositories"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(scene.tags("team/ml/train"), ["v1.10.0", "v2.0.0"]);
    assert_eq!(scene.tags("renamed"), ["1.2"]);
    assert!(scene.tags("team/tmp/x").is_empty() && scene.tags("other").is_empty());
    assert_eq!(digest(&format!("{}/mirror/team/ml/train:v2.0.0", scene.prod.host)), train);
}

#[test]
fn a_second_run_does_what_is_missing_alone() {
    let scene = Scene::new();
    scene.push(here!(), "train", &["v1", "v2"]);
    let file = scene.file("repositories: [train]\nreferrers: false");
    assert_eq!(scene.sync(&file, &[])["copied"], 1);
    scene.push(here!(), "train", &["v3"]);
    let requests = scene.dev.requests_of(|| {
        let second = scene.sync(&file, &[]);
        assert_eq!((&second["copied"], &second["unchanged"]), (&1.into(), &1.into()), "{second}");
    });
    let heads = requests.iter().filter(|request| request.starts_with("HEAD ")).count();
    assert_eq!(heads, 3, "{requests:#?}");
    let manifests = requests.iter().filter(|request| request.starts_with("GET ") && request.contains("/manifests/"));
    assert_eq!(manifests.count(), 1, "{requests:#?}");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let scene = Scene::new();
    scene.push(here!(), "train", &["v1", "v2"]);
    let file = scene.file("repositories: [train]");
    let told = scene.home.ok(&["sync", &file, "--dry-run"]);
    assert!(told.stderr.contains("mirror/train:v1, v2: would be copied"), "{told}");
    assert!(scene.tags("train").is_empty());
}

#[test]
fn only_what_is_signed_is_mirrored_where_a_signature_is_wanted_and_nothing_is_made_for_the_rest() {
    let scene = Scene::new();
    scene.push(here!(), "signed", &["v1"]);
    scene.push(here!(), "unsigned", &["v1"]);
    let vector = |name: &str| format!("{}/../host/src/signature/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    scene.home.ok(&["sign", "dev/signed:v1", "--key", &vector("p256-pkcs8.key")]);
    let file =
        scene.file("repositories: [signed, unsigned]\nreferrers: false\ntags: ['v*']\nexact: true\nmaxDeletes: 9");
    let ended = scene.home.run(&["sync", &file, "--require-signature", &vector("p256.pub"), "-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.code, &report["failed"]), (Some(8), &1.into()), "{ended}");
    assert!(ended.stderr.contains("is not signed"), "{ended}");
    assert_eq!(scene.tags("signed"), ["v1"]);
    assert_eq!(scene.prod.ask("GET", "/v2/mirror/unsigned/tags/list").status, 404);
}

#[test]
fn one_repository_that_fails_does_not_stop_the_others() {
    let scene = Scene::new();
    scene.push(here!(), "good", &["v1"]);
    let file = scene.file("repositories: [absent, good, 'no/**', 'good:v9']");
    let (ended, report) = scene.fails(&file);
    assert_eq!((ended.code, &report["failed"]), (Some(3), &3.into()), "{ended}");
    assert!(ended.stderr.contains("3 of 4 repositories are not as the file says"), "{ended}");
    assert_eq!(scene.tags("good"), ["v1"]);
    let states: Vec<_> = report["repositories"].as_array().unwrap().iter().map(|one| &one["succeeded"]).collect();
    assert_eq!(states, [&serde_json::json!(false), &true.into(), &false.into(), &false.into()]);
}

#[test]
fn a_repository_that_is_listed_and_has_no_tags_is_left_out_and_one_that_the_file_names_is_a_failure() {
    let scene = Scene::new();
    scene.push(here!(), "good", &["v1"]);
    // As a first push that was refused leaves it.
    Repository { host: scene.dev.host(), name: "refused" }.blob("application/octet-stream", b"a blob");
    for tags in ["", "\ntags: [v1]"] {
        let report = scene.sync(&scene.file(&format!("repositories: ['*']{tags}")), &[]);
        assert_eq!((&report["failed"], report["repositories"].as_array().unwrap().len()), (&0.into(), 2), "{report}");
    }
    assert_eq!((scene.tags("good"), scene.tags("refused")), (vec!["v1".to_owned()], Vec::new()));
    let (_, report) = scene.fails(&scene.file("repositories: [refused]"));
    assert_eq!(report["failed"], 1, "{report}");
}

#[test]
fn a_dry_run_says_what_is_to_be_done_and_a_flavor_is_told_of_once() {
    let scene = Scene::new();
    for name in ["one", "other"] {
        scene.push(here!(), name, &["v1"]);
    }
    let to = &scene.prod.host;
    let file = format!("version: 1\nmirrors:\n  - source: dev\n    target: {to}/mirror\n    repositories: ['*']\n");
    let shown = scene.home.ok(&["sync", &scene.write(&file), "--dry-run"]);
    assert!(shown.stderr.contains("2 images to copy") && shown.stdout.contains("TO COPY"), "{shown}");
    scene.home.ok(&["registry", "remove", "prod"]);
    let done = scene.home.ok(&["sync", &scene.write(&file)]);
    assert!(done.stderr.contains("2 images copied") && done.stdout.contains("COPIED"), "{done}");
    assert_eq!(done.stderr.matches("using flavor `default`").count(), 1, "{done}");
}

#[test]
fn all_parts_together_are_the_whole() {
    let scene = Scene::new();
    let names = ["a", "b", "c", "d", "e", "f"];
    let image = scene.push(here!(), "a", &["v1"]);
    for name in &names[1..] {
        scene.home.ok(&["copy", "dev/a:v1", &format!("dev/{name}:v1")]);
    }
    let file = scene.file("repositories: ['*']");
    let mut done = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let report = scene.sync(&file, &["--shard", shard]);
        assert_eq!(report["shard"], shard);
        let part = report["repositories"].as_array().unwrap().iter();
        done.extend(part.map(|one| one["name"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned()));
    }
    done.sort();
    assert_eq!(done, names);
    for name in names {
        assert_eq!(digest(&format!("{}/mirror/{name}:v1", scene.prod.host)), image);
    }
    scene.home.fails(2, &["sync", &file, "--shard", "4/3"]).says("is no shard");
}

#[test]
fn a_registry_that_limits_requests_is_waited_for() {
    let scene = Scene::new();
    scene.push(here!(), "train", &["v1", "v2"]);
    let count = AtomicUsize::new(0);
    let proxy = deciding(scene.dev.host(), move |line| {
        let is_limited = line.contains("/train/") && count.fetch_add(1, Ordering::SeqCst).is_multiple_of(3);
        if is_limited { Fate::Gets(refusal("429 Too Many Requests", "")) } else { Fate::Passes }
    });
    let file = scene.write(&format!(
        "version: 1\nmirrors:\n  - source: localhost:{}\n    target: prod/mirror\n    repositories: [train]\n",
        proxy.port()
    ));
    scene.sync(&file, &[]);
    assert_eq!(scene.tags("train"), ["v1", "v2"]);
}
