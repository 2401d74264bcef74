//! The cost of a push whose image, or most of it, was pushed before.

use std::io::Write as _;

use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::http1::Head;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::daemon::{self, Loaded};
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// The requests of a push whose tag has the image already.
const ASKED: [&str; 2] = ["GET /v2/", "HEAD /v2/team/train/manifests/v1"];

fn starting(requests: &[String], with: &str) -> usize {
    requests.iter().filter(|request| request.starts_with(with)).count()
}

#[test]
fn an_unchanged_image_costs_one_question_for_its_tag_from_files() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
    for source in ["oci:layout:v1", "docker-archive:train.tar", "docker-archive:train.tar.gz"] {
        let push = || home.ok(&["push", source, "--to", "local", "--as", "team/train:v1", "-o", "json"]);
        let first = push().json();
        let requests = registry.requests_of(|| {
            let second = push();
            let second = second.json();
            assert_eq!((&second["digest"], &second["unchanged"]), (&first["digest"], &true.into()));
        });
        assert_eq!(requests, ASKED, "{source}");
    }
}

#[test]
fn an_unchanged_image_costs_three_requests_where_a_password_opens_the_registry() {
    let (home, registry) = (Home::new(), Registry::with_password());
    home.docker_login(registry.host(), USER, PASSWORD);
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &Image::small(here!(), architecture()))]);
    let push = || drop(home.ok(&["push", "docker-archive:train.tar", "--to", "local", "--as", "team/train:v1"]));
    push();
    let requests = registry.requests_of(push);
    // Is a registry there, and do name and password open it?
    assert_eq!(requests, [&ASKED[..1], &ASKED[..]].concat());
}

#[test]
fn an_unchanged_image_of_the_daemon_is_not_exported() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    let name = format!("{}/team/train:v1", registry.host());
    home.register("local", registry.host());
    let loaded = Loaded::new(&name, &image);
    let push = || drop(home.ok(&["push", &name, "--daemon-export"]));
    assert_eq!(daemon::exports_of(&loaded.id(), push), 1);
    let requests = registry.requests_of(|| assert_eq!(daemon::exports_of(&loaded.id(), push), 0));
    assert_eq!(requests, ASKED);
    skopeo::assert_same(registry.access(), &name, &image);
}

#[test]
fn a_changed_layer_alone_is_sent() {
    let image = Image::new(here!());
    let changed = image.with_another_top(here!());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    let push =
        |source: &str, name: &str| home.ok(&["push", source, "--to", "local", "--as", name, "-o", "json"]).json();
    for (kind, name) in [("docker-archive", "archive:v1"), ("oci", "layout:v1")] {
        let [before, after] = ["before", "after"].map(|file| {
            let image = if file == "before" { &image } else { &changed };
            let path = home.path(&format!("{kind}-{file}"));
            match kind {
                "oci" => drop(image_files::layout(&path, &[("v1", image)])),
                _ => image_files::archive(&path, &[("train:v1", image)]),
            }
            format!("{kind}:{kind}-{file}")
        });
        push(&before, name);
        let requests = registry.requests_of(|| {
            let pushed = push(&after, name);
            let outcomes: Vec<_> = pushed["layers"].as_array().unwrap().iter().map(|layer| &layer["outcome"]).collect();
            assert_eq!(outcomes, ["present", "present", "present", "uploaded"], "{kind}");
        });
        // The layer's and the configuration's.
        assert_eq!(starting(&requests, "POST"), 2, "{kind}: {requests:#?}");
        skopeo::assert_same(registry.access(), &format!("{}/{name}", registry.host()), &changed);
    }
}

#[test]
fn a_registry_that_lost_its_content_gets_it_again() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let push = || home.ok(&["push", "docker-archive:train.tar:train:v1", "--to", "local", "--quiet"]).stdout;
    let first = push();
    registry.lose_content();
    assert_eq!(push(), first);
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}

#[test]
fn a_registry_that_claims_to_have_what_it_lacks_gets_no_broken_tag() {
    let image = Image::small(here!(), architecture());
    let (home, registry) = (Home::new(), Registry::open());
    let liar = claiming_all_blobs(registry.port());
    let host = format!("localhost:{}", liar.port());
    home.register("liar", &host);
    home.register("honest", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let push = |to: &str| home.run(&["push", "oci:layout:v1", "--to", to, "--as", "train"]);
    let refused = push("liar");
    assert!(refused.code != Some(0) && refused.stderr.contains("blob"), "{refused}");
    assert_eq!(registry.tags(), 0);
    // Nothing that it claimed is believed of others.
    push("honest").ok();
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}

/// A fake front of a real registry that says of each blob that it is there.
fn claiming_all_blobs(port: u16) -> Listener {
    Listener::start(move |mut stream, _| {
        let head = Head::read(&mut stream)?;
        if head.method() == "HEAD" && head.target().contains("/blobs/") {
            return stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        }
        forward_proxy::join(stream, head.forward(("127.0.0.1", port), "")?)
    })
}
