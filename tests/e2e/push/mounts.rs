//! Blobs that a registry mounts from another of its repositories.

use std::io::Write as _;

use crate::support::fakes::forward_proxy;
use crate::support::fakes::listener::Listener;
use crate::support::fakes::token_server::TokenServer;
use crate::support::http1::Head;
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// The outcome of each layer of a push to a repository.
fn outcomes(home: &Home, source: &str, repository: &str) -> Vec<String> {
    let pushed = home.ok(&["push", source, "--to", "local", "--as", repository, "-o", "json"]).json();
    let layers = pushed["layers"].as_array().unwrap().iter();
    layers.map(|layer| layer["outcome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn layers_are_taken_over_from_another_repository_of_the_same_registry() {
    let image = Image::new(here!());
    let (home, tokens) = (Home::new(), TokenServer::start());
    let registry = Registry::with_tokens(&tokens);
    home.docker_login(registry.host(), USER, PASSWORD);
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    for (source, one, two) in
        [("oci:layout:v1", "team/one", "team/two"), ("docker-archive:train.tar:train:v1", "team/three", "team/four")]
    {
        assert_eq!(outcomes(&home, source, one), ["uploaded"; 4]);
        let requests = registry.requests_of(|| assert_eq!(outcomes(&home, source, two), ["mounted"; 4]));
        let sent = requests.iter().filter(|request| request.starts_with("PUT") && request.contains("/blobs/")).count();
        // The configuration.
        assert_eq!(sent, 1, "{requests:#?}");
        skopeo::assert_same(registry.access(), &format!("{}/{two}:v1", registry.host()), &image);
        let both = [format!("repository:{two}:pull,push"), format!("repository:{one}:pull")];
        assert!(tokens.granted().iter().any(|token| token.scopes == both), "{:#?}", tokens.granted());
    }
}

#[test]
fn a_layer_that_is_not_taken_over_is_sent_and_its_place_is_forgotten() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    assert_eq!(outcomes(&home, "oci:layout:v1", "team/one"), ["uploaded"; 4]);
    registry.lose_content();
    let requests = registry.requests_of(|| assert_eq!(outcomes(&home, "oci:layout:v1", "team/two"), ["uploaded"; 4]));
    let asked_of_one = |request: &&String| request.contains("from=team%2Fone");
    assert_eq!(requests.iter().filter(asked_of_one).count(), 4, "{requests:#?}");
    skopeo::assert_same(registry.access(), &format!("{}/team/two:v1", registry.host()), &image);
    registry.lose_content();
    let requests = registry.requests_of(|| assert_eq!(outcomes(&home, "oci:layout:v1", "team/three"), ["uploaded"; 4]));
    assert_eq!(requests.iter().filter(asked_of_one).count(), 0, "{requests:#?}");
}

#[test]
fn a_mount_that_the_registry_claims_and_did_not_do_is_an_upload() {
    let image = Image::new(here!());
    let (home, registry) = (Home::new(), Registry::open());
    let liar = claiming_all_mounts(registry.port());
    home.register("local", &format!("localhost:{}", liar.port()));
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    assert_eq!(outcomes(&home, "oci:layout:v1", "team/one"), ["uploaded"; 4]);
    assert_eq!(outcomes(&home, "oci:layout:v1", "team/two"), ["uploaded"; 4]);
    skopeo::assert_same(registry.access(), &format!("{}/team/two:v1", registry.host()), &image);
}

/// A fake front of a real registry that says of each mount that it is done.
fn claiming_all_mounts(port: u16) -> Listener {
    Listener::start(move |mut stream, _| {
        let head = Head::read(&mut stream)?;
        if head.method() == "POST" && head.target().contains("mount=") {
            return stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
        forward_proxy::join(stream, head.forward(("127.0.0.1", port), "")?)
    })
}

#[test]
fn other_registries_are_not_asked_to_take_anything_over() {
    let image = Image::new(here!());
    let (home, registries) = (Home::new(), [Registry::open(), Registry::open()]);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    for (name, registry) in ["one", "two"].into_iter().zip(&registries) {
        home.register(name, registry.host());
        let requests = registry
            .requests_of(|| drop(home.ok(&["push", "oci:layout:v1", "--to", name, "--as", &format!("team/{name}")])));
        assert!(!requests.iter().any(|request| request.contains("mount=")), "{requests:#?}");
    }
}

#[test]
fn what_one_connector_pushed_is_not_named_in_the_requests_of_another() {
    let image = Image::new(here!());
    let (home, registry) = (Home::with_guest(&guest::build_with_cargo("vault"), &["--yes"]), Registry::open());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let (user, password) = (format!("--username={USER}"), format!("--password={PASSWORD}"));
    for name in ["work", "home"] {
        let connector = ["connector", "register", name, "--type=vault", "--auth-method=password", &user, &password];
        home.ok(&connector);
        let uri = format!("--uri={}/vault", registry.host());
        home.ok(&["registry", "register", name, "--flavor=vault", &uri, "--connector", name, "--no-verify"]);
    }
    let requests_of = |to: &str, repository: &str| {
        registry.requests_of(|| drop(home.ok(&["push", "oci:layout:v1", "--to", to, "--as", repository])))
    };
    requests_of("work", "secret-project");
    let other = requests_of("home", "blog");
    assert!(!other.iter().any(|request| request.contains("secret-project")), "{other:#?}");
    let own = requests_of("work", "second-project");
    assert!(own.iter().any(|request| request.contains("from=vault%2Fsecret-project")), "{own:#?}");
    // The connector may be another account's after a change.
    home.ok(&["connector", "update", "work", "--username=somebody-else"]);
    let changed = requests_of("work", "third-project");
    assert!(!changed.iter().any(|request| request.contains("from=")), "{changed:#?}");
}
