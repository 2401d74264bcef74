//! `containers-storage:`, with the storage of the real Podman and buildah; skopeo is the judge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::images::odd_layers;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registry::Registry;
use crate::support::skip::{Capability, skip};

/// A storage below a home's directory.
struct Storage {
    driver: &'static str,
    root: PathBuf,
    run: PathBuf,
}

impl Storage {
    fn new(home: &Home, driver: &'static str) -> Self {
        Self { driver, root: home.path(&format!("storage-{driver}")), run: home.path(&format!("run-{driver}")) }
    }

    /// Podman or buildah on this storage.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.arg(format!("--storage-driver={}", self.driver)).arg("--root").arg(&self.root);
        command.arg("--runroot").arg(&self.run);
        if program == "podman" {
            // Without systemd, which a container may lack.
            command.args(["--cgroup-manager=cgroupfs", "--events-backend=none"]);
        }
        command.args(arguments);
        command
    }

    /// Loads an image; `false` where Podman is not installed, or this storage can't be had here.
    fn load(&self, home: &Home, name: &str, image: &Image) -> bool {
        let archive = home.path("loaded.tar");
        image_files::archive(&archive, &[(name, image)]);
        let program = Command::new("podman").arg("--version").output();
        let loaded = program
            .is_ok()
            .then(|| process::run(self.command("podman", &["load", "--quiet", "--input"]).arg(&archive)));
        match loaded {
            Some(loaded) if loaded.code == Some(0) => return true,
            Some(refused) => skip(Capability::Podman, &format!("podman can't keep {} here{refused}", self.driver)),
            None => skip(Capability::Podman, "podman is not installed"),
        }
        false
    }

    /// The image's place for crhost and skopeo.
    fn source(&self, name: &str) -> String {
        format!("containers-storage:[{}@{}+{}]{name}", self.driver, self.root.display(), self.run.display())
    }

    /// What skopeo copies from there.
    fn copied(&self, home: &Home, name: &str) -> Value {
        let to = home.path(&format!("copied-{}", self.driver));
        let _ = fs::remove_dir_all(&to);
        let to = format!("dir:{}", to.display());
        process::run(Command::new("skopeo").args(["--insecure-policy", "copy", &self.source(name), &to])).ok();
        serde_json::from_slice(&fs::read(Path::new(to.trim_start_matches("dir:")).join("manifest.json")).unwrap())
            .unwrap()
    }
}

#[test]
fn an_image_of_podmans_storage_arrives_bit_by_bit_by_each_of_its_names() {
    for driver in ["overlay", "vfs"] {
        let (home, registry, image) = (Home::new(), Registry::open(), Image::with_a_layer_twice(here!()));
        home.register("local", registry.host());
        let storage = Storage::new(&home, driver);
        if !storage.load(&home, "localhost/train:v1", &image) {
            return;
        }
        let copied = storage.copied(&home, "localhost/train:v1");
        assert_eq!(copied["config"]["digest"], image.config_digest());
        let id = image.config_digest().trim_start_matches("sha256:").to_owned();
        for (name, pushed) in [("train:v1", "train:v1"), ("localhost/train:v1", "train:v1")] {
            home.ok(&["push", &storage.source(name), "--to", "local"]);
            skopeo::assert_same(registry.access(), &format!("{}/{pushed}", registry.host()), &image);
        }
        for (number, name) in
            [id.clone(), format!("@{id}"), id.chars().take(8).collect(), format!("localhost/train@{id}")]
                .iter()
                .enumerate()
        {
            home.ok(&["push", &storage.source(name), "--to", "local", "--as", &format!("by-{number}:v1")]);
            skopeo::assert_same(registry.access(), &format!("{}/by-{number}:v1", registry.host()), &image);
        }
        let digest = process::run(
            &mut storage.command("podman", &["image", "inspect", "--format", "{{.Digest}}", "localhost/train:v1"]),
        )
        .ok();
        let by_digest = storage.source(&format!("train@{}", digest.stdout.trim()));
        home.ok(&["push", &by_digest, "--to", "local", "--as", "by-digest:v1"]);
        skopeo::assert_same(registry.access(), &format!("{}/by-digest:v1", registry.host()), &image);
        let unknown = home.fails(3, &["push", &storage.source("trian:v1"), "--to", "local"]).says("has no image");
        assert!(unknown.hint().contains("did you mean `train:v1`?"), "{}", *unknown);
    }
}

#[test]
fn all_tags_of_a_name_in_podmans_storage_are_pushed() {
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let storage = Storage::new(&home, "vfs");
    let (one, two) = (Image::with_a_layer_twice(here!()), Image::with_a_layer_twice(here!()));
    let images = [("localhost/train:v1", &one), ("localhost/train:v2", &two), ("quay.io/acme/web:v1", &two)];
    for (name, image) in images {
        if !storage.load(&home, name, image) {
            return;
        }
    }
    process::run(&mut storage.command("podman", &["tag", "localhost/train:v2", "localhost/train:latest"])).ok();
    let pushed = home.ok(&["push", &storage.source("train"), "--all", "--to", "local"]);
    assert_eq!(pushed.stdout.lines().count(), 2, "an image with two tags is one: {pushed}");
    for (tag, image) in [("v1", &one), ("v2", &two), ("latest", &two)] {
        skopeo::assert_same(registry.access(), &format!("{}/train:{tag}", registry.host()), image);
    }
    home.ok(&["push", &storage.source("web"), "--all-tags", "--to", "local", "--as", "b"]);
    skopeo::assert_same(registry.access(), &format!("{}/b:v1", registry.host()), &two);
    home.fails(3, &["push", &storage.source("trian"), "--all", "--to", "local"]).says("has no image");
    home.fails(2, &["push", &storage.source("train:v1"), "--all", "--to", "local"]).says("names one image");
    assert_eq!(registry.tags(), 4);
}

