//! Pushes without ceremony: nothing registered, a digest as name, a home that can't be written to.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::registry::Registry;

#[test]
fn a_name_with_a_host_needs_no_registration() {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    let name = format!("{}/acme/train:v3", registry.host());
    image_files::archive(&home.path("train.tar"), &[(&name, &image)]);
    let source = format!("docker-archive:train.tar:{name}");
    let pushed = home.ok(&["push", &source]);
    let used = format!("using flavor `default` for {}/acme", registry.host());
    assert!(pushed.stderr.contains(&used), "{pushed}");
    skopeo::assert_same(registry.access(), &name, &image);
    assert_eq!(home.ok(&["push", &source, "-o", "json"]).json()["registry"], serde_json::Value::Null);
    // Nothing was registered by it.
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"], serde_json::json!([]));
}

#[test]
fn a_registry_is_named_for_one_push_by_options_or_by_the_environment() {
    let (mut home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    let uri = format!("{}/acme", registry.host());
    home.ok(&["push", "oci:train:v1", "--flavor", "default", "--uri", &uri]);
    skopeo::assert_same(registry.access(), &format!("{uri}/train:v1"), &image);
    home.fails(2, &["push", "oci:train:v1", "--flavor", "default"]).says("--uri");
    home.fails(2, &["push", "oci:train:v1", "--uri", &uri, "--option", "nosuch=1"]).says("`nosuch`");
    home.set("CRHOST_REGISTRY_URI", uri.as_str());
    home.ok(&["push", "oci:train:v1", "--as", "other:v2"]);
    skopeo::assert_same(registry.access(), &format!("{uri}/other:v2"), &image);
}

#[test]
fn a_digest_moves_no_tag_that_is_not_named_and_no_tag_to_another_image() {
    let (home, registry) = (Home::new(), Registry::open());
    let (image, other) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    home.register("dev", &format!("{}/acme", registry.host()));
    let name = format!("{}/acme/train", registry.host());
    let loaded = Loaded::new(&format!("{name}:v3"), &image);
    home.ok(&["push", &format!("{name}:v3")]);
    image_files::layout(&home.path("other"), &[("v1", &other)]);
    home.ok(&["push", "oci:other:v1", "--to", "dev", "--as", "train:latest"]);
    let (digest, latest) = (
        skopeo::digest(registry.access(), &format!("{name}:v3")),
        skopeo::digest(registry.access(), &format!("{name}:latest")),
    );
    let pull = |of: &str| {
        let pulled = Command::new("docker").args(["pull", "--quiet", &format!("{name}@{of}")]).output().unwrap();
        assert!(pulled.status.success(), "{}", String::from_utf8_lossy(&pulled.stderr));
    };
    pull(&digest);
    home.ok(&["push", &format!("{name}@{digest}")]);
    home.ok(&["push", &format!("{name}:v9@{digest}")]);
    assert_eq!(skopeo::digest(registry.access(), &format!("{name}:latest")), latest);
    assert_eq!(skopeo::digest(registry.access(), &format!("{name}:v9")), digest);
    // The registry has this manifest, and it is that of the daemon's image.
    pull(&latest);
    home.ok(&["push", &format!("{name}@{latest}")]);
    home.ok(&["push", &format!("{name}:v10@{latest}")]);
    for (tag, now) in [("latest", &latest), ("v10", &latest), ("v3", &digest), ("v9", &digest)] {
        assert_eq!(skopeo::digest(registry.access(), &format!("{name}:{tag}")), *now, "{tag}");
    }
    // The daemon does not keep the layers as they were compressed, so that it can't give this image to a registry that
    // has lost it.
    registry.lose_content();
    for source in [format!("{name}@{latest}"), format!("{name}:v10@{latest}")] {
        home.fails(8, &["push", &source]).says(&latest);
    }
    assert!(!skopeo::has(registry.access(), &format!("{name}:v10")));
    // The id of an image is no repository called `sha256`.
    home.fails(2, &["push", &loaded.id(), "--to", "dev"]).says("--as");
}

#[test]
fn a_name_in_upper_case_is_refused_before_the_daemon_is_asked() {
    let mut home = Home::new();
    home.register("dev", "localhost:1/acme");
    home.set("DOCKER_HOST", "tcp://127.0.0.1:1");
    for (name, lower) in [("TRAIN:v3", "train:v3"), ("LocalHost:5000/Acme/Train:v3", "localhost:5000/acme/train:v3")] {
        home.fails(2, &["push", name, "--to", "dev"]).says(&format!("did you mean `{lower}`?"));
    }
}

#[test]
fn a_home_that_can_not_be_made_stops_no_push_and_no_command_that_only_reads() {
    let (mut home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    // No directory can be made below a file, whoever makes it.
    home.set("CRHOST_HOME", "/dev/null/crhost");
    home.ok(&["registry", "list"]);
    let uri = format!("{}/acme", registry.host());
    home.ok(&["push", "oci:train:v1", "--uri", &uri]);
    skopeo::assert_same(registry.access(), &format!("{uri}/train:v1"), &image);
    let refused = home.fails(1, &["registry", "register", "dev", "--flavor=default", "--uri=localhost:1"]);
    refused.says("`/dev/null` is no directory").says("CRHOST_HOME");
}

#[test]
fn a_registry_is_named_by_its_uri_whatever_is_registered() {
    let (mut home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    let uri = format!("{}/acme", registry.host());
    let pushed = home.ok(&["push", "oci:train:v1", "--to", &uri, "--flavor", "default"]);
    assert!(pushed.stderr.contains(&format!("using flavor `default` for {uri}")), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{uri}/train:v1"), &image);
    // A registered one has a connector that this push must not use.
    home.ok(&["connector", "register", "ci", "--type=docker", "--username=u", "--password=@env:HOME"]);
    home.ok(&["registry", "register", "dev", "-f=default", "-u", &uri, "-c=ci", "--no-verify"]);
    let pushed = home.ok(&["push", "oci:train:v1", "--to", &format!("{uri}/"), "-o", "json", "--as", "b"]).json();
    assert_eq!((&pushed["registry"], &pushed["name"]), (&serde_json::Value::Null, &format!("{uri}/b").into()));
    let pushed = home.ok(&["push", "oci:train:v1", "--to", &uri, "--as", "b"]);
    assert!(
        pushed.stderr.contains(&format!("warning: `{uri}` is registered as `dev`, which `--to dev` uses")),
        "{pushed}"
    );
    home.fails(2, &["push", "oci:train", "--to", &uri])
        .says(&format!("`crhost push oci:train --to {uri} --as train:v1`"));
    // A host alone is a name: a slash makes a URI of it.
    home.fails(3, &["push", "oci:train:v1", "--to", "registry.example.com"]).says("--to registry.example.com/");
    home.fails(2, &["push", "oci:train:v1", "--to", &format!("http://{uri}")]).says(&format!("`{uri}`"));
    home.fails(2, &["push", "oci:train:v1", "--to", ""]);
    home.fails(2, &["push", "oci:train:v1", "--to", "dev", "--option", "a=b"]).says("registry update dev");
    for in_use in [uri.as_str(), "dev"] {
        home.set("CRHOST_REGISTRY", in_use);
        home.ok(&["push", "oci:train:v1", "--as", "c:v2"]);
    }
    home.set("CRHOST_REGISTRY", "localhost:1/acme");
    // What is said elsewhere goes before it.
    home.ok(&["push", "oci:train:v1", "--to", "dev", "--as", "d"]);
    home.ok(&["push", "oci:train:v1", "--as", &format!("{uri}/e:v1")]);
    home.set("CRHOST_REGISTRY", "http://x");
    home.fails(2, &["push", "oci:train:v1", "--as", "c"]).says("`CRHOST_REGISTRY`");
    home.set("CRHOST_REGISTRY", "");
    home.fails(2, &["push", "oci:train:v1", "--as", "c"]).says("none is in use");
}

#[test]
fn a_whole_name_is_taken_as_it_is_or_refused() {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    let host = registry.host();
    home.register("dev", &format!("{host}/acme"));
    let name = format!("{host}/acme/ml/train");
    for (command, tag) in [
        (vec!["--to", "dev", "--as", &format!("{name}:a")], "a"),
        (vec!["--as", &format!("{name}:b")], "b"),
        (vec!["--to", &format!("{host}/acme"), "--as", &format!("{name}:c")], "c"),
    ] {
        home.ok(&[vec!["push", "oci:train:v1"], command].concat());
        skopeo::assert_same(registry.access(), &format!("{name}:{tag}"), &image);
    }
    let elsewhere = |named: &str| home.fails(2, &["push", "oci:train:v1", "--to", "dev", "--as", named]);
    elsewhere("other.io/acme/train:v3").says("`--to dev --as train` pushes it");
    elsewhere(&format!("{host}/other/train")).says("`--to dev --as train` pushes it");
    let unregistered = ["push", "oci:train:v1", "--to", &format!("{host}/acme"), "--as", "other.io/train"];
    let refused = home.fails(2, &unregistered).says("`--as train` pushes it");
    assert!(!refused.hint().contains("unregistered") && !refused.error().contains("unregistered"));
    home.fails(3, &["push", "oci:train:v1", "--as", &format!("{host}/other/train")]).says("`--to dev`");
    home.fails(2, &["registry", "verify", "dev", "other.io/x"]).says("`crhost registry verify dev x`");
}

#[test]
fn a_name_without_a_host_is_answered_with_the_registries_to_choose_from() {
    let (home, image) = (Home::new(), Image::small(here!(), architecture()));
    image_files::archive(&home.path("train.tar"), &[("train:v3", &image)]);
    let push = ["push", "docker-archive:train.tar:train:v3"];
    home.fails(3, &push).says("no registry was named for `train:v3`").says("--to HOST");
    home.register("dev", "localhost:1/acme");
    home.register("prod", "localhost:2");
    let refused = home.fails(3, &push).says("`--to dev` (localhost:1/acme)").says("registry use NAME");
    assert!(!format!("{}{}", refused.error(), refused.hint()).contains("docker.io"));
    home.fails(3, &["push", "docker-archive:train.tar:trian:v3", "--to", "dev"]).says("`train:v3`");
}

#[test]
fn a_home_that_can_not_be_trusted_or_read_stops_no_push_to_a_uri() {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    home.ok(&["registry", "list"]);
    let uri = format!("{}/acme", registry.host());
    let pushes = |tag: &str| {
        let named = format!("train:{tag}");
        let pushed = home.ok(&["push", "oci:train:v1", "--to", &uri, "--as", &named]);
        assert!(pushed.stderr.contains("warning: nothing that is stored is used"), "{pushed}");
        skopeo::assert_same(registry.access(), &format!("{uri}/{named}"), &image);
        home.fails(1, &["push", "oci:train:v1", "--to", "dev", "--as", &named]);
        home.fails(1, &["registry", "register", "dev", "--flavor=default", "--uri", &uri]);
    };
    let directory = home.path("crhost");
    fs::set_permissions(&directory, Permissions::from_mode(0o777)).unwrap();
    pushes("shared");
    fs::set_permissions(&directory, Permissions::from_mode(0o700)).unwrap();
    fs::write(directory.join("crhost.db"), "no database, but a text that is longer than its header".repeat(99))
        .unwrap();
    pushes("damaged");
}

#[test]
fn a_relative_home_is_no_home() {
    let (mut home, image) = (Home::new(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("train"), &[("v1", &image)]);
    for variable in ["CRHOST_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
        home.set(variable, if variable == "CRHOST_HOME" { "" } else { "rel" });
    }
    home.set("HOME", "rel");
    home.ok(&["registry", "list"]);
    home.fails(1, &["registry", "register", "dev", "--flavor=default", "--uri=localhost:1"]).says("CRHOST_HOME");
    assert!(!home.path("rel").exists());
}

#[test]
fn all_tags_of_a_name_are_pushed_each_image_once() {
    let (home, registry) = (Home::new(), Registry::open());
    let (one, two) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    let host = registry.host();
    let names = ["v1", "latest", "v2"].map(|tag| format!("{host}/acme/train:{tag}"));
    let images = [(names[0].as_str(), &one), (names[1].as_str(), &one), (names[2].as_str(), &two)];
    let others = [("other:v9", &two), ("train:v9", &one)];
    image_files::archive(&home.path("all.tar"), &[&images[..], &others].concat());
    image_files::archive(&home.path("train.tar"), &images);
    let repository = format!("docker-archive:all.tar:{host}/acme/train");
    let pushed = home.ok(&["push", &repository, "--all-tags"]);
    assert_eq!(pushed.stdout.lines().count(), 2, "{pushed}");
    for (name, image) in images {
        skopeo::assert_same(registry.access(), name, image);
    }
    assert!(!skopeo::has(registry.access(), &format!("{host}/acme/train:v9")));
    home.ok(&["push", "docker-archive:train.tar", "-a", "--to", &format!("{host}/b"), "--as", "x"]);
    skopeo::assert_same(registry.access(), &format!("{host}/b/x:v2"), &two);
    skopeo::assert_same(registry.access(), &format!("{host}/b/x:latest"), &one);
    // What is in a file decides nothing by itself.
    home.fails(2, &["push", "docker-archive:train.tar", "--all-tags"]).says("--as");
    home.fails(2, &["push", "docker-archive:all.tar", "--all-tags", "--as", "x"]).says("choose one");
    home.fails(2, &["push", &format!("{repository}:v1"), "--all-tags"]).says("leave the tag");
    home.fails(2, &["push", &repository, "--all-tags", "--as", "x:v1"]).says("leave the tag");
    home.fails(2, &["push", &repository, "--all-tags", "--tag", "v3"]);
    home.fails(3, &["push", "docker-archive:all.tar:nothere", "--all-tags", "--to=localhost:1/a"]);
    image_files::layout(&home.path("layout"), &[("v1", &one)]);
    home.ok(&["push", "oci:layout", "--all-tags", "--to", &format!("{host}/c"), "--as", "x"]);
    skopeo::assert_same(registry.access(), &format!("{host}/c/x:v1"), &one);
}
