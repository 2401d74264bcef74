//! Registries and runtimes of others: real registries besides the CNCF's, and programs that pull what was pushed.

use std::env;
use std::process::Command;

use tempfile::TempDir;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::registry::{PASSWORD, Registry, USER};
use crate::support::programs::zuul::{READER, READERS_PASSWORD, Zuul};

/// Names another running registry for [`registries_of_others_take_every_kind_of_image`], as
/// `USER:PASSWORD@HOST[/REPOSITORY]`.
const REGISTRY: &str = "CRHOST_TEST_REGISTRY";

#[test]
fn registries_of_others_take_every_kind_of_image() {
    let zuul = Zuul::start();
    push_every_kind(&zuul.access(), &format!("{}/acme", zuul.host()));
    if let Ok(named) = env::var(REGISTRY) {
        let (credentials, uri) = named.rsplit_once('@').unwrap();
        push_every_kind(&Access { credentials: Some(credentials.to_owned()), ..Access::default() }, uri);
    }
}

fn push_every_kind(access: &Access, uri: &str) {
    let (home, host) = (Home::new(), uri.split('/').next().unwrap());
    let (user, password) = access.credentials.as_ref().unwrap().split_once(':').unwrap();
    let (image, other) = (Image::with_a_layer_twice(here!()), Image::small(here!(), "arm64"));
    home.docker_login(host, user, password);
    home.register("theirs", uri);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::multi_platform_layout(&home.path("both"), "v1", &[(architecture(), &image), ("arm64", &other)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    for (source, name, options) in [
        ("oci:layout:v1", "train:v1", &["--tag", "latest"][..]),
        ("oci:layout:v1", "a/b/train:v1", &[]),
        ("oci:both:v1", "both:v1", &["--all-platforms"]),
        ("docker-archive:train.tar", "gzip:v1", &[]),
        ("docker-archive:train.tar", "zstd:v1", &["--compression", "zstd"]),
        ("docker-archive:train.tar", "none:v1", &["--compression", "none"]),
    ] {
        let push = [&["push", source, "--to", "theirs", "--as", name], options].concat();
        home.ok(&push);
        skopeo::assert_same(access, &format!("{uri}/{name}"), &image);
        let again = home.ok(&push);
        assert!(again.stderr.contains(": 0 B sent"), "{again}");
    }
    skopeo::assert_same(access, &format!("{uri}/train:latest"), &image);
}

#[test]
fn a_token_server_that_refuses_names_the_user_whose_credentials_it_refused() {
    let (home, image) = Home::with_image();
    let zuul = Zuul::start();
    let uri = format!("{}/acme", zuul.host());
    let push = ["push", "oci:layout:v1", "--uri", &uri, "--as", "train:v1"];
    home.fails(4, &push).says("requires a login");
    for (user, password) in [(USER, "wrong"), (READER, READERS_PASSWORD), ("carol", PASSWORD)] {
        home.docker_login(zuul.host(), user, password);
        home.fails(4, &push).says(&format!("credentials of `{user}`"));
    }
    assert!(!zuul.has("acme/train", "v1"));
    home.docker_login(zuul.host(), USER, PASSWORD);
    home.ok(&push);
    skopeo::assert_same(&zuul.access(), &format!("{uri}/train:v1"), &image);
}

#[test]
fn docker_and_podman_pull_what_was_pushed() {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::with_a_layer_twice(here!()));
    home.register("dev", &format!("{}/acme", registry.host()));
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let podman = Podman::new();
    daemon::ensure_daemon();
    for (source, name, options) in [
        ("oci:layout:v1", "layout:v1", &[][..]),
        ("docker-archive:train.tar", "gzip:v1", &[]),
        ("docker-archive:train.tar", "none:v1", &["--compression", "none"]),
        ("docker-archive:train.tar", "zstd:v1", &["--compression", "zstd"]),
    ] {
        home.ok(&[&["push", source, "--to", "dev", "--as", name], options].concat());
        let name = format!("{}/acme/{name}", registry.host());
        let id = podman.run(&["pull", "--quiet", "--tls-verify=false", &name]);
        assert_eq!(format!("sha256:{}", id.stdout.trim()), image.config_digest(), "{id}");
        // Docker reads zstd since version 23.
        if !name.ends_with("/zstd:v1") {
            process::tool("docker", ["pull", "--quiet", &name]).ok();
            let id = process::tool("docker", ["inspect", "--format", "{{.Id}}", &name]).ok();
            assert_eq!(id.stdout.trim(), image.config_digest(), "{id}");
            process::tool("docker", ["rmi", &name]).ok();
        }
    }
}

#[test]
fn podman_pushes_to_crhost_serve_and_crhost_pushes_on_what_it_saved() {
    let (home, image) = Home::with_image();
    let (_server, host) = home.serve();
    let podman = Podman::new();
    let file = home.path("train.tar");
    image_files::archive(&file, &[("example/train:v1", &image)]);
    podman.run(&["load", "--quiet", "--input", file.to_str().unwrap()]);
    let id = podman.run(&["images", "--quiet", "--no-trunc"]).stdout.trim().to_owned();
    podman.run(&["push", "--quiet", "--tls-verify=false", &id, &format!("docker://{host}/acme/train:v1")]);
    // Podman writes configurations of its own; the layers are what it can't change.
    let assert_layers = |name: &str| {
        let pulled = skopeo::pull(&Access::default(), &format!("{host}/acme/{name}"));
        assert_eq!(pulled.diff_ids, image.diff_ids(), "other layers in {name}");
    };
    assert_layers("train:v1");
    for format in ["docker-archive", "oci-archive"] {
        let file = home.path(&format!("{format}.tar"));
        podman.run(&["save", "--quiet", "--format", format, "--output", file.to_str().unwrap(), &id]);
        let (source, name) = (format!("{format}:{}", file.display()), format!("{format}:v1"));
        home.ok(&["push", &source, "--uri", &format!("{host}/acme"), "--as", &name]);
        assert_layers(&name);
    }
}

/// Podman with a storage of its own.
struct Podman(TempDir);

impl Podman {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Finished {
        let below = |name: &str| self.0.path().join(name);
        let mut podman = Command::new("podman");
        podman.arg("--root").arg(below("root")).arg("--runroot").arg(below("run")).arg("--storage-driver=vfs");
        process::run(podman.args(arguments)).ok()
    }
}
