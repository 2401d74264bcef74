//! Work in parts: each part can run anywhere and again, and all of them leave what one run leaves.

use std::collections::BTreeSet;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::serve::Serve;
use crate::support::programs::written_repository::Repository;

const OLD: &str = "2024-01-01T00:00:00Z";
const NEW: &str = "2026-01-01T00:00:00Z";

/// A home with a registry `dev`, and several tags of a repository in it, two of one image.
fn scene() -> (Registry, Home) {
    let (registry, home) = (Registry::open(), Home::new());
    home.register("dev", registry.host());
    let images = [here!(), here!(), here!()].map(|seed| Image::small(seed, architecture()));
    image_files::layout(&home.path("layout"), &[("a", &images[0]), ("b", &images[1]), ("c", &images[2])]);
    for (source, tags) in [("a", &["v1", "latest"][..]), ("b", &["v2", "v2.1"]), ("c", &["v3", "edge", "nightly"])] {
        for tag in tags {
            home.ok(&["push", &format!("oci:layout:{source}"), "--to", "dev", "--as", &format!("train:{tag}")]);
        }
    }
    (registry, home)
}

/// The tags of a repository with their digests.
fn state(home: &Home, repository: &str) -> BTreeSet<(String, String)> {
    let tags = home.ok(&["tags", repository, "-o", "name"]).stdout;
    let tag = |line: &str| line.rsplit(':').next().unwrap().to_owned();
    let digest = |tag: &str| home.ok(&["digest", &format!("{repository}:{tag}")]).stdout.trim().to_owned();
    tags.lines().map(tag).map(|tag| (tag.clone(), digest(&tag))).collect()
}

#[test]
fn the_parts_of_a_copy_of_all_tags_leave_what_one_run_leaves() {
    let (_registry, mut home) = scene();
    home.ok(&["copy", "dev/train", "dev/whole", "--all-tags"]);
    let mut copied = 0;
    for index in 0..3 {
        home.set("JOB_COMPLETION_INDEX", index.to_string());
        let part = home.ok(&["copy", "dev/train", "dev/parts", "--all-tags", "--shard", "job/3", "-o", "json"]).json();
        copied +=
            part["images"].as_array().unwrap().iter().map(|one| one["tags"].as_array().unwrap().len()).sum::<usize>();
        // Again, as after a pod that was lost: nothing is left to do.
        let word = format!("{}/3", index + 1);
        home.ok(&["copy", "dev/train", "dev/parts", "--all-tags", "--shard", &word]);
    }
    assert_eq!(copied, 7, "each tag is in one part");
    assert_eq!(state(&home, "dev/parts"), state(&home, "dev/whole"));
    // More parts than tags: those without any have nothing to do.
    for number in 1..=20 {
        home.ok(&["copy", "dev/train", "dev/many", "--all-tags", "--shard", &format!("{number}/20")]);
    }
    assert_eq!(state(&home, "dev/many"), state(&home, "dev/whole"));
}

#[test]
fn the_parts_of_a_clean_up_leave_what_one_run_leaves() {
    let names = ["a", "team/b", "team/c", "d", "e"];
    let fill = |host: &str| {
        for name in names {
            let repository = Repository { host, name };
            repository.image(Some("old"), &format!("old {name}"), OLD);
            repository.image(Some("new"), &format!("new {name}"), NEW);
        }
    };
    let (whole, parts, home) = (Registry::deleting(), Serve::start(), Home::new());
    home.register("whole", whole.host());
    home.register("parts", &parts.host);
    fill(whole.host());
    fill(&parts.host);
    let rules = ["--keep", "1", "--plan"];
    home.ok(&[&["prune", "whole"][..], &rules, &["whole.json"]].concat());
    home.ok(&["prune", "--apply", "whole.json", "--yes"]);
    let mut looked_at = 0;
    for number in 1..=3 {
        let (shard, file) = (format!("{number}/3"), format!("{number}.json"));
        let plan =
            home.ok(&[&["prune", "parts", "--shard", &shard, "-o", "json"][..], &rules, &[&file]].concat()).json();
        looked_at += plan["repositories"].as_array().unwrap().len();
        home.ok(&["prune", "--apply", &file, "--yes", "--shard", &shard]);
        home.ok(&["prune", "--apply", &file, "--yes", "--shard", &shard]);
    }
    assert_eq!(looked_at, names.len());
    for name in names {
        let left = |host: &str| ["old", "new"].map(|tag| Repository { host, name }.has(tag));
        assert_eq!(left(&parts.host), [false, true], "{name}");
        assert_eq!(left(whole.host()), [false, true], "{name}");
    }
}

