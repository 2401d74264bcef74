//! Files that are attached to images, and how they are found again.

use std::fs;

use super::{SBOM, pushed, tag_of, vector};
use crate::support::fakes::referrers_registry::{Habits, ReferrersRegistry};
use crate::support::judges::skopeo;
use crate::support::programs::process::{self, Running};
use crate::support::programs::registry::Registry;
use crate::support::programs::serve::Serve;

#[test]
fn a_registry_without_the_referrers_api_gets_the_list_as_a_tag_also_from_several_processes_at_once() {
    let registry = Registry::open();
    let (home, image) = pushed(registry.host());
    let attached = home.ok(&["attach", "local/train:v1", "sbom.json", "-o", "json"]).json();
    assert_eq!((&attached["artifactType"], &attached["subject"]), (&"application/spdx+json".into(), &image.into()));
    let running: Vec<Running> = (0..4)
        .map(|number| {
            let file = format!("report{number}");
            fs::write(home.path(&file), &file).unwrap();
            Running::start(&mut home.command(&["attach", "local/train:v1", &file, "--type", "application/x.report"]))
        })
        .collect();
    for attaching in running {
        attaching.end().ok();
    }
    let listed = home.ok(&["referrers", "local/train:v1", "-o", "json"]).json();
    assert_eq!(listed["listedBy"], "tag");
    assert_eq!(listed["referrers"].as_array().unwrap().len(), 5, "{listed:#}");
    let sboms = home.ok(&["referrers", "local/train:v1", "--type", "spdx-json", "--jq", ".referrers[].digest"]);
    assert_eq!(sboms.stdout.trim(), attached["digest"].as_str().unwrap());
    // What another client sees there: an index of OCI, with the artifact's type.
    let tag = tag_of(listed["name"].as_str().unwrap(), "");
    let layers = skopeo::raw(registry.access(), &format!("{}/train:{tag}", registry.host()));
    assert_eq!(layers["mediaType"], "application/vnd.oci.image.index.v1+json");
    assert_eq!(layers["manifests"][0]["artifactType"], "application/spdx+json");
}

#[test]
fn an_artifact_has_the_file_its_type_and_the_image_and_is_attached_once() {
    let registry = ReferrersRegistry::start(Habits { lists: true, ..Habits::default() });
    let (home, image) = pushed(&registry.host());
    let arguments = ["attach", "local/train:v1", "sbom.json", "--annotation", "org.example.tool=syft", "-o", "json"];
    let attached = home.ok(&arguments).json();
    let manifest = registry.manifest(attached["digest"].as_str().unwrap());
    assert_eq!(manifest["artifactType"], "application/spdx+json");
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.oci.empty.v1+json");
    assert_eq!(manifest["layers"][0]["annotations"]["org.opencontainers.image.title"], "sbom.json");
    assert_eq!(manifest["layers"][0]["size"], SBOM.len());
    assert_eq!(manifest["annotations"]["org.example.tool"], "syft");
    assert_eq!(manifest["subject"]["digest"], image.split_once('@').unwrap().1);
    assert!(registry.names().iter().all(|name| !name.starts_with("sha256-")), "the registry lists by itself");
    let again = home.ok(&arguments).json();
    assert_eq!((&again["unchanged"], &again["digest"]), (&true.into(), &attached["digest"]));
}

#[test]
fn what_a_pipe_gives_is_attached_without_a_name() {
    let registry = ReferrersRegistry::start(Habits { lists: true, ..Habits::default() });
    let (home, _) = pushed(&registry.host());
    let (code, name, said) = process::with_input(&mut home.command(&["attach", "local/train:v1", "-"]), SBOM);
    assert_eq!(code, 0, "{said}");
    let manifest = registry.manifest(name.trim().split_once('@').unwrap().1);
    assert_eq!(manifest["artifactType"], "application/spdx+json");
    assert_eq!(manifest["layers"][0]["size"], SBOM.len());
    assert!(manifest["layers"][0]["annotations"].is_null(), "{manifest:#}");
    let (code, _, said) = process::with_input(&mut home.command(&["attach", "local/train:v1", "-"]), "");
    assert!(code == 2 && said.contains("`-`"), "{code}: {said}");
}

#[test]
fn a_registry_of_before_oci_1_1_gets_the_type_as_that_of_the_configuration() {
    let registry = ReferrersRegistry::start(Habits { refuses_artifact_type: true, ..Habits::default() });
    let (home, _) = pushed(&registry.host());
    let attached = home.ok(&["attach", "local/train:v1", "sbom.json", "-o", "json"]).json();
    let manifest = registry.manifest(attached["digest"].as_str().unwrap());
    assert_eq!(
        (&manifest["artifactType"], &manifest["config"]["mediaType"]),
        (&serde_json::Value::Null, &"application/spdx+json".into())
    );
    let listed = home.ok(&["referrers", "local/train:v1", "--type", "spdx-json", "-o", "json"]).json();
    assert_eq!(listed["referrers"].as_array().unwrap().len(), 1, "{listed:#}");
}

#[test]
fn ten_thousand_referrers_come_in_pages_and_one_that_is_the_image_itself_makes_no_loop() {
    let habits = Habits { lists: true, page: 1_000, further: 10_000, lists_itself: true, ..Habits::default() };
    let registry = ReferrersRegistry::start(habits);
    let (home, _) = pushed(&registry.host());
    let listed = home.ok(&["referrers", "local/train:v1", "-o", "json"]);
    let document = listed.json();
    assert_eq!((document["referrers"].as_array().unwrap().len(), &document["complete"]), (10_000, &true.into()));
    assert!(listed.memory < 100 << 20, "{} bytes", listed.memory);
    let tree = home.ok(&["referrers", "local/train:v1", "--tree", "-o", "json"]).json();
    assert_eq!(tree["complete"], false, "a tree of as many is cut");
}

