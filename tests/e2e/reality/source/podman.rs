//! Podman itself: what it saves, and the socket on which it speaks Docker's API.

use std::path::PathBuf;
use std::process::Command;

use crate::support::eventually::eventually;
use crate::support::images::digest;
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{self, Server};
use crate::support::programs::registry::Registry;
use crate::support::skip::{Capability, skip};

/// Podman with a store of its own, which has one image as `localhost/train:v1`.
struct Podman(PathBuf);

impl Podman {
    /// Loads the image below a home's directory; `None` where Podman is not installed or can't run.
    fn with(home: &Home, image: &Image) -> Option<Self> {
        let podman = Self(home.path("podman"));
        image_files::archive(&home.path("train.tar"), &[("localhost/train:v1", image)]);
        let loaded = Command::new("podman")
            .arg("--version")
            .output()
            .is_ok()
            .then(|| process::run(podman.command(&["load", "--quiet", "--input"]).arg(home.path("train.tar"))));
        match loaded {
            Some(loaded) if loaded.code == Some(0) => return Some(podman),
            Some(refused) => skip(Capability::Podman, &format!("podman can't run here{refused}")),
            None => skip(Capability::Podman, "podman is not installed"),
        }
        None
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("podman");
        // Without namespaces, mounts and systemd, which a container may lack.
        command.args(["--storage-driver=vfs", "--cgroup-manager=cgroupfs", "--events-backend=none"]);
        command.arg("--root").arg(self.0.join("root")).arg("--runroot").arg(self.0.join("run"));
        command.args(arguments);
        command
    }
}

#[test]
fn what_podman_saves_is_pushed_in_each_of_its_formats() {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::with_a_layer_twice(here!()));
    home.register("local", registry.host());
    let Some(podman) = Podman::with(&home, &image) else { return };
    for (format, source) in [
        ("docker-archive", "docker-archive:saved-docker-archive"),
        ("oci-archive", "oci-archive:saved-oci-archive"),
        ("oci-archive", "./saved-oci-archive:localhost/train:v1"),
        ("oci-dir", "oci:saved-oci-dir"),
    ] {
        let to = home.path(&format!("saved-{format}"));
        if !to.exists() {
            process::run(podman.command(&["save", "--quiet", "--format", format, "--output"]).arg(to).arg("train:v1"))
                .ok();
        }
        home.ok(&["push", source, "--to", "local", "--as", &format!("{format}:v1")]);
        // For OCI, Podman writes a configuration of its own.
        let pulled = skopeo::pull(registry.access(), &format!("{}/{format}:v1", registry.host()));
        assert_eq!(pulled.diff_ids, image.diff_ids(), "{format}");
    }
}

#[test]
fn an_image_of_podmans_socket_is_pushed_by_each_of_its_names() {
    let (mut home, registry, image) = (Home::new(), Registry::open(), Image::with_a_layer_twice(here!()));
    home.register("local", registry.host());
    let Some(podman) = Podman::with(&home, &image) else { return };
    let socket = home.path("podman.sock");
    let address = format!("unix://{}", socket.display());
    let _service = Server::start(&mut podman.command(&["system", "service", "--time=0", &address]));
    eventually("podman's socket", || socket.exists().then_some(()));
    home.set("DOCKER_HOST", address);
    let id = image.config_digest();
    let short = digest::hex(&id).get(..12).unwrap();
    for (number, name) in ["train:v1", "localhost/train:v1", &id, short].into_iter().enumerate() {
        home.ok(&["push", name, "--to", "local", "--as", &format!("by-{number}:v1")]);
        skopeo::assert_same(registry.access(), &format!("{}/by-{number}:v1", registry.host()), &image);
    }
    home.fails(3, &["push", "other:v1", "--to", "local", "--as", "x"]).says("has no image `other:v1`");
}
