//! `--all` where something is wrong: with one image, with the names, with the registry, with the options.

use serde_json::json;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::Finished;
use crate::support::programs::registry::Registry;

fn small(seed: u64) -> Image {
    Image::small(seed, architecture())
}

/// A push of which a part failed: what was done is the result all the same.
#[track_caller]
fn fails_in_part(home: &Home, code: i32, arguments: &[&str]) -> Finished {
    let finished = home.run(arguments);
    assert_eq!(finished.code, Some(code), "{finished}");
    finished
}

#[test]
fn an_image_that_can_not_be_pushed_costs_the_others_nothing() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", &format!("{}/mirror", registry.host()));
    let [one, three] = [small(here!()), small(here!())];
    let long = format!("{}:v2", ["a"; 127].join("/"));
    let images = [
        ("a:v1", one.clone()),
        ("broken:v1", small(here!()).damaged()),
        (&*long, three.clone()),
        ("c:v1", three.clone()),
    ];
    let named: Vec<(&str, &Image)> = images.iter().map(|(name, image)| (*name, image)).collect();
    image_files::archive(&home.path("all.tar"), &named);
    let all = ["push", "docker-archive:all.tar", "--to", "local", "--all"];
    let failed = fails_in_part(&home, 1, &all);
    assert!(failed.stderr.contains("2 of 4 images were not pushed: `broken:v1`"), "{failed}");
    assert!(failed.stderr.contains("error: `broken:v1`: "), "{failed}");
    for (name, image) in [("a:v1", &one), ("c:v1", &three)] {
        skopeo::assert_same(registry.access(), &format!("{}/mirror/{name}", registry.host()), image);
    }
    assert_eq!(registry.tags(), 2);
    // Without the others, the kind of the one failure is that of all.
    let broken = fails_in_part(&home, 8, &[&all[..], &["--exclude", "v2", "-o", "json"]].concat());
    let told = broken.json();
    let codes: Vec<_> =
        told["images"].as_array().unwrap().iter().map(|one| &one["registries"][0]["error"]["code"]).collect();
    assert_eq!(codes, [&json!(null), &json!("verification"), &json!(null)]);
    assert_eq!(told["images"][0]["registries"][0]["unchanged"], true);
}

#[test]
fn a_registry_that_can_not_be_reached_is_not_tried_for_each_image() {
    let home = Home::new();
    home.register("gone", "localhost:1/a");
    image_files::archive(&home.path("all.tar"), &[("a:v1", &small(here!())), ("b:v1", &small(here!()))]);
    let all = ["push", "docker-archive:all.tar", "--to", "gone", "--all", "-o", "json"];
    let told = fails_in_part(&home, 6, &all).json();
    assert_eq!((told["images"].as_array().unwrap().len(), &told["notTried"]), (1, &json!(["b:v1"])));
}

#[test]
fn a_registry_of_several_that_can_not_be_reached_is_not_waited_for_with_each_image() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    home.register("gone", "localhost:1/a");
    let images = [small(here!()), small(here!()), small(here!())];
    let names = ["a:v1", "b:v1", "c:v1"];
    let named: Vec<(&str, &Image)> = names.into_iter().zip(&images).collect();
    image_files::archive(&home.path("all.tar"), &named);
    let all = ["push", "docker-archive:all.tar", "--to", "gone", "--to", "local", "--all", "-o", "json"];
    let told = fails_in_part(&home, 6, &all).json();
    let of_gone = |image: &serde_json::Value| image["registries"][0]["error"]["message"].as_str().unwrap().to_owned();
    let messages: Vec<String> = told["images"].as_array().unwrap().iter().map(of_gone).collect();
    assert!(messages[0].contains("can't be reached"), "{messages:?}");
    assert!(messages[1..].iter().all(|message| message.contains("is not tried for each")), "{messages:?}");
    for (name, image) in names.into_iter().zip(&images) {
        skopeo::assert_same(registry.access(), &format!("{}/{name}", registry.host()), image);
    }
}

