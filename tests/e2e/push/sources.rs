//! What is pushed is what arrives, from wherever it comes.

use crate::support::crhost::Home;
use crate::support::daemon::Loaded;
use crate::support::image::{Image, architecture};
use crate::support::image_files;
use crate::support::judge;
use crate::support::registry::Registry;

/// Pushes to `<host>/team/train:v1` and compares all that can be compared.
#[track_caller]
fn assert_arrives(home: &Home, registry: &Registry, arguments: &[&str], image: &Image) {
    let name = format!("{}/team/train", registry.host());
    let pushed = home.ok(&[&["push"], arguments].concat());
    let tagged = format!("{name}:v1");
    judge::assert_same(registry.access(), &tagged, image);
    assert_eq!(pushed.stdout, format!("{name}@{}\n", judge::digest(registry.access(), &tagged)), "{pushed}");
}

#[test]
fn an_image_of_the_daemon_arrives_unchanged() {
    for image in [Image::new(100), Image::with_a_layer_twice(110)] {
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
    for image in [Image::new(120), Image::with_a_layer_twice(130)] {
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
    for image in [Image::new(140), Image::with_a_layer_twice(150)] {
        let (home, registry) = (Home::new(), Registry::open());
        home.register("local", registry.host());
        let manifest = image_files::layout(&home.path("layout"), &[("v1", &image)]);
        assert_arrives(&home, &registry, &["oci:layout:v1", "--to", "local", "--as", "team/train"], &image);
        assert_eq!(judge::digest(registry.access(), &format!("{}/team/train:v1", registry.host())), manifest[0]);
    }
}

#[test]
fn every_source_gives_the_same_image_the_same_digest_again() {
    let image = Image::new(160);
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
    let image = Image::new(170);
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let push = || home.ok(&["push", "docker-archive:train.tar", "--to", "local"]);
    let uploads = || registry.requests().iter().filter(|request| request.starts_with("POST")).count();
    push();
    let first = uploads();
    push();
    assert!(first > 0);
    assert_eq!(uploads(), first);
}

#[test]
fn one_image_of_an_archive_with_two_is_chosen_by_name() {
    let images = [Image::small(180, architecture()), Image::small(181, architecture())];
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::archive(&home.path("two.tar"), &[("one:v1", &images[0]), ("two:v1", &images[1])]);
    home.fails(2, &["push", "docker-archive:two.tar", "--to", "local"]).says("two:v1");
    home.fails(3, &["push", "docker-archive:two.tar:three:v1", "--to", "local"]).says("two:v1");
    assert_eq!(registry.stored(), 0);
    for (name, image) in [("one", &images[0]), ("two", &images[1])] {
        home.ok(&["push", &format!("docker-archive:two.tar:{name}:v1"), "--to", "local"]);
        judge::assert_same(registry.access(), &format!("{}/{name}:v1", registry.host()), image);
    }
}

#[test]
fn the_platform_chooses_an_image_of_an_index() {
    let images = [Image::small(190, "amd64"), Image::small(191, "arm64")];
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
        judge::assert_same(registry.access(), &format!("{}/{name}:v1", registry.host()), image);
    }
    home.fails(3, &["push", "oci:layout:v1", "--to", "local", "--as", "x", "--platform", "linux/s390x"]).says("arm64");
}
