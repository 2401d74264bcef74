//! Files with the result of a push, for the next program.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::Value;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// A registry, and a home with a layout of an image.
fn scene() -> (Home, Registry, Image) {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    (home, registry, image)
}

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "train"];

#[test]
fn files_tell_the_digest_and_what_was_pushed_also_when_nothing_changed() {
    let (home, registry, image) = scene();
    // One for all to read, and one behind a link.
    fs::write(home.path("elsewhere"), "old").unwrap();
    symlink(home.path("elsewhere"), home.path("metadata.json")).unwrap();
    for _ in 0..2 {
        let files = ["--tag", "latest", "--digest-file", "digest", "--metadata-file", "metadata.json"];
        let pushed = home.ok(&[&PUSH[..], &files, &["-o", "json"]].concat()).json();
        assert_eq!(pushed["digest"], fs::read_to_string(home.path("digest")).unwrap());
        let metadata: Value = serde_json::from_slice(&fs::read(home.path("elsewhere")).unwrap()).unwrap();
        assert_eq!(metadata["containerimage.digest"], pushed["digest"]);
        assert_eq!(metadata["containerimage.descriptor"]["digest"], pushed["digest"]);
        assert_eq!(metadata["containerimage.descriptor"]["mediaType"], pushed["mediaType"]);
        assert_eq!(metadata["containerimage.config.digest"], image.config_digest());
        let name = format!("{}/train", registry.host());
        assert_eq!(metadata["image.name"], format!("{name}:v1,{name}:latest"));
        let mode = fs::metadata(home.path("digest")).unwrap().permissions().mode();
        assert_eq!(mode & 0o400, 0o400);
        assert!(fs::symlink_metadata(home.path("metadata.json")).unwrap().is_symlink());
        fs::remove_file(home.path("digest")).unwrap();
    }
}

#[test]
fn a_file_that_cannot_be_written_is_found_before_anything_is_asked() {
    let (home, registry, _) = scene();
    for file in ["nowhere/digest", "layout"] {
        home.fails(2, &[&PUSH[..], &["--digest-file", file]].concat()).says(file);
    }
    assert!(registry.requests().is_empty());
}

#[test]
fn a_push_that_fails_leaves_files_as_they_were() {
    let (home, mut registry, _) = scene();
    fs::write(home.path("digest"), "old").unwrap();
    registry.stop();
    home.fails(6, &[&PUSH[..], &["--digest-file", "digest"]].concat());
    assert_eq!(fs::read_to_string(home.path("digest")).unwrap(), "old");
    assert!(
        !fs::read_dir(home.path(""))
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_string_lossy().starts_with(".tmp") })
    );
}
