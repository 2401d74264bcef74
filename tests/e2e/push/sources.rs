//! Every source: the image that arrives is the one that was pushed.

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::registry::Registry;

/// Pushes to `<host>/team/train:v1` and compares all that can be compared.
#[track_caller]
fn assert_arrives(home: &Home, registry: &Registry, arguments: &[&str], image: &Image) {
    let name = format!("{}/team/train", registry.host());
    let pushed = home.ok(&[&["push"], arguments].concat());
    let tagged = format!("{name}:v1");
    skopeo::assert_same(registry.access(), &tagged, image);
    assert_eq!(pushed.stdout, format!("{name}@{}\n", skopeo::digest(registry.access(), &tagged)), "{pushed}");
}

#[test]
fn an_image_of_the_daemon_arrives_unchanged() {
    for image in [Image::new(here!()), Image::with_a_layer_twice(here!())] {
        let (home, registry) = (Home::new(), Registry::open());
        home.register("local", registry.host());
        let name = format!("{}/team/train:v1", registry.host());
        let _loaded = Loaded::new(&name, &image);
        assert_arrives(&home, &registry, &[&name, "--daemon-export"], &image);
        registry.lose_content();
        assert_arrives(&home, &registry, &[&name], &image);
    }
}

#[test]
fn a_docker_archive_arrives_unchanged_plain_and_compressed() {
    for image in [Image::new(here!()), Image::with_a_layer_twice(here!())] {
        let home = Home::new();
        let (plain, gzip) = (home.path("train.tar"), home.path("train.tar.gz"));
        image_files::archive(&plain, &[("train:v1", &image)]);
        image_files::compress(&plain, &gzip);
        for file in ["docker-archive:train.tar", "docker-archive:train.tar.gz"] {
            let registry = Registry::open();
            let local = registry.host().replace(':', "-");
            home.register(&local, registry.host());
            assert_arrives(&home, &registry, &[file, "--to", &local, "--as", "team/train:v1"], &image);
        }
    }
}

#[test]
fn an_oci_layout_arrives_byte_for_byte() {
    for image in [Image::new(here!()), Image::with_a_layer_twice(here!())] {
        let (home, registry) = (Home::new(), Registry::open());
        home.register("local", registry.host());
        let manifest = image_files::layout(&home.path("layout"), &[("v1", &image)]);
        assert_arrives(&home, &registry, &["oci:layout:v1", "--to", "local", "--as", "team/train"], &image);
        assert_eq!(skopeo::digest(registry.access(), &format!("{}/team/train:v1", registry.host())), manifest[0]);
    }
}

#[test]
fn every_source_gives_the_same_image_the_same_digest_again() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
    let name = format!("{}/train:v1", registry.host());
    let _loaded = Loaded::new(&name, &image);
    let push = |source: &str| home.ok(&["push", source, "--to", "local", "--as", "train:v1", "--quiet"]).stdout;
    let first = push("docker-archive:train.tar");
    assert_eq!(push("docker-archive:train.tar.gz"), first);
    assert_eq!(push(&name), first);
    // Another home knows nothing of earlier pushes, and a registry that has all is sent nothing.
    let stranger = Home::new();
    stranger.register("local", registry.host());
    assert_eq!(stranger.ok(&["push", &name, "--quiet"]).stdout, first);
}

#[test]
fn a_second_push_uploads_nothing() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let push = || home.ok(&["push", "docker-archive:train.tar:train:v1", "--to", "local"]);
    let uploads = || registry.requests().iter().filter(|request| request.starts_with("POST")).count();
    push();
    let first = uploads();
    push();
    assert!(first > 0);
    assert_eq!(uploads(), first);
}

#[test]
fn one_image_of_an_archive_with_two_is_chosen_by_name() {
    let images = [Image::small(here!(), architecture()), Image::small(here!(), architecture())];
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::archive(&home.path("two.tar"), &[("one:v1", &images[0]), ("two:v1", &images[1])]);
    home.fails(2, &["push", "docker-archive:two.tar", "--to", "local"]).says("two:v1");
    home.fails(3, &["push", "docker-archive:two.tar:three:v1", "--to", "local"]).says("two:v1");
    assert_eq!(registry.stored(), 0);
    for (name, image) in [("one", &images[0]), ("two", &images[1])] {
        home.ok(&["push", &format!("docker-archive:two.tar:{name}:v1"), "--to", "local"]);
        skopeo::assert_same(registry.access(), &format!("{}/{name}:v1", registry.host()), image);
    }
}

#[test]
fn the_platform_chooses_an_image_of_an_index() {
    let images = [Image::small(here!(), "amd64"), Image::small(here!(), "arm64")];
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::multi_platform_layout(&home.path("layout"), "v1", &[("amd64", &images[0]), ("arm64", &images[1])]);
    for (name, platform, image) in [
        ("amd", Some("linux/amd64"), &images[0]),
        ("arm", Some("linux/arm64"), &images[1]),
        ("mine", None, &images[usize::from(architecture() == "arm64")]),
    ] {
        let mut arguments = vec!["push", "oci:layout:v1", "--to", "local", "--as", name];
        arguments.extend(platform.iter().flat_map(|platform| ["--platform", platform]));
        home.ok(&arguments);
        skopeo::assert_same(registry.access(), &format!("{}/{name}:v1", registry.host()), image);
    }
    home.fails(3, &["push", "oci:layout:v1", "--to", "local", "--as", "x", "--platform", "linux/s390x"]).says("arm64");
}
