//! What is sent of a context.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;

use super::{NO_CACHE, home_with_context, write};
use crate::support::judges::skopeo;
use crate::support::programs::daemon::ensure_daemon;
use crate::support::programs::process;
use crate::support::programs::registry::Registry;

const COPY_ALL: &str = "FROM scratch\nCOPY . /\n";

#[test]
fn an_ignore_file_leaves_out_what_docker_leaves_out() {
    ensure_daemon();
    let registry = Registry::open();
    let files = [
        ("keep", ""),
        ("drop.log", ""),
        ("a/b.log", ""),
        ("a/keep.log", ""),
        ("node_modules/x", ""),
        ("docs/R.md", ""),
    ];
    let home = home_with_context(COPY_ALL, &files);
    write(&home, "context/.dockerignore", "# comment\n**/*.log\n!a/keep.log\nnode_modules\ndocs\n!docs/R.md\n");
    symlink("keep", home.path("context/link")).unwrap();
    fs::set_permissions(home.path("context/keep"), fs::Permissions::from_mode(0o750)).unwrap();
    home.ok(&["build", "context", "-t", "ignored:1", "--to", registry.host()]);
    let (names, _) = skopeo::contents(registry.access(), &format!("{}/ignored:1", registry.host()));
    assert_eq!(names, [".dockerignore", "Dockerfile", "a", "a/keep.log", "docs", "docs/R.md", "keep", "link"]);
    // The ignore file of the one Dockerfile goes before that of the context.
    write(&home, "context/Dockerfile.dockerignore", "*\n!keep\n");
    home.ok(&["build", "context", "-t", "ignored:2", "--to", registry.host()]);
    let (names, _) = skopeo::contents(registry.access(), &format!("{}/ignored:2", registry.host()));
    assert!(names.contains(&"keep".to_owned()) && !names.contains(&"a".to_owned()), "{names:?}");
    let _ = process::tool("docker", ["rmi", "--no-prune", "ignored:1", "ignored:2"]);
}

#[test]
fn the_classic_builder_leaves_an_ignored_dockerfile_out_of_the_image() {
    ensure_daemon();
    let registry = Registry::open();
    let mut home = home_with_context(COPY_ALL, &[("keep", "")]);
    write(&home, "context/.dockerignore", "Dockerfile\n.dockerignore\n");
    home.set("DOCKER_BUILDKIT", "0");
    home.ok(&["build", "context", NO_CACHE, "-t", "ignored:3", "--to", registry.host()]);
    assert_eq!(skopeo::contents(registry.access(), &format!("{}/ignored:3", registry.host())).0, ["keep"]);
    let _ = process::tool("docker", ["rmi", "--no-prune", "ignored:3"]);
}

#[test]
fn a_context_on_standard_input_is_an_archive() {
    ensure_daemon();
    let registry = Registry::open();
    let home = home_with_context(COPY_ALL, &[("a", "a")]);
    let mut tar = std::process::Command::new("tar");
    let mut tar = tar.args(["-cz", "-C"]).arg(home.path("context")).arg(".").stdout(Stdio::piped()).spawn().unwrap();
    let mut command = home.command(&["build", "-", "-t", "piped:1", "--to", registry.host()]);
    let ended = command.stdin(tar.stdout.take().unwrap()).output().unwrap();
    tar.wait().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(skopeo::contents(registry.access(), &format!("{}/piped:1", registry.host())).0, ["Dockerfile", "a"]);
    let _ = process::tool("docker", ["rmi", "--no-prune", "piped:1"]);
}

#[test]
fn a_context_or_dockerfile_that_is_not_there_is_named_before_a_builder_is_asked() {
    let mut home = home_with_context(COPY_ALL, &[]);
    home.set("DOCKER_HOST", "unix:///nonexistent");
    home.fails(3, &["build", "nowhere"]).says("`nowhere` can't be read");
    home.fails(2, &["build", "context/Dockerfile"]).says("is no directory");
    home.fails(2, &["build", "https://example.com/x.git"]).says("git clone");
    home.fails(3, &["build", "context", "-f", "context/Other"]).says("--parent-image");
    fs::remove_file(home.path("context/Dockerfile")).unwrap();
    home.fails(3, &["build", "context"]).says("--parent-image");
}
