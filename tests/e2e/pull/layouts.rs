//! Pulls into OCI layouts.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use serde_json::Value;

use super::{Scene, push};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::process;

fn names(layout: &Path) -> BTreeSet<String> {
    let index: Value = serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap();
    let entries = index["manifests"].as_array().unwrap().iter();
    entries.map(|entry| entry["annotations"]["org.opencontainers.image.ref.name"].to_string()).collect()
}

#[test]
fn a_layout_has_the_image_byte_for_byte_and_can_be_pushed_again() {
    let scene = Scene::new(here!());
    let layout = scene.path("layout");
    let pulled = scene.home.ok(&["pull", "dev/train:v1", &format!("oci:{layout}")]);
    assert_eq!(pulled.stdout, format!("{}/train@{}\n", scene.registry.host(), scene.digest));
    let source = format!("oci:{layout}:v1");
    skopeo::assert_same_here(&source, &scene.image);
    assert_eq!(skopeo::digest_here(&source), scene.digest);
    let again = scene.home.ok(&["push", &source, "--to", "dev", "--as", "copy:v1"]);
    assert!(again.stdout.ends_with(&format!("{}\n", scene.digest)), "{again}");
    // A registry that is not registered, and an image by its digest.
    let name = format!("{}/train@{}", scene.registry.host(), scene.digest);
    let json = scene.home.ok(&["pull", &name, &format!("oci:{}", scene.path("other")), "-o", "json"]).json();
    assert_eq!(json["digest"], scene.digest.as_str());
    assert_eq!(json["registry"], "dev");
    skopeo::assert_same_here(&format!("oci:{}", scene.path("other")), &scene.image);
}

