//! `--all` and `--all-tags`: several images of one source.

use std::fs::File;

use serde_json::{Value, json};

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::Loaded;
use crate::support::programs::process;
use crate::support::programs::registry::Registry;

/// A home with a registry `local`, and an archive of images with names of several registries: two share a layer, and
/// one has two tags.
fn scene() -> (Home, Registry, [Image; 3]) {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", &format!("{}/mirror", registry.host()));
    let one = Image::new(here!());
    let images = [one.with_another_top(here!()), Image::small(here!(), architecture()), one];
    let own = format!("{}/mirror/own/web:v2", registry.host());
    let [train, redis, web] = &images;
    let named = [
        ("ghcr.io/acme/train:v1", train),
        ("docker.io/library/redis:7", redis),
        ("localhost/redis:latest", redis),
        (own.as_str(), web),
        ("ghcr.io/acme/train:v2", web),
    ];
    image_files::archive(&home.path("all.tar"), &named);
    (home, registry, images)
}

const ALL: [&str; 5] = ["push", "docker-archive:all.tar", "--to", "local", "--all"];

/// Expects each image of the scene by its own name, below the URI of the registry.
#[track_caller]
fn assert_all(registry: &Registry, images: &[Image; 3]) {
    let [train, redis, web] = images;
    let expected = [
        ("acme/train:v1", train),
        ("redis:7", redis),
        ("redis:latest", redis),
        ("own/web:v2", web),
        ("acme/train:v2", web),
    ];
    for (name, image) in expected {
        skopeo::assert_same(registry.access(), &format!("{}/mirror/{name}", registry.host()), image);
    }
    assert_eq!(registry.tags(), expected.len());
}

/// The uploads among some requests.
fn uploads(requests: &[String]) -> usize {
    requests.iter().filter(|request| request.starts_with("POST") && request.ends_with("/blobs/uploads/")).count()
}

#[test]
fn each_image_of_an_archive_goes_under_its_own_name_and_what_they_share_is_sent_once() {
    let (home, registry, images) = scene();
    let requests = registry.requests_of(|| {
        let pushed = home.ok(&ALL);
        assert_eq!(pushed.stdout.lines().count(), 5, "{pushed}");
        assert!(pushed.stderr.contains("pushed 5 images: "), "{pushed}");
    });
    assert_all(&registry, &images);
    // Each layer once, though several images have it: elsewhere it is mounted.
    let sent = requests.iter().filter(|request| request.starts_with("PATCH")).count();
    let layers: std::collections::BTreeSet<String> = images.iter().flat_map(Image::diff_ids).collect();
    assert!(sent <= layers.len(), "{sent} of {}: {requests:#?}", layers.len());
    // Nothing has changed: a request for the registry, and one for each tag.
    let requests = registry.requests_of(|| drop(home.ok(&ALL)));
    assert_eq!((requests.len(), uploads(&requests)), (6, 0), "{requests:#?}");
}

#[test]
fn a_compressed_archive_on_standard_input_is_read_once_for_all_its_images() {
    let (home, registry, images) = scene();
    image_files::compress(&home.path("all.tar"), &home.path("all.tar.gz"));
    for source in ["-", "docker-archive:-"] {
        let mut command = home.command(&["push", source, "--to", "local", "--all", "--quiet"]);
        let pushed = command.stdin(File::open(home.path("all.tar.gz")).unwrap()).output().unwrap();
        let (stdout, stderr) = (String::from_utf8(pushed.stdout).unwrap(), String::from_utf8(pushed.stderr).unwrap());
        assert_eq!((stdout.lines().count(), stderr.as_str()), (5, ""));
    }
    assert_all(&registry, &images);
    home.ok(&["push", "docker-archive:all.tar.gz", "--to", "local", "--all"]);
}

#[test]
fn what_docker_saves_of_several_images_is_pushed_in_one_command() {
    let (home, registry) = (Home::new(), Registry::open());
    let (one, two) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    let names = ["crhost-all-one:v1", "crhost-all/two:v1", "crhost-all/two:latest"];
    let images = [&one, &two, &two];
    let _loaded: Vec<Loaded> = names.iter().zip(images).map(|(name, image)| Loaded::new(name, image)).collect();
    let mut save = std::process::Command::new("docker");
    process::run(save.args(["save", "--output"]).arg(home.path("saved.tar")).args(names)).ok();
    let to = format!("{}/air", registry.host());
    let pushed = home.ok(&["push", "docker-archive:saved.tar", "--all", "--to", &to]);
    for (name, image) in names.iter().zip(images) {
        skopeo::assert_same(registry.access(), &format!("{to}/{name}"), image);
    }
    assert_eq!(pushed.stdout.lines().count(), 2, "an image with two tags is one: {pushed}");
}

#[test]
fn all_tags_of_a_name_are_those_of_the_daemon() {
    let (home, registry) = (Home::new(), Registry::open());
    let (one, two) = (Image::small(here!(), architecture()), Image::small(here!(), architecture()));
    let name = format!("{}/acme/all", registry.host());
    let images = [("v1", &one), ("latest", &one), ("v2", &two), ("v3-rc", &two)];
    let _loaded: Vec<Loaded> = images.iter().map(|(tag, image)| Loaded::new(&format!("{name}:{tag}"), image)).collect();
    let _other = Loaded::new(&format!("{name}-other:v1"), &one);
    home.ok(&["push", &name, "--all", "--exclude", "*-rc"]);
    for (tag, image) in images.iter().take(3) {
        skopeo::assert_same(registry.access(), &format!("{name}:{tag}"), image);
    }
    assert_eq!(registry.tags(), 3);
    home.ok(&["push", &name, "--all-tags"]);
    assert_eq!(registry.tags(), 4);
    home.fails(2, &["push", &format!("{name}:v1"), "--all"]).says("names one image");
    home.fails(3, &["push", &format!("{name}-none"), "--all"]).says("has no image");
    home.fails(3, &["push", &name, "--all", "--include", "v9"]).says("has no `v9`");
    home.fails(3, &["push", &name, "--all", "--include", "v9*"]).says("none of the 4 names");
    assert_eq!(registry.tags(), 4);
}

