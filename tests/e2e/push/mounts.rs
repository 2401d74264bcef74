//! Blobs that a registry takes over from another of its repositories.

use crate::support::crhost::Home;
use crate::support::image::Image;
use crate::support::registry::{PASSWORD, Registry, USER};
use crate::support::token_server::TokenServer;
use crate::support::{image_files, judge};

/// What became of the layers of a push to a repository.
fn outcomes(home: &Home, source: &str, repository: &str) -> Vec<String> {
    let pushed = home.ok(&["push", source, "--to", "local", "--as", repository, "-o", "json"]).json();
    let layers = pushed["layers"].as_array().unwrap().iter();
    layers.map(|layer| layer["outcome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn layers_are_taken_over_from_another_repository_of_the_same_registry() {
    let image = Image::new(400);
    let (home, tokens) = (Home::warm(), TokenServer::start());
    let registry = Registry::with_tokens(&tokens);
    home.docker_login(registry.host(), USER, PASSWORD);
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    for (source, one, two) in
        [("oci:layout:v1", "team/one", "team/two"), ("docker-archive:train.tar", "team/three", "team/four")]
    {
        assert_eq!(outcomes(&home, source, one), ["uploaded"; 4]);
        let requests = registry.requests_of(|| assert_eq!(outcomes(&home, source, two), ["mounted"; 4]));
        let sent = requests.iter().filter(|request| request.starts_with("PUT") && request.contains("/blobs/")).count();
        // The configuration.
        assert_eq!(sent, 1, "{requests:#?}");
        judge::assert_same(registry.access(), &format!("{}/{two}:v1", registry.host()), &image);
        let both = [format!("repository:{two}:pull,push"), format!("repository:{one}:pull")];
        assert!(tokens.asked().iter().any(|asked| asked.scopes == both), "{:#?}", tokens.asked());
    }
}

#[test]
fn a_layer_that_is_not_taken_over_is_sent_and_its_place_is_forgotten() {
    let image = Image::new(410);
    let (home, registry) = (Home::warm(), Registry::open());
    home.register("local", registry.host());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    assert_eq!(outcomes(&home, "oci:layout:v1", "team/one"), ["uploaded"; 4]);
    registry.lose_content();
    let requests = registry.requests_of(|| assert_eq!(outcomes(&home, "oci:layout:v1", "team/two"), ["uploaded"; 4]));
    let asked_of_one = |request: &&String| request.contains("from=team%2Fone");
    assert_eq!(requests.iter().filter(asked_of_one).count(), 4, "{requests:#?}");
    judge::assert_same(registry.access(), &format!("{}/team/two:v1", registry.host()), &image);
    registry.lose_content();
    let requests = registry.requests_of(|| assert_eq!(outcomes(&home, "oci:layout:v1", "team/three"), ["uploaded"; 4]));
    assert_eq!(requests.iter().filter(asked_of_one).count(), 0, "{requests:#?}");
}

#[test]
fn other_registries_are_not_asked_to_take_anything_over() {
    let image = Image::new(420);
    let (home, registries) = (Home::warm(), [Registry::open(), Registry::open()]);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    for (name, registry) in ["one", "two"].into_iter().zip(&registries) {
        home.register(name, registry.host());
        let requests = registry
            .requests_of(|| drop(home.ok(&["push", "oci:layout:v1", "--to", name, "--as", &format!("team/{name}")])));
        assert!(!requests.iter().any(|request| request.contains("mount=")), "{requests:#?}");
    }
}
