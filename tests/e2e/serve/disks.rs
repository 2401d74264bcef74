//! Disks that are full or can't be written, below the registry and below the home of the user who pushes.

use std::fs;
use std::path::Path;

use crate::support::images::image_files::MANIFEST;
use crate::support::programs::crhost::Home;
use crate::support::programs::mounted::Mounted;
use crate::support::programs::serve::{Serve, with_query};
use crate::support::skip::{Capability, skip};

fn files(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

/// A registry whose data directory is on a disk of 1 MiB.
fn on_a_small_disk() -> Option<(Serve, Mounted)> {
    let home = Home::new();
    let Some(disk) = Mounted::small(&home.path("data"), 1024) else {
        skip(Capability::Root, "only root can mount a file system");
        return None;
    };
    let (server, host) = home.serve_with(&["serve", "--listen", "127.0.0.1:0", "--data", "data"]);
    Some((Serve { home, server, host }, disk))
}

#[test]
fn a_full_disk_below_the_registry_is_507_and_the_half_upload_is_gone() {
    let Some((registry, disk)) = on_a_small_disk() else { return };
    let (large, uploads) = (vec![1; 3 << 20], disk.path().join("uploads"));
    let digest = crate::support::images::digest::of(&large);
    for method in ["POST", "PUT", "PATCH"] {
        let target = match method {
            "POST" => format!("/v2/a/blobs/uploads/?digest={digest}"),
            "PUT" => with_query(&registry.begin("a"), &format!("digest={digest}")),
            _ => registry.begin("a"),
        };
        let answer = registry.send(method, &target, &[], &large).refused(507, "INSUFFICIENT_STORAGE");
        assert!(answer.text().contains("the disk is full"), "{}", answer.text());
        if method != "POST" {
            registry.ask("GET", target.split('?').next().unwrap()).refused(404, "BLOB_UPLOAD_UNKNOWN");
        }
        assert_eq!(files(&uploads), 0, "{method}");
    }
    let warnings = registry.server.log().iter().filter(|line| line.contains("the disk is full")).count();
    assert_eq!(warnings, 3, "{:#?}", registry.server.log());

    // What fits is taken; a manifest that does not is not, and what was there stays.
    let image = registry.image("a", "a");
    registry.tag("a", "v1", &image);
    let junk = disk.fill();
    let other = image.to_string() + &" ".repeat(100_000);
    let answer = registry.push_manifest("a", "v1", MANIFEST, other.as_bytes());
    answer.refused(507, "INSUFFICIENT_STORAGE");
    assert_eq!(registry.ask("GET", "/v2/a/manifests/v1").expect(200).json(), image);
    fs::remove_file(junk).unwrap();
    registry.push_manifest("a", "v1", MANIFEST, other.as_bytes()).expect(201);
    // The data directory, without what was half written.
    let mut names: Vec<_> = fs::read_dir(disk.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["blobs", "lock", "metadata.json", "uploads"]);
}

#[test]
fn a_push_to_a_registry_with_a_full_disk_ends_at_once_and_says_why() {
    let Some((registry, _disk)) = on_a_small_disk() else { return };
    let image = crate::support::images::image::Image::of_layers(vec![noise(3 << 20)]);
    crate::support::images::image_files::layout(&registry.home.path("layout"), &[("v1", &image)]);
    let push = ["push", "oci:layout:v1", "--uri", &registry.host, "--as", "train:v1"];
    let refused = registry.home.fails(6, &push).says("the disk is full");
    assert!(!refused.stderr.contains("trying again"), "{}", *refused);
}

/// Bytes that no compression makes smaller.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn a_disk_that_became_read_only_below_the_registry_is_500_and_what_is_there_can_be_pulled() {
    let Some((registry, disk)) = on_a_small_disk() else { return };
    let image = registry.image("a", "a");
    registry.tag("a", "v1", &image);
    let upload = registry.begin("a");
    let read_only = Mounted::read_only(disk.path()).unwrap();
    let said = |answer: crate::support::programs::serve::Answer| {
        assert!(answer.text().contains("the disk is read-only"), "{}", answer.text());
    };
    said(registry.ask("POST", "/v2/a/blobs/uploads/").refused(500, "UNKNOWN"));
    said(registry.send("PATCH", &upload, &[], b"content").refused(500, "UNKNOWN"));
    said(registry.push_manifest("a", "v2", MANIFEST, image.to_string().as_bytes()).refused(500, "UNKNOWN"));
    said(registry.ask("DELETE", "/v2/a/manifests/v1").refused(500, "UNKNOWN"));
    let blob = format!("/v2/a/blobs/{}", image["config"]["digest"].as_str().unwrap());
    said(registry.ask("DELETE", &blob).refused(500, "UNKNOWN"));
    registry.ask("GET", "/v2/a/manifests/v1").expect(200);
    registry.ask("GET", &blob).expect(200);
    // It passes: the same upload goes on.
    drop(read_only);
    registry.send("PATCH", &upload, &[], b"content").expect(202);
    registry.tag("a", "v2", &image);
}

#[test]
fn a_full_disk_below_the_home_stops_no_push() {
    let registry = Serve::start();
    let (home, image) = Home::with_image();
    let as_before = home.path("crhost");
    // A fresh home, and one with a registry and all that it remembers.
    for is_registered in [false, true] {
        let _ = fs::remove_dir_all(&as_before);
        let Some(disk) = Mounted::small(&as_before, 1024) else {
            return skip(Capability::Root, "only root can mount a file system");
        };
        if is_registered {
            home.register("dev", &registry.host);
            home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "train:v1"]);
        }
        disk.fill();
        for tag in ["train:v2", "train:v3"] {
            home.ok(&["push", "oci:layout:v1", "--uri", &registry.host, "--as", tag]);
            if is_registered {
                home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", tag]);
            }
        }
        let access = crate::support::judges::skopeo::Access::default();
        crate::support::judges::skopeo::assert_same(&access, &format!("{}/train:v3", registry.host), &image);
    }
}
