//! Layers that are split between their files.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::Command;

use tar::{EntryType, Header};

use super::{PUSH, machine_with};
use crate::support::images::image::{Image, append};
use crate::support::images::image_files;
use crate::support::images::noise::{here, noise};
use crate::support::judges::skopeo;
use crate::support::programs::daemon;
use crate::support::programs::process;
use crate::support::programs::registry::Registry;

/// A file in a container: its kind, its mode, its size and target, and the digest of its content.
type Seen = BTreeMap<String, (u8, u32, u64, String, String)>;

fn header(kind: EntryType, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(1);
    header.set_size(0);
    header
}

/// A base, and above it a layer with all that a split has to look after.
fn image(seed: u64) -> Image {
    let directory = |archive: &mut tar::Builder<Vec<u8>>, path: &str, mode| {
        archive.append_data(&mut header(EntryType::Directory, mode), path, &[][..]).unwrap();
    };
    let mut base = tar::Builder::new(Vec::new());
    directory(&mut base, "old/", 0o700);
    append(&mut base, "old/gone", b"gone");
    append(&mut base, "old/stays", b"stays");
    directory(&mut base, "full/", 0o755);
    append(&mut base, "full/hidden", b"hidden");
    let mut layer = tar::Builder::new(Vec::new());
    directory(&mut layer, "data/", 0o750);
    for number in 0..8 {
        let directory_of = format!("data/{number}/");
        directory(&mut layer, &directory_of, 0o711 + number);
        append(&mut layer, &format!("{directory_of}noise"), &noise(seed + u64::from(number), 400_000));
        append(&mut layer, &format!("{directory_of}{}", "long/".repeat(30) + "file"), b"long");
    }
    layer.append_link(&mut header(EntryType::Link, 0o644), "data/7/same", "data/0/noise").unwrap();
    layer.append_link(&mut header(EntryType::Symlink, 0o777), "data/7/link", "../0/noise").unwrap();
    directory(&mut layer, "full/", 0o755);
    append(&mut layer, "full/.wh..wh..opq", b"");
    append(&mut layer, "full/new", b"new");
    directory(&mut layer, "old/", 0o700);
    append(&mut layer, "old/.wh.gone", b"");
    Image::of_layers(vec![base.into_inner().unwrap(), layer.into_inner().unwrap()])
}

/// What a container of an image sees, as Docker unpacks it.
fn seen(name: &str) -> Seen {
    process::tool("docker", ["pull", "--quiet", name]).ok();
    let container = process::tool("docker", ["create", name, "none"]).ok().stdout.trim().to_owned();
    let exported = Command::new("docker").args(["export", &container]).output().unwrap();
    process::tool("docker", ["rm", &container]).ok();
    process::tool("docker", ["rmi", name]).ok();
    let mut seen = Seen::new();
    for entry in tar::Archive::new(&exported.stdout[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        if !["data", "old", "full"].iter().any(|top| path.starts_with(top)) {
            continue;
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let header = entry.header();
        let target = entry.link_name().unwrap().map(|target| target.display().to_string()).unwrap_or_default();
        let (kind, mode, size) = (header.entry_type().as_byte(), header.mode().unwrap(), header.size().unwrap());
        seen.insert(path, (kind, mode, size, target, crate::support::images::digest::of(&content)));
    }
    seen
}

#[test]
fn a_container_sees_the_same_files_of_an_image_in_parts() {
    daemon::ensure_daemon();
    let (image, registry) = (image(here!()), Registry::open());
    let home = machine_with(&registry, &image);
    home.ok(&[&["push"], &PUSH[..]].concat());
    let split = ["push", "docker-archive:train.tar", "--to", "local", "--as", "team/train:split", "--split-layers=1M"];
    let pushed = home.ok(&[&split[..], &["-o", "json"]].concat()).json();
    assert_eq!(pushed["layers"].as_array().unwrap().len(), 5);
    let [whole, parts] = ["v1", "split"].map(|tag| format!("{}/team/train:{tag}", registry.host()));
    let (whole, parts) = (seen(&whole), seen(&parts));
    assert!(whole.contains_key("data/7/same") && !whole.contains_key("old/gone"), "{:?}", whole.keys());
    assert_eq!(parts, whole);
}

#[test]
fn the_parts_are_the_same_from_every_source_and_on_every_machine() {
    let (image, registry) = (image(here!()), Registry::open());
    let mut digests = Vec::new();
    for (number, source) in
        ["docker-archive:train.tar", "docker-archive:train.tar.gz", "oci:layout:v1"].iter().enumerate()
    {
        let home = machine_with(&registry, &image);
        image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
        image_files::layout(&home.path("layout"), &[("v1", &image)]);
        let name = format!("team/train:{number}");
        let pushed = home.ok(&["push", source, "--to", "local", "--as", &name, "--split-layers=1M", "-o", "json"]);
        let name = format!("{}/{name}", registry.host());
        digests.push(skopeo::pull(registry.access(), &name).diff_ids);
        assert_eq!(pushed.json()["layers"].as_array().unwrap().len(), 5, "{source}");
    }
    assert!(digests.iter().all(|diff_ids| *diff_ids == digests[0]), "{digests:#?}");
}

#[test]
fn a_new_machine_finds_the_parts_in_the_registry() {
    let (image, registry) = (image(here!()), Registry::open());
    let arguments = [&PUSH[..], &["--split-layers=1M"]].concat();
    super::outcomes(&machine_with(&registry, &image), &arguments);
    assert_eq!(super::outcomes(&machine_with(&registry, &image), &arguments), ["present"; 5]);
}

#[test]
fn a_file_that_is_larger_than_a_part_is_named() {
    let (image, registry) = (Image::new(here!()), Registry::open());
    let mut layer = tar::Builder::new(Vec::new());
    append(&mut layer, "models/small", b"small");
    append(&mut layer, "models/large.bin", &noise(here!(), 1_500_000));
    let image = Image::of_layers(vec![image.layers[3].clone(), layer.into_inner().unwrap()]);
    let home = machine_with(&registry, &image);
    let pushed = home.ok(&[&["push"], &PUSH[..], &["--split-layers=1M"]].concat());
    assert!(pushed.stderr.contains("`models/large.bin` in layer"), "{pushed}");
}
