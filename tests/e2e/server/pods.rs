//! The server and a job as a cluster runs them: crhost's image, without rights, and secrets where volumes put them.

use std::net::{TcpListener, TcpStream};

use crate::support::eventually::eventually;
use crate::support::images::image_files;
use crate::support::judges::skopeo;
use crate::support::programs::dist::OwnImage;
use crate::support::programs::pod::Pod;
use crate::support::programs::process::{self, Running};

use super::scene::{AUDIENCE, Scene, TOKEN};

#[test]
fn a_job_pushes_by_a_server_in_a_pod_and_holds_no_secret() {
    let Some(scene) = Scene::new() else { return };
    let (image, admin) = (OwnImage::loaded(), &scene.admin);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("0.0.0.0:{port}");
    let mut server = Pod::rendered(
        admin,
        &image,
        &[
            "--secret-env",
            "CRHOST_DATABASE=crhost/database",
            "--secret-dir",
            "crhost=/key",
            "server",
            "--rules",
            "rules.toml",
            "--key-file",
            "/key/key",
            "--plain-http",
            "--listen",
            &listen,
            "-v",
        ],
    );
    server.secret("crhost/database", scene.postgres.url());
    server.volume("secret-1", &[("key", "key".repeat(32).as_bytes().get(..32).unwrap())]);
    let name = format!("crhost-server-{port}");
    let serving = Running::start(&mut server.container(&image, &name, &[]));
    eventually("the server answers", || TcpStream::connect(("127.0.0.1", port)).ok());

    let url = format!("http://127.0.0.1:{port}");
    let words =
        ["--server", &url, "--audience", AUDIENCE, "--claim", "build=/build", "push", "oci:/build:v1", "--to", "do"];
    let mut job = Pod::rendered(admin, &image, &[&words[..], &["--as", "a:v1"]].concat());
    image_files::layout(&admin.path("build"), &[("v1", &scene.image)]);
    job.directory("claim-1", admin.path("build"));
    job.volume("token", &[("token", scene.token().as_bytes())]);
    let pushed = process::run(&mut job.container(&image, &format!("crhost-push-{port}"), &[])).ok();
    let arrived = format!("{}/acme/a:v1", scene.registry.host());
    skopeo::assert_same(scene.registry.access(), &arrived, &scene.image);
    // A pod that is to end has its time.
    process::tool("docker", ["stop", &name]).ok();
    let served = serving.end().ok();
    for output in [&pushed.stderr, &served.stderr] {
        assert!(!output.contains(TOKEN), "{output}");
    }
}