#[test]
fn one_plan_is_carried_out_in_parts() {
    let (registry, home) = (Registry::deleting(), Home::new());
    let host = registry.host();
    home.register("prod", host);
    for name in ["a", "b", "c", "d"] {
        Repository { host, name }.image(Some("old"), &format!("old {name}"), OLD);
        Repository { host, name }.image(Some("new"), &format!("new {name}"), NEW);
    }
    home.ok(&["prune", "prod", "--keep", "1", "--plan", "plan.json"]);
    let mut deleted = 0;
    for shard in ["1/2", "2/2"] {
        let done = home.ok(&["prune", "--apply", "plan.json", "--yes", "--shard", shard, "-o", "json"]).json();
        deleted += done["deleted"].as_array().unwrap().len();
    }
    assert_eq!(deleted, 4);
}

#[test]
fn a_part_of_a_job_needs_the_number_of_its_pod() {
    let (_registry, mut home) = scene();
    let words = ["copy", "dev/train", "dev/x", "--all-tags", "--shard", "job/3"];
    home.fails(2, &words).says("`JOB_COMPLETION_INDEX` is not set");
    for index in ["3", "-1", "x"] {
        home.set("JOB_COMPLETION_INDEX", index);
        home.fails(2, &words).says("expected 0 to 2");
    }
    home.fails(2, &["copy", "dev/train", "dev/x", "--all-tags", "--shard", "job/0"]).says("is no shard");
}

#[test]
fn the_parts_of_a_push_of_several_images_leave_what_one_run_leaves() {
    let (registry, mut home) = (Registry::open(), Home::new());
    home.register("whole", &format!("{}/whole", registry.host()));
    home.register("parts", &format!("{}/parts", registry.host()));
    let images: Vec<Image> = (0..6).map(|number| Image::small(here!() + number, architecture())).collect();
    let names: Vec<String> = (0..6).map(|number| format!("team/app-{}:v{number}", number % 4)).collect();
    let named: Vec<(&str, &Image)> = names.iter().map(String::as_str).zip(&images).collect();
    image_files::archive(&home.path("all.tar"), &named);
    let push = |home: &Home, to: &str, more: &[&str]| {
        let words = ["push", "docker-archive:all.tar", "--all", "--to", to, "-o", "json"];
        home.ok(&[&words[..], more].concat()).json()
    };
    push(&home, "whole", &[]);
    let mut repositories: Vec<BTreeSet<String>> = Vec::new();
    let mut pushed = 0;
    for index in 0..3 {
        home.set("JOB_COMPLETION_INDEX", index.to_string());
        let part = push(&home, "parts", &["--shard", "job/3"]);
        let images = part["images"].as_array().unwrap();
        assert_eq!(images.len() + usize::try_from(part["inOtherShards"].as_u64().unwrap()).unwrap(), names.len());
        pushed += images.len();
        let repository =
            |image: &serde_json::Value| image["source"].as_str().unwrap().split(':').next().unwrap().to_owned();
        repositories.push(images.iter().map(repository).collect());
        // Again, as after a pod that was lost: nothing is left to do.
        let again = push(&home, "parts", &["--shard", &format!("{}/3", index + 1)]);
        let unchanged = |image: &serde_json::Value| image["registries"][0]["unchanged"] == true;
        assert!(again["images"].as_array().unwrap().iter().all(unchanged), "{again}");
    }
    assert_eq!(pushed, names.len(), "each image is in one part");
    assert_eq!(repositories.iter().map(BTreeSet::len).sum::<usize>(), 4, "each repository is in one part");
    for number in 0..4 {
        let of = |name: &str| state(&home, &format!("{name}/team/app-{number}"));
        assert_eq!(of("parts"), of("whole"));
    }
    // Of one repository, each tag is in one part.
    let tags: Vec<String> = (0..6).map(|number| format!("train:v{number}")).collect();
    let named: Vec<(&str, &Image)> = tags.iter().map(String::as_str).zip(&images).collect();
    image_files::archive(&home.path("all.tar"), &named);
    for number in 1..=3 {
        let part = push(&home, "parts", &["--shard", &format!("{number}/3")]);
        assert!((1..5).contains(&part["images"].as_array().unwrap().len()), "{part}");
    }
    assert_eq!(state(&home, "parts/train").len(), 6);
}
