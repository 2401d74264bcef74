//! What an image costs that was pushed before, or nearly.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use crate::support::crhost::Home;
use crate::support::daemon::{self, Loaded};
use crate::support::image::{Image, architecture};
use crate::support::listener::Listener;
use crate::support::registry::{PASSWORD, Registry, USER};
use crate::support::{image_files, judge, proxy};

/// All that a push may ask for whose image the tag has already.
const ASKED: [&str; 2] = ["GET /v2/", "HEAD /v2/team/train/manifests/v1"];

fn starting(requests: &[String], with: &str) -> usize {
    requests.iter().filter(|request| request.starts_with(with)).count()
}

#[test]
fn an_unchanged_image_costs_one_question_for_its_tag_from_files() {
    let image = Image::new(300);
    let (home, registry) = (Home::warm(), Registry::open());
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    image_files::compress(&home.path("train.tar"), &home.path("train.tar.gz"));
    for source in ["oci:layout:v1", "docker-archive:train.tar", "docker-archive:train.tar.gz"] {
        let push = || home.ok(&["push", source, "--to", "local", "--as", "team/train:v1", "-o", "json"]);
        let first = push().json();
        let requests = registry.requests_of(|| {
            let second = push();
            assert!(second.stderr.contains("unchanged"), "{second}");
            let second = second.json();
            assert_eq!((&second["digest"], &second["unchanged"]), (&first["digest"], &true.into()));
        });
        assert_eq!(requests, ASKED, "{source}");
    }
}

#[test]
fn an_unchanged_image_costs_three_requests_where_a_password_opens_the_registry() {
    let (home, registry) = (Home::warm(), Registry::with_password());
    home.docker_login(registry.host(), USER, PASSWORD);
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &Image::small(350, architecture()))]);
    let push = || drop(home.ok(&["push", "docker-archive:train.tar", "--to", "local", "--as", "team/train:v1"]));
    push();
    let requests = registry.requests_of(push);
    // Is a registry there, and do name and password open it?
    assert_eq!(requests, [&ASKED[..1], &ASKED[..]].concat());
}

#[test]
fn an_unchanged_image_of_the_daemon_is_not_exported() {
    let image = Image::new(310);
    let (home, registry) = (Home::warm(), Registry::open());
    let name = format!("{}/team/train:v1", registry.host());
    home.register("local", registry.host());
    let loaded = Loaded::new(&name, &image);
    let push = || drop(home.ok(&["push", &name, "--daemon-export"]));
    assert_eq!(daemon::exports_of(&loaded.id(), push), 1);
    let requests = registry.requests_of(|| assert_eq!(daemon::exports_of(&loaded.id(), push), 0));
    assert_eq!(requests, ASKED);
    judge::assert_same(registry.access(), &name, &image);
}

#[test]
fn a_changed_layer_alone_is_sent() {
    let image = Image::new(320);
    let changed = image.with_another_top(325);
    let (home, registry) = (Home::warm(), Registry::open());
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
        judge::assert_same(registry.access(), &format!("{}/{name}", registry.host()), &changed);
    }
}

#[test]
fn a_registry_that_lost_its_content_gets_it_again() {
    let image = Image::new(330);
    let (home, registry) = (Home::warm(), Registry::open());
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    let push = || home.ok(&["push", "docker-archive:train.tar", "--to", "local", "--quiet"]).stdout;
    let first = push();
    registry.lose_content();
    assert_eq!(push(), first);
    judge::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}

#[test]
fn a_registry_that_claims_to_have_what_it_lacks_gets_no_broken_tag() {
    let image = Image::small(340, architecture());
    let (home, registry) = (Home::warm(), Registry::open());
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
    judge::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}

/// A fake front of a real registry that says of each blob that it is there.
fn claiming_all_blobs(port: u16) -> Listener {
    Listener::start(move |mut stream, _| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
            // A client that tries TLS first.
            if head == [0x16] {
                return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            }
        }
        let head = String::from_utf8(head).map_err(io::Error::other)?;
        if head.starts_with("HEAD") && head.contains("/blobs/") {
            return stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        }
        let mut server = TcpStream::connect(("127.0.0.1", port))?;
        server.write_all(head.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes())?;
        proxy::join(stream, server)
    })
}
