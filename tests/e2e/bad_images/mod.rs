//! Images that are missing or damaged. None of them gets a tag.

mod bombs;
mod links;

use std::fs::{self, OpenOptions};
use std::path::Path;

use crate::support::images::digest;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon;
use crate::support::programs::registry::Registry;

/// A home with a registry, the registry, and an image in all forms of files.
fn setting() -> (Home, Registry, Image) {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::new(here!()));
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
    (home, registry, image)
}

/// Pushes a source that can't be pushed, and expects no tag.
#[track_caller]
fn assert_refused(home: &Home, registry: &Registry, code: i32, source: &str, words: &str) {
    home.fails(code, &["push", source, "--to", "local", "--as", "train:v1"]).says(words);
    assert_eq!(registry.tags(), 0, "a half tag for {source}");
}

fn cut(file: &Path, size: u64) {
    OpenOptions::new().write(true).open(file).unwrap().set_len(size).unwrap();
}

#[test]
fn an_image_that_the_daemon_does_not_have_is_not_found() {
    daemon::ensure_daemon();
    let (home, registry, _) = setting();
    let name = format!("{}/nowhere:v1", registry.host());
    assert_refused(&home, &registry, 3, &name, &name);
}

#[test]
fn without_a_daemon_the_endpoints_are_named() {
    let (mut home, registry, _) = setting();
    let socket = format!("unix://{}", home.path("dead.sock").display());
    home.set("DOCKER_HOST", &socket);
    assert_refused(&home, &registry, 6, "train:v1", &socket);
}

#[test]
fn a_truncated_archive_is_refused_wherever_it_ends() {
    let (home, registry, image) = setting();
    let whole = fs::metadata(home.path("train.tar")).unwrap().len();
    let compressed = fs::metadata(home.path("train.tar.gz")).unwrap().len();
    let first_layer = image.layers[0].len() as u64;
    for (file, whole, ends) in [
        ("train.tar", whole, [0, 100, 512 + first_layer / 2, whole / 2, whole - 2048]),
        // After the content gzip has checksums, which prove less than the digests do.
        ("train.tar.gz", compressed, [0, 1, 100, compressed / 2, compressed - 100]),
    ] {
        for end in ends {
            let cut_off = format!("{end}-{file}");
            fs::copy(home.path(file), home.path(&cut_off)).unwrap();
            assert!(end < whole);
            cut(&home.path(&cut_off), end);
            // What ends before its first file might be anything.
            let code = if end <= 1 || file == "train.tar" && end == 100 { 2 } else { 8 };
            assert_refused(&home, &registry, code, &format!("docker-archive:{cut_off}"), &cut_off);
        }
    }
}

#[test]
fn what_is_no_archive_is_refused() {
    let (home, registry, _) = setting();
    fs::write(home.path("text.tar"), "a letter\n".repeat(1000)).unwrap();
    fs::create_dir(home.path("directory.tar")).unwrap();
    let mut other = tar::Builder::new(fs::File::create(home.path("other.tar")).unwrap());
    crate::support::images::image::append(&mut other, "readme.txt", b"an archive of something else");
    other.finish().unwrap();
    for file in ["text.tar", "directory.tar", "other.tar"] {
        assert_refused(&home, &registry, 2, &format!("docker-archive:{file}"), file);
    }
    assert_refused(&home, &registry, 3, "docker-archive:missing.tar", "missing.tar");
}

#[test]
fn what_is_no_layout_is_refused() {
    let (home, registry, _) = setting();
    fs::create_dir(home.path("empty")).unwrap();
    fs::create_dir(home.path("odd")).unwrap();
    fs::write(home.path("odd/index.json"), "no JSON").unwrap();
    fs::write(home.path("other.tar"), "a letter\n".repeat(1000)).unwrap();
    for (source, code, words) in [
        ("oci:empty", 1, "empty"),
        ("oci:odd", 1, "odd"),
        ("oci:other.tar", 2, "other.tar"),
        ("oci:missing", 3, "missing"),
        ("oci:layout:v2", 3, "`v1`"),
    ] {
        assert_refused(&home, &registry, code, source, words);
    }
}

#[test]
fn a_layer_whose_bytes_are_not_those_of_its_digest_never_becomes_a_tag() {
    let (home, registry, image) = setting();
    let damaged = image.damaged();
    image_files::archive(&home.path("damaged.tar"), &[("train:v1", &damaged)]);
    image_files::compress(&home.path("damaged.tar"), &home.path("damaged.tar.gz"));
    for source in ["docker-archive:damaged.tar", "docker-archive:damaged.tar.gz"] {
        assert_refused(&home, &registry, 8, source, &digest::of(&damaged.layers[0]));
    }
    flip_a_byte_of_each_large_blob(&home.path("layout"));
    assert_refused(&home, &registry, 8, "oci:layout:v1", "expected sha256:");
}

fn flip_a_byte_of_each_large_blob(layout: &Path) {
    for blob in fs::read_dir(layout.join("blobs/sha256")).unwrap() {
        let blob = blob.unwrap().path();
        let mut bytes = fs::read(&blob).unwrap();
        let middle = bytes.len() / 2;
        if bytes.len() > 10_000 {
            bytes[middle] ^= 1;
            fs::write(blob, bytes).unwrap();
        }
    }
}

#[test]
fn a_blob_of_a_layout_that_is_missing_or_cut_off_is_noticed_before_any_byte() {
    let image = Image::small(here!(), architecture());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let manifest = &image_files::layout(&home.path("layout"), &[("v1", &image)])[0];
    let blobs = home.path("layout/blobs/sha256");
    for blob in fs::read_dir(&blobs).unwrap().map(|blob| blob.unwrap().path()) {
        let bytes = fs::read(&blob).unwrap();
        cut(&blob, bytes.len() as u64 - 1);
        assert_refused(&home, &registry, 8, "oci:layout:v1", "sha256:");
        fs::remove_file(&blob).unwrap();
        assert_refused(&home, &registry, 8, "oci:layout:v1", "sha256:");
        fs::write(blob, bytes).unwrap();
    }
    // Documents are small, and are verified too.
    for digest in [manifest, &image.config_digest()] {
        let blob = blobs.join(digest::hex(digest));
        let bytes = fs::read(&blob).unwrap();
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        fs::write(&blob, flipped).unwrap();
        assert_refused(&home, &registry, 8, "oci:layout:v1", digest);
        fs::write(blob, bytes).unwrap();
    }
    assert_eq!(registry.stored(), 0);
    // The layout is whole again.
    home.ok(&["push", "oci:layout:v1", "--to", "local"]);
}