#[test]
fn a_tree_shows_what_belongs_to_what_belongs_to_an_image() {
    let serve = Serve::start();
    let (home, image) = pushed(&serve.host);
    let sbom = home.ok(&["attach", "local/train:v1", "sbom.json"]).stdout.trim().to_owned();
    fs::write(home.path("note"), "seen").unwrap();
    let note = home.ok(&["attach", &sbom, "note", "--type", "application/x.note"]).stdout.trim().to_owned();
    let digest = |name: &str| name.split_once('@').unwrap().1.to_owned();
    let tree = home.ok(&["referrers", "local/train:v1", "--tree"]).stdout;
    let expected = format!(
        "{image}\n└── application/spdx+json  {}\n    └── application/x.note  {}\n",
        digest(&sbom),
        digest(&note)
    );
    assert_eq!(tree, expected);
}

#[test]
fn a_signature_under_cosigns_tag_of_what_is_attached_is_in_the_tree_and_told_of_before_a_deletion() {
    let serve = Serve::start();
    let (home, image) = pushed(&serve.host);
    let sbom = home.ok(&["attach", "local/train:v1", "sbom.json"]).stdout.trim().to_owned();
    let signature = serve.tag("train", &tag_of(&sbom, ".sig"), &serve.image("train", "signature"));
    let sbom = sbom.split_once('@').unwrap().1;
    let tree = home.ok(&["referrers", "local/train:v1", "--tree"]).stdout;
    let [name, first, second] = tree.lines().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(name, image);
    assert!(first.starts_with("└── ") && first.ends_with(sbom), "{tree}");
    assert!(second.starts_with("    └── ") && second.ends_with(&signature), "{tree}");
    let told = home.ok(&["delete", &image, "--dry-run", "-o", "json"]);
    assert_eq!(told.json()["deleted"][0]["referrers"], serde_json::json!([sbom, signature]), "{told}");
    assert!(told.stderr.contains(&signature), "{told}");
}

#[test]
fn an_image_under_the_tag_of_its_own_referrers_is_not_replaced() {
    let registry = Registry::open();
    let (home, image) = pushed(registry.host());
    let tag = tag_of(&image, "");
    home.ok(&["tag", "local/train:v1", &tag]);
    home.fails(5, &["attach", "local/train:v1", "sbom.json"]).says("has something else");
    let kept = home.ok(&["digest", &format!("local/train:{tag}")]).stdout;
    assert_eq!(kept.trim(), image.split_once('@').unwrap().1);
}

#[test]
fn a_long_list_of_what_a_deletion_leaves_is_told_in_a_line_and_is_whole_in_json() {
    let registry = ReferrersRegistry::start(Habits { lists: true, further: 1_000, ..Habits::default() });
    let (home, image) = pushed(&registry.host());
    let told = home.ok(&["delete", &image, "--dry-run"]);
    assert!(told.stderr.contains(", and 990 more") && told.stderr.len() < 4_000, "{told}");
    let json = home.ok(&["delete", &image, "--dry-run", "-o", "json"]).json();
    assert_eq!(json["deleted"][0]["referrers"].as_array().unwrap().len(), 1_000);
}

/// As GitLab's, whose parts were taken for referrers by other clients.
#[test]
fn an_image_that_a_registry_answers_for_the_tag_of_its_referrers_has_none() {
    let registry = ReferrersRegistry::start(Habits { takes_tags_for_digests: true, ..Habits::default() });
    let (home, _) = pushed(&registry.host());
    let listed = home.ok(&["referrers", "local/train:v1", "-o", "json"]).json();
    assert_eq!((&listed["listedBy"], listed["referrers"].as_array().unwrap().len()), (&"nothing".into(), 0));
}

#[test]
fn what_can_t_be_attached_is_refused_before_anything_is_sent() {
    let registry = Registry::open();
    let (home, _) = pushed(registry.host());
    fs::write(home.path("empty"), "").unwrap();
    fs::write(home.path("text"), "some text").unwrap();
    assert!(process::run(home.other("mkfifo").arg("pipe")).code == Some(0));
    let requests = registry.requests_of(|| {
        home.fails(3, &["attach", "local/train:v1", "absent"]).says("there is no file `absent`");
        // Opening it would wait for a writer that never comes.
        home.fails(2, &["attach", "local/train:v1", "pipe"]).says("it is no file");
        home.fails(2, &["attach", "local/train:v1", "."]).says("it is no file");
        home.fails(2, &["attach", "local/train:v1", "empty", "--type", "spdx-json"]).says("is empty");
        home.fails(2, &["attach", "local/train:v1", "text"]).says("`--type spdx-json`");
        home.fails(2, &["attach", "local/train:v1", "text", "--type", "no type"]).says("media type");
    });
    assert_eq!(requests, [""; 0]);
    home.fails(3, &["attach", "local/train:v9", "sbom.json"]).says("train:v9");
}

#[test]
fn a_read_only_registry_says_so() {
    let registry = ReferrersRegistry::start(Habits::default());
    let (home, _) = pushed(&registry.host());
    registry.make_read_only();
    home.fails(1, &["attach", "local/train:v1", "sbom.json"]).says("405");
    home.fails(1, &["sign", "local/train:v1", "--key", &vector("p256-pkcs8.key")]).says("405");
}