#[test]
fn a_layout_gives_its_tags_the_name_of_its_directory_and_whole_names_their_own() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let [one, two, three] = [here!(), here!(), here!()].map(|seed| Image::small(seed, architecture()));
    let path = home.path("train");
    let named = |image: &Image, annotations: Value| {
        let mut entry = image_files::manifest(&path, image);
        entry["annotations"] = annotations;
        entry
    };
    let containerd = json!({
        "org.opencontainers.image.ref.name": "v3",
        "io.containerd.image.name": "ghcr.io/acme/web:v3",
    });
    let entries = [
        named(&one, json!({"org.opencontainers.image.ref.name": "v1"})),
        named(&one, json!({"org.opencontainers.image.ref.name": "latest"})),
        named(&two, json!({"org.opencontainers.image.ref.name": "quay.io/acme/tool:v2"})),
        named(&three, containerd),
        named(&Image::small(here!(), architecture()), json!({})),
    ];
    image_files::finish_layout(&path, &entries);
    let pushed = home.ok(&["push", "oci:train", "--to", "local", "--all"]);
    let untagged = format!("`@{}` is not pushed", entries[4]["digest"].as_str().unwrap());
    assert!(pushed.stderr.contains(&untagged), "{pushed}");
    let expected = [("train:v1", &one), ("train:latest", &one), ("acme/tool:v2", &two), ("acme/web:v3", &three)];
    for (name, image) in expected {
        skopeo::assert_same(registry.access(), &format!("{}/{name}", registry.host()), image);
    }
    assert_eq!(registry.tags(), expected.len());
    // The same in an archive, whose name is none of a repository.
    process::run(std::process::Command::new("tar").arg("-C").arg(&path).arg("-cf").arg(home.path("a.tar")).arg("."))
        .ok();
    home.fails(2, &["push", "oci-archive:a.tar", "--to", "local", "--all"])
        .says("has the tag `v1` without a repository");
    home.ok(&["push", "oci-archive:a.tar", "--to", "local", "--all", "--as", "b", "--exclude", "*:v[23]"]);
    skopeo::assert_same(registry.access(), &format!("{}/b:latest", registry.host()), &one);
    home.ok(&["push", "oci:train:quay.io/acme/tool", "--to", "local", "--as", "c", "--all-tags"]);
    skopeo::assert_same(registry.access(), &format!("{}/c:v2", registry.host()), &two);
    home.fails(2, &["push", "oci:train:v1", "--to", "local", "--all"]).says("names one image");
    home.fails(2, &["push", "oci:train", "--to", "local", "--all-tags"]).says("choose one");
}

#[test]
fn an_image_for_several_platforms_is_one_of_several() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let [one, other] = ["amd64", "arm64"].map(|architecture| (architecture, Image::small(here!(), architecture)));
    image_files::multi_platform_layout(&home.path("train"), "v1", &[(one.0, &one.1), (other.0, &other.1)]);
    let pushed = home.ok(&["push", "oci:train", "--to", "local", "--all", "--all-platforms", "-o", "json"]).json();
    let digest = pushed["images"][0]["registries"][0]["digest"].clone();
    let name = format!("{}/train:v1", registry.host());
    assert_eq!(skopeo::digest(registry.access(), &name), digest);
    assert_eq!(skopeo::raw(registry.access(), &name)["manifests"].as_array().unwrap().len(), 2);
}

#[test]
fn a_dry_run_says_what_would_be_pushed_and_sends_nothing() {
    let (home, registry, _) = scene();
    let told = home.ok(&[&ALL[..], &["--dry-run", "-o", "json"]].concat()).json();
    assert_eq!((told["dryRun"].clone(), told["images"].as_array().unwrap().len()), (true.into(), 5));
    assert_eq!(registry.tags(), 0);
    let text = home.ok(&[&ALL[..], &["--dry-run"]].concat());
    assert!(text.stderr.contains("to push 5 images"), "{text}");
}

#[test]
fn several_images_go_to_several_registries() {
    let (home, registry, images) = scene();
    let other = Registry::open();
    home.register("other", &format!("{}/mirror", other.host()));
    let pushed = home.ok(&[&ALL[..], &["--to", "other", "-o", "json", "--exclude", "*/*/own/*"]].concat()).json();
    let first = &pushed["images"][0];
    assert_eq!((&first["source"], &first["tags"]), (&"ghcr.io/acme/train:v1".into(), &json!(["v1"])));
    let registries: Vec<&Value> = first["registries"].as_array().unwrap().iter().map(|one| &one["to"]).collect();
    assert_eq!(registries, ["local", "other"]);
    for host in [registry.host(), other.host()] {
        let access = if host == registry.host() { registry.access() } else { other.access() };
        skopeo::assert_same(access, &format!("{host}/mirror/acme/train:v2"), &images[2]);
        skopeo::assert_same(access, &format!("{host}/mirror/redis:7"), &images[1]);
    }
}
