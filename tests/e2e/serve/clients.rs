//! Other clients against `crhost serve`: each pushes an image and pulls it again.

use std::path::Path;
use std::process::Command;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo::{self, Access};
use crate::support::programs::daemon::Loaded;
use crate::support::programs::process::{self, Finished};
use crate::support::programs::serve::Serve;
use crate::support::skip::{Capability, skip};

/// Podman or buildah with a store of its own, which needs no driver of the system.
fn engine(name: &str, store: &Path, arguments: &[&str]) -> Finished {
    let mut command = Command::new(name);
    command.arg("--root").arg(store.join("root")).arg("--runroot").arg(store.join("run"));
    command.args(["--storage-driver", "vfs"]).args(arguments).env("TMPDIR", store);
    process::run(&mut command)
}

fn is_installed(name: &str) -> bool {
    Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
fn docker_pushes_and_pulls() {
    let registry = Serve::start();
    let image = Image::small(here!(), architecture());
    let name = format!("{}/team/docker:v1", registry.host);
    let loaded = Loaded::new(&name, &image);
    process::tool("docker", ["push", &name]).ok();
    // Once more: everything is there.
    process::tool("docker", ["push", &name]).ok();
    skopeo::assert_same(&Access::default(), &name, &image);
    drop(loaded);
    process::tool("docker", ["pull", &name]).ok();
    process::tool("docker", ["rmi", "--no-prune", &name]).ok();
}

#[test]
fn skopeo_copies_one_image_and_all_of_an_index_lists_tags_and_deletes() {
    let registry = Serve::start();
    let (amd64, arm64) = (Image::small(here!(), "amd64"), Image::small(here!(), "arm64"));
    let layout = registry.home.path("layout");
    image_files::multi_platform_layout(&layout, "v1", &[("amd64", &amd64), ("arm64", &arm64)]);
    let name = format!("docker://{}/team/skopeo", registry.host);
    let skopeo =
        |arguments: &[&str]| process::run(Command::new("skopeo").arg("--insecure-policy").args(arguments)).ok().stdout;
    let from = format!("oci:{}:v1", layout.display());
    skopeo(&["copy", "--all", "--dest-tls-verify=false", &from, &format!("{name}:v1")]);
    skopeo(&["copy", "--override-arch=arm64", "--dest-tls-verify=false", &from, &format!("{name}:arm64")]);
    skopeo::assert_same(&Access::default(), &format!("{}/team/skopeo:arm64", registry.host), &arm64);
    // Into another repository, and into Docker's form.
    let other = format!("docker://{}/team/other:v1", registry.host);
    let both = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    skopeo(&[&["copy", "--all"], &both[..], &[&format!("{name}:v1"), &other]].concat());
    skopeo(&[&["copy", "--format=v2s2"], &both[..], &[&format!("{name}:arm64"), &format!("{name}:docker")]].concat());
    let tags = skopeo(&["list-tags", "--tls-verify=false", &name]);
    assert!(["arm64", "docker", "v1"].iter().all(|tag| tags.contains(&format!("\"{tag}\""))), "{tags}");
    skopeo(&["delete", "--tls-verify=false", &format!("{name}:docker")]);
    assert!(!skopeo::has(&Access::default(), &format!("{}/team/skopeo:docker", registry.host)));
}

#[test]
fn podman_and_buildah_push_and_pull() {
    for name in ["podman", "buildah"] {
        if !is_installed(name) {
            skip(Capability::Podman, &format!("`{name}` is not installed"));
            continue;
        }
        let registry = Serve::start();
        let image = Image::small(here!(), architecture());
        let (archive, store) = (registry.home.path("image.tar"), registry.home.path("store"));
        image_files::archive(&archive, &[("localhost/image:v1", &image)]);
        std::fs::create_dir(&store).unwrap();
        engine(name, &store, &["pull", "--quiet", &format!("docker-archive:{}", archive.display())]).ok();
        for format in ["oci", "v2s2"] {
            let to = format!("{}/team/{name}:{format}", registry.host);
            let form = format!("--format={format}");
            engine(name, &store, &["push", "--quiet", "--tls-verify=false", &form, "localhost/image:v1", &to]).ok();
            assert_eq!(skopeo::pull(&Access::default(), &to).diff_ids, image.diff_ids(), "{name} {format}");
            engine(name, &store, &["pull", "--quiet", "--tls-verify=false", &to]).ok();
        }
    }
}