#[test]
fn layers_that_a_layout_has_are_verified_and_not_received_again() {
    let scene = Scene::new(here!());
    let layout = scene.path("layout");
    let pull = || scene.home.ok(&["pull", "dev/train:v1", &format!("oci:{layout}"), "-o", "json"]).json();
    let blobs = || {
        let asked = scene.registry.requests();
        asked.iter().filter(|line| line.starts_with("GET ") && line.contains("/blobs/")).count()
    };
    let first = pull();
    let before = blobs();
    let again = pull();
    assert_eq!(again["bytesReceived"], 0);
    // The configuration alone.
    assert_eq!(blobs(), before + 1);
    let layer = first["layers"][0]["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let blob = scene.home.path("layout/blobs/sha256").join(layer);
    let mut bytes = fs::read(&blob).unwrap();
    bytes[100] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let mended = pull();
    let outcomes: Vec<&str> =
        mended["layers"].as_array().unwrap().iter().map(|layer| layer["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "pulled").count(), 1, "{outcomes:?}");
    skopeo::assert_same_here(&format!("oci:{layout}:v1"), &scene.image);
}

#[test]
fn eight_pulls_at_once_share_a_layout_with_what_other_tools_put_there() {
    let scene = Scene::new(here!());
    let layout = scene.path("layout");
    let images: Vec<Image> = (0..4).map(|number| scene.image.with_another_top(here!() + number)).collect();
    for (number, image) in images.iter().enumerate() {
        push(&scene.home, image, "train", &format!("top-{number}"));
    }
    let from = format!("docker://{}/train:v1", scene.registry.host());
    let skopeo = ["copy", "--src-tls-verify=false", &from, &format!("oci:{layout}:by-skopeo")];
    process::run(std::process::Command::new("skopeo").arg("--insecure-policy").args(skopeo)).ok();
    thread::scope(|scope| {
        for number in 0..8 {
            let (scene, layout) = (&scene, &layout);
            scope.spawn(move || {
                let name = format!("dev/train:top-{}", number % 4);
                scene.home.ok(&["pull", &name, &format!("oci:{layout}")]);
            });
        }
    });
    assert_eq!(names(&scene.home.path("layout")).len(), 5);
    skopeo::assert_same_here(&format!("oci:{layout}:by-skopeo"), &scene.image);
    for (number, image) in images.iter().enumerate() {
        skopeo::assert_same_here(&format!("oci:{layout}:top-{number}"), image);
    }
    let rest = fs::read_dir(&layout).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(rest.collect::<BTreeSet<_>>(), ["blobs", "index.json", "oci-layout"].map(str::to_owned).into());
}

#[test]
fn of_an_index_one_image_or_all_are_pulled() {
    let scene = Scene::new(here!());
    let other = if architecture() == "arm64" { "amd64" } else { "arm64" };
    let images = [architecture(), other].map(|architecture| (architecture, Image::small(here!(), architecture)));
    let [own, foreign] = &images;
    image_files::multi_platform_layout(&scene.home.path("many"), "v1", &[(own.0, &own.1), (foreign.0, &foreign.1)]);
    let pushed = scene.home.ok(&["push", "oci:many:v1", "--to", "dev", "--as", "many:v1", "--all-platforms"]);
    let index = pushed.stdout.trim().rsplit_once('@').unwrap().1.to_owned();
    let pull = |to: &str, options: &[&str]| {
        let destination = format!("oci:{}", scene.path(to));
        let words = [&["pull", "dev/many:v1", &destination, "-o", "json"], options].concat();
        scene.home.ok(&words).json()
    };
    let whole = pull("whole", &["--all-platforms"]);
    assert_eq!(whole["digest"], index.as_str());
    assert_eq!(skopeo::digest_here(&format!("oci:{}:v1", scene.path("whole"))), index);
    let copy = ["copy", "--all", &format!("oci:{}:v1", scene.path("whole")), &format!("dir:{}", scene.path("dir"))];
    process::run(std::process::Command::new("skopeo").arg("--insecure-policy").args(copy)).ok();
    let one = pull("one", &["--platform", &format!("linux/{other}")]);
    assert_eq!((&one["index"], &one["platform"]), (&index.as_str().into(), &format!("linux/{other}").into()));
    skopeo::assert_same_here(&format!("oci:{}:v1", scene.path("one")), &foreign.1);
    let mine = pull("mine", &[]);
    assert_eq!(mine["platform"], format!("linux/{}", architecture()));
    let refused = scene.home.fails(3, &["pull", "dev/many:v1", "oci:none", "--platform", "linux/s390x"]);
    assert!(refused.hint().contains("linux/"), "{}", *refused);
    assert!(!scene.home.path("none").exists());
}

#[test]
fn what_is_no_layout_or_can_not_be_written_stays_as_it_is() {
    let scene = Scene::new(here!());
    fs::write(scene.home.path("file"), "mine").unwrap();
    fs::create_dir(scene.home.path("directory")).unwrap();
    fs::write(scene.home.path("directory/mine"), "mine").unwrap();
    for (destination, words) in [
        ("oci:file", "is a file, and no directory"),
        ("oci:directory", "has other files, and is no OCI layout"),
        ("docker-archive:directory", "is a directory, and no file"),
        ("docker-archive:missing/x.tar", "can't be written"),
        ("oci:/proc/layout", "can't be written"),
        ("oci:/dev/null", "is a file, and no directory"),
    ] {
        let failed = scene.home.run(&["pull", "dev/train:v1", destination]);
        assert!(failed.code != Some(0) && failed.stderr.contains(words), "{destination}: {failed}");
    }
    assert_eq!(fs::read_to_string(scene.home.path("file")).unwrap(), "mine");
    assert_eq!(fs::read_dir(scene.home.path("directory")).unwrap().count(), 1);
    // The index of a layout is damaged.
    scene.home.ok(&["pull", "dev/train:v1", "oci:layout"]);
    fs::write(scene.home.path("layout/index.json"), "{").unwrap();
    let failed = scene.home.fails(1, &["pull", "dev/train:v1", "oci:layout"]);
    assert!(failed.error().contains("no index of an OCI layout"), "{}", *failed);
    assert_eq!(fs::read_to_string(scene.home.path("layout/index.json")).unwrap(), "{");
}

#[test]
fn others_may_read_what_the_umask_lets_them() {
    let scene = Scene::new(here!());
    scene.home.ok(&["pull", "dev/train:v1", "oci:layout"]);
    fs::write(scene.home.path("usual"), "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    let usual = mode(&scene.home.path("usual"));
    let layout = scene.home.path("layout");
    let blobs = fs::read_dir(layout.join("blobs/sha256")).unwrap().map(|blob| blob.unwrap().path());
    for file in blobs.chain([layout.join("index.json"), layout.join("oci-layout")]) {
        assert_eq!(mode(&file), usual, "{}", file.display());
    }
}
