//! Jobs as a cluster runs them: pods without rights, each with its number, of which one may be lost.

use std::collections::BTreeSet;
use std::fs;

use crate::support::eventually::eventually;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::dist::OwnImage;
use crate::support::programs::pod::Pod;
use crate::support::programs::process::{self, Running};
use crate::support::programs::registry::Registry;

/// Names of repositories, in each of three parts some.
const REPOSITORIES: [&str; 7] = ["a", "b", "team/c", "team/d", "e", "f", "g"];

/// All tags of mirrored repositories with their digests.
fn state(home: &Home, registry: &str) -> BTreeSet<String> {
    let of_repository = |repository: &&str| {
        let name = format!("{registry}/mirror/{repository}");
        let tags = home.ok(&["tags", &name, "-o", "name"]).stdout;
        let line = |tag: &str| {
            let tag = tag.rsplit(':').next().unwrap();
            let digest = home.ok(&["digest", &format!("{name}:{tag}")]).stdout;
            format!("{repository}:{tag} {}", digest.trim())
        };
        tags.lines().map(line).collect::<Vec<_>>()
    };
    REPOSITORIES.iter().flat_map(of_repository).collect()
}

#[test]
fn pods_of_a_job_leave_what_one_run_leaves_though_one_is_killed_and_run_again() {
    let (source, whole, parts) = (Registry::open(), Registry::open(), Registry::open());
    let (image, home) = (OwnImage::loaded(), Home::new());
    let registry = |name: &str, registry: &Registry| {
        format!("[registries.{name}]\nflavor = 'default'\nuri = '{}'\n", registry.host())
    };
    let all = [registry("source", &source), registry("whole", &whole), registry("parts", &parts)];
    fs::write(home.path("crhost.toml"), format!("version = 1\n{}", all.concat())).unwrap();
    home.ok(&["apply", "--yes"]);
    for (number, repository) in (0_u64..).zip(REPOSITORIES) {
        let one = Image::small(here!() + number, architecture());
        let layout = home.path(&format!("layout-{number}"));
        image_files::layout(&layout, &[("x", &one)]);
        for tag in ["v1", "latest"] {
            let name = format!("{repository}:{tag}");
            home.ok(&["push", &format!("oci:{}", layout.display()), "--to", "source", "--as", &name]);
        }
    }
    let mirror = |target: &str| {
        let names = REPOSITORIES.join(", ");
        let text =
            format!("version: 1\nmirrors:\n  - {{source: source, target: {target}/mirror, repositories: [{names}]}}\n");
        fs::write(home.path(&format!("{target}.yaml")), text).unwrap();
    };
    ["whole", "parts"].into_iter().for_each(mirror);
    home.ok(&["sync", "whole.yaml"]);

    let words = ["--shards", "3", "sync", "parts.yaml", "--config", "crhost.toml", "-o", "json"];
    let pod = Pod::rendered(&home, &image, &words);
    let container = |index: &str, round: &str| {
        let name = format!("crhost-{}-{index}-{round}", parts.host().replace(':', "-"));
        (pod.container(&image, &name, &[("JOB_COMPLETION_INDEX", index)]), name)
    };
    let (mut first, name) = container("1", "lost");
    let lost = Running::start(&mut first);
    eventually("the pod runs", || {
        let running = process::tool("docker", ["ps", "--quiet", "--filter", &format!("name={name}")]);
        (!running.stdout.is_empty()).then_some(())
    });
    process::tool("docker", ["kill", &name]);
    lost.end();
    let mut copied = 0;
    for index in ["0", "1", "2"] {
        let report = process::run(&mut container(index, "again").0).ok().json();
        copied += report["repositories"].as_array().unwrap().len();
    }
    assert_eq!(copied, REPOSITORIES.len(), "each repository is in one part");
    assert_eq!(state(&home, "parts"), state(&home, "whole"));
    assert_eq!(state(&home, "parts").len(), 2 * REPOSITORIES.len());
}