#[test]
fn what_was_pushed_before_the_time_was_up_is_told() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let [one, large] = [small(here!()), Image::new(here!())];
    image_files::archive(&home.path("all.tar"), &[("a:v1", &one), ("b:v1", &large), ("c:v1", &one)]);
    let all = ["push", "docker-archive:all.tar", "--to", "local", "--all", "--timeout", "20s", "--limit-rate", "10K"];
    let told = fails_in_part(&home, 6, &[&all[..], &["-o", "json"]].concat()).json();
    assert_eq!((told["images"].as_array().unwrap().len(), &told["notTried"]), (2, &json!(["c:v1"])), "{told}");
    assert_eq!(told["images"][0]["registries"][0]["tagsMoved"], json!(["v1"]));
    assert!(told["images"][1].to_string().contains("has not ended within 20 seconds"), "{told}");
}

#[test]
fn names_that_leave_something_open_are_refused_before_anything_is_sent() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let (one, two) = (small(here!()), small(here!()));
    let refused = |code, archive: &[(&str, &Image)], more: &[&str], says: &str| {
        image_files::archive(&home.path("all.tar"), archive);
        home.fails(code, &[&["push", "docker-archive:all.tar", "--to", "local", "--all"], more].concat()).says(says)
    };
    refused(2, &[("a:v1", &one), ("a:v1", &two)], &[], "several images with the name `a:v1`");
    let same = refused(2, &[("quay.io/a:v1", &one), ("ghcr.io/a:v1", &two)], &[], "would both be");
    assert!(same.hint().contains("--exclude ghcr.io/a:v1"), "{}", *same);
    refused(2, &[("a:v1", &one), ("b:v1", &two)], &["--as", "x"], "would both be");
    refused(2, &[("a:v1", &one)], &["--as", "x:v2"], "the tag `v2` was given");
    refused(3, &[("a", &one), ("Upper:v1", &two)], &[], "no image with a name and a tag");
    refused(3, &[("a:v1", &one)], &["--include", "b:*"], "none of the 1 names");
    registry.assert_untouched();
    // What is excluded stands in nobody's way.
    image_files::archive(&home.path("all.tar"), &[("quay.io/a:v1", &one), ("ghcr.io/a:v1", &two)]);
    home.ok(&["push", "docker-archive:all.tar", "--to", "local", "--all", "--exclude", "ghcr.io/a:v1"]);
    skopeo::assert_same(registry.access(), &format!("{}/a:v1", registry.host()), &one);
    // One image under one name twice is one, whatever registries it was named for.
    image_files::archive(&home.path("all.tar"), &[("quay.io/c:v1", &two), ("ghcr.io/c:v1", &two)]);
    home.ok(&["push", "docker-archive:all.tar", "--to", "local", "--all"]);
    skopeo::assert_same(registry.access(), &format!("{}/c:v1", registry.host()), &two);
    image_files::archive(&home.path("all.tar"), &[("b:v1", &one), ("docker.io/library/b:v1", &one)]);
    home.fails(2, &["push", "docker-archive:all.tar", "--all", "--to", "nosuch/"]);
}

#[test]
fn a_file_says_no_registry_by_its_names() {
    let (home, registry) = (Home::new(), Registry::open());
    let name = format!("{}/acme/train:v1", registry.host());
    image_files::archive(&home.path("all.tar"), &[(&name, &small(here!()))]);
    home.fails(2, &["push", "docker-archive:all.tar", "--all"]).says("no registry was named");
    registry.assert_untouched();
    home.fails(2, &["push", "docker-archive:all.tar", "--all-tags"]).says("--as");
    home.ok(&["push", "docker-archive:all.tar", "--all", "--to", &format!("{}/acme", registry.host())]);
    assert!(skopeo::has(registry.access(), &name));
}

#[test]
fn options_for_one_image_are_refused_beside_several() {
    let home = Home::new();
    for all in ["--all", "--all-tags"] {
        for option in
            ["--tag=v1", "--digest-file=a", "--metadata-file=a", "--dotenv-file=a", "--sbom=a", "--all-or-none"]
        {
            home.fails(2, &["push", "train", all, option]).says(option.split('=').next().unwrap());
        }
    }
    for option in ["--include=v1", "--exclude=v1", "--shard=1/2"] {
        home.fails(2, &["push", "train", option]).says("--all");
    }
    home.fails(2, &["push", "train", "--all", "--shard=3/2"]).says("is no shard");
    home.fails(2, &["push", "train", "--all", "--include=[a"]).says("is no pattern");
}
