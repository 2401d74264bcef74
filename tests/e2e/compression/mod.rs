//! However layers are compressed, the same layers arrive, under the same digest in every push.

mod auto;

use std::fs;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// A home with an archive of an image whose layers are not compressed.
fn home(image: &Image) -> Home {
    let home = Home::new();
    image_files::archive(&home.path("train.tar"), &[("train:v1", image)]);
    home
}

fn push<'a>(compression: &'a str, jobs: &'a str) -> [&'a str; 10] {
    [
        "push",
        "docker-archive:train.tar",
        "--to",
        "local",
        "--as",
        "train:v1",
        "--compression",
        compression,
        "--jobs",
        jobs,
    ]
}

#[test]
fn every_compression_arrives_whole_under_its_own_media_type_and_one_digest() {
    let image = Image::new(here!());
    for (compression, media_type) in [
        ("gzip", "application/vnd.oci.image.layer.v1.tar+gzip"),
        ("gzip:9", "application/vnd.oci.image.layer.v1.tar+gzip"),
        ("zstd", "application/vnd.oci.image.layer.v1.tar+zstd"),
        ("zstd:12", "application/vnd.oci.image.layer.v1.tar+zstd"),
        ("none", "application/vnd.oci.image.layer.v1.tar"),
    ] {
        let digests = ["1", "8"].map(|jobs| {
            // A new home and a new registry: no earlier push is remembered.
            let (home, registry) = (home(&image), Registry::open());
            home.register("local", registry.host());
            home.ok(&push(compression, jobs));
            let name = format!("{}/train:v1", registry.host());
            skopeo::assert_same(registry.access(), &name, &image);
            assert_eq!(skopeo::layer_types(registry.access(), &name), vec![media_type; image.layers.len()]);
            skopeo::digest(registry.access(), &name)
        });
        assert_eq!(digests[0], digests[1], "{compression}");
    }
}

#[test]
fn what_was_learnt_of_one_compression_is_not_taken_for_another() {
    let image = Image::new(here!());
    let (home, registry) = (home(&image), Registry::open());
    home.register("local", registry.host());
    let name = format!("{}/train:v1", registry.host());
    let mut first = Vec::new();
    for compression in ["gzip", "zstd", "none", "gzip:6"] {
        home.ok(&push(compression, "4"));
        skopeo::assert_same(registry.access(), &name, &image);
        first.push(skopeo::digest(registry.access(), &name));
    }
    let uploads = || registry.requests().iter().filter(|request| request.starts_with("POST")).count();
    let before = uploads();
    for (compression, digest) in ["gzip", "zstd", "none", "gzip:6"].into_iter().zip(first) {
        home.ok(&push(compression, "4"));
        assert_eq!(skopeo::digest(registry.access(), &name), digest, "{compression}");
    }
    assert_eq!(uploads(), before, "what every choice became is remembered");
}

#[test]
fn layers_that_are_compressed_already_stay_as_they_are() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let manifest = image_files::layout(&home.path("layout"), &[("v1", &image)]);
    home.ok(&["push", "oci:layout:v1", "--to", "local", "--as", "train:v1", "--compression", "zstd"]);
    assert_eq!(skopeo::digest(registry.access(), &format!("{}/train:v1", registry.host())), manifest[0]);
}

#[test]
fn what_is_no_compression_is_refused_before_anything_is_read() {
    let home = Home::new();
    for (compression, words) in [
        ("lz4", "`lz4` is no compression: expected `gzip`, `zstd`, `none` or `auto`"),
        ("gzip:0", "`0` is no level of gzip: expected a number from 1 to 12"),
        ("zstd:20", "`20` is no level of zstd: expected a number from 1 to 19"),
        ("none:1", "`none:1` is no compression"),
    ] {
        let refused = home.run(&push(compression, "4"));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused}");
        assert!(refused.stderr.contains(words), "{refused}");
    }
}

#[test]
fn zstd_is_refused_where_the_flavor_says_that_the_registry_does_not_take_it() {
    let image = Image::new(here!());
    let (home, registry) = (home(&image), Registry::open());
    // Its upload profile denies every optional feature.
    fs::write(home.path("drawback.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "register", "drawback.wasm"]);
    home.ok(&["registry", "register", "local", "--flavor", "drawback", "--uri", registry.host()]);
    home.fails(2, &push("zstd", "4")).says("`drawback`").says("--compression gzip");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
    home.ok(&push("gzip", "4"));
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}