#[test]
fn layers_of_every_kind_of_entry_are_put_together_again_and_a_changed_file_is_found_out() {
    let image = Image::of_layers(odd_layers::layers(here!()));
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let storage = Storage::new(&home, "overlay");
    if !storage.load(&home, "localhost/odd:v1", &image) {
        return;
    }
    home.ok(&["push", &storage.source("odd:v1"), "--to", "local"]);
    skopeo::assert_same(registry.access(), &format!("{}/odd:v1", registry.host()), &image);
    let layers: Value =
        serde_json::from_slice(&fs::read(storage.root.join("overlay-layers/layers.json")).unwrap()).unwrap();
    let largest = layers.as_array().unwrap().iter().max_by_key(|layer| layer["diff-size"].as_u64()).unwrap();
    let records = storage.root.join(format!("overlay-layers/{}.tar-split.gz", largest["id"].as_str().unwrap()));
    fs::remove_file(records).unwrap();
    let refused = home.fails(1, &["push", &storage.source("odd:v1"), "--to", "local", "--as", "again:v1"]);
    assert!(refused.hint().contains("podman save NAME | crhost push docker-archive:-"), "{}", *refused);
}

#[test]
fn what_buildah_built_is_pushed_from_its_storage_and_from_a_pipe() {
    let (mut home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let (storage, context) = (Storage::new(&home, "vfs"), home.path("context"));
    if !storage.load(&home, "localhost/probe:v1", &Image::small(here!(), "amd64")) {
        return;
    }
    fs::create_dir(&context).unwrap();
    fs::write(context.join("Dockerfile"), "FROM scratch\nCOPY file /file\n").unwrap();
    fs::write(context.join("file"), "content").unwrap();
    let built = process::run(storage.command("buildah", &["bud", "--quiet", "--tag", "built:v1"]).arg(&context)).ok();
    let id = built.stdout.trim().to_owned();
    // As a user who has configured it.
    let configured = home.path("storage.conf");
    let text = format!(
        "[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
        storage.root.display(),
        storage.run.display()
    );
    fs::write(&configured, text).unwrap();
    home.set("CONTAINERS_STORAGE_CONF", &configured);
    home.ok(&["push", "containers-storage:built:v1", "--to", "local"]);
    let pulled = skopeo::pull(registry.access(), &format!("{}/built:v1", registry.host()));
    assert_eq!(storage.copied(&home, "localhost/built:v1")["config"]["digest"], format!("sha256:{id}"));
    // buildah itself writes no OCI archive to a pipe; Podman does.
    let name = "localhost/built:v1";
    for (kind, source, program, arguments) in [
        ("docker-archive", "docker-archive:-", "buildah", ["push", name, "docker-archive:/dev/stdout:built:v1"]),
        ("oci-archive", "oci-archive:-", "podman", ["save", "--format=oci-archive", name]),
    ] {
        let mut builder = storage.command(program, &arguments);
        let mut builder = builder.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut push = home.command(&["push", source, "--to", "local", "--as", &format!("{kind}:v1")]);
        let pushed = push.stdin(builder.stdout.take().unwrap()).output().unwrap();
        assert!(
            builder.wait().unwrap().success() && pushed.status.success(),
            "{}",
            String::from_utf8_lossy(&pushed.stderr)
        );
        let piped = skopeo::pull(registry.access(), &format!("{}/{kind}:v1", registry.host()));
        assert_eq!(piped.diff_ids, pulled.diff_ids, "{kind}");
    }
    // Where no daemon is, Podman's storage is offered.
    home.set("DOCKER_HOST", "unix:///nowhere.sock");
    let refused = home.fails(6, &["push", "built:v1", "--to", "local"]);
    assert!(refused.hint().contains("push `containers-storage:built:v1`"), "{}", *refused);
}

#[test]
fn a_storage_that_can_not_be_read_says_what_to_do() {
    let home = Home::new();
    home.register("local", "127.0.0.1:1");
    let push = |source: String, code: i32, says: &str| {
        let refused = home.fails(code, &["push", &source, "--to", "local", "--as", "x"]).says(says);
        refused.hint().to_owned()
    };
    let place = |name: &str| {
        let root = home.path(name);
        fs::create_dir_all(&root).unwrap();
        root.display().to_string()
    };
    push("containers-storage:[overlay@/nowhere+/run]x".to_owned(), 3, "no storage of Podman or buildah in `/nowhere`");
    push(format!("containers-storage:[{}]x", place("empty")), 3, "no storage of Podman or buildah in");
    place("btrfs/btrfs-images");
    let hint = push(format!("containers-storage:[{}]x", place("btrfs")), 2, "the driver `btrfs`");
    assert!(hint.contains("podman save NAME | crhost push docker-archive:-"), "{hint}");
    push("containers-storage:[x".to_owned(), 2, "is no storage");
    let broken = place("broken/overlay-images");
    fs::write(Path::new(&broken).join("images.json"), "[{").unwrap();
    push(format!("containers-storage:[{}]x", place("broken")), 1, "images.json");
}
