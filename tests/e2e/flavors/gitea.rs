//! Gitea: a named fake of its API, in front of a real registry that takes the same name and token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// The fake of Gitea's API: one user, the organization `acme`, and `hidden`, whose packages the token may not read.
fn gitea(request: &RecordedRequest) -> Answer {
    let error = |status, words: &str| (status, Vec::new(), json!({"message": words}));
    if request.authorization() != format!("Basic {}", STANDARD.encode(format!("{USER}:{UNUSUAL_PASSWORD}"))) {
        return error(401, "user does not exist [uid: 0, name: ]");
    }
    match request.line.as_str() {
        "GET /api/v1/user" => (200, Vec::new(), json!({"login": USER})),
        "GET /api/v1/packages/acme?type=container&limit=1" => (200, Vec::new(), json!([])),
        "GET /api/v1/packages/hidden?type=container&limit=1" => {
            error(403, "user should have specific permission or be a site admin")
        }
        _ => error(404, "user redirect does not exist"),
    }
}

/// A home with a token, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, token: &str) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", token);
    Connector::new("me", "gitea", "token").field("username", USER).field("token", "@env:SECRET").register(&home);
    let gitea = RegistrySpec::new("git", "gitea", registry.host()).connector("me");
    gitea.option("gitea-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn gitea_is_asked_for_the_owner_before_a_push() {
    let (api, registry) = (FakeApi::start(gitea), Registry::with_unusual_password());
    let (home, image) = home(&api, &registry, UNUSUAL_PASSWORD);
    home.ok(&push_layout("git", "acme/train"));
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    assert_eq!(api.lines(), ["GET /api/v1/packages/acme?type=container&limit=1"]);
    let pushed = home.ok(&push_layout("git", "hidden/train"));
    assert!(pushed.stderr.contains("was not checked"), "{pushed}");
    home.ok(&["flavor", "grant", "gitea", "--allow-secret-host", &api.url()]);
    let proved = home.ok(&["connector", "verify", "me", &format!("--option=gitea-endpoint={}", api.url())]);
    assert!(format!("{proved}").contains(USER), "{proved}");
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
}

#[test]
fn what_gitea_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(gitea), Registry::with_unusual_password());
    for (code, secret, repository, words) in [
        (4, "not-hers-at-all", "acme/train", "user does not exist"),
        (3, UNUSUAL_PASSWORD, "nobody/train", "no user or organization `nobody`"),
        (2, UNUSUAL_PASSWORD, "acme/my__train", "`my__train`"),
        (2, UNUSUAL_PASSWORD, "train", "<owner>/train"),
    ] {
        let (home, _) = home(&api, &registry, secret);
        let refused = home.fails(code, &push_layout("git", repository)).says(words);
        Needle::new(secret).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
