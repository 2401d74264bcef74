//! Credentials that live for a short time: kept, used again, and renewed once when a registry refuses them, in whatever
//! way it says so.
//!
//! DigitalOcean's API issues them here, because its flavor asks for new ones with a single request that can be counted.

use crate::support::fakes::api::FakeApi;
use crate::support::fakes::auth_proxy::{AuthProxy, Refusal};
use crate::support::fakes::digitalocean;
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::Registry;

const TOKEN: &str = "cAnary-api/token+of=renewal";
const OTHER_TOKEN: &str = "another-api/token+of=renewal";

const PLAIN: Refusal =
    ("401 Unauthorized", r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#);
const LIKE_ECR: Refusal = (
    "403 Forbidden",
    r#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}"#,
);
/// Without a challenge.
const LIKE_ECR_PUBLIC: Refusal =
    ("400 Bad Request", r#"{"errors":[{"code":"DENIED","message":"Your Authorization Token has expired."}]}"#);

/// A registry behind a proxy, what issues passwords for it, and a home with a connector for that.
struct Scene {
    registry: Registry,
    proxy: AuthProxy,
    home: Home,
    image: Image,
    api: FakeApi,
}

impl Scene {
    fn new(refusal: Refusal) -> Self {
        let registry = Registry::open();
        let proxy = AuthProxy::before(&registry, refusal);
        let api = digitalocean::issuing(proxy.passwords(), [TOKEN, OTHER_TOKEN]);
        // Of several layers, which are sent at the same time.
        let (mut home, image) = (Home::new(), Image::new(here!()));
        home.set("TOKEN", TOKEN);
        home.set("OTHER_TOKEN", OTHER_TOKEN);
        image_files::layout(&home.path("layout"), &[("v1", &image)]);
        Connector::new("me", "digitalocean", "token").field("token", "@env:TOKEN").register(&home);
        let registered = RegistrySpec::new("do", "digitalocean", &format!("{}/acme", proxy.host())).connector("me");
        registered.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
        Self { registry, proxy, home, image, api }
    }

    /// Pushes, and compares the image that arrived.
    #[track_caller]
    fn push(&self, name: &str) {
        self.home.ok(&["push", "oci:layout:v1", "--to", "do", "--as", name]);
        let arrived = format!("{}/acme/{name}:v1", self.registry.host());
        skopeo::assert_same(self.registry.access(), &arrived, &self.image);
    }
}

#[test]
fn many_pushes_make_one_token_call() {
    let scene = Scene::new(PLAIN);
    for name in ["a", "b", "c", "d", "e"] {
        scene.push(name);
    }
    assert_eq!((scene.proxy.passwords().issued(), scene.proxy.passwords().refused().len()), (1, 0));
}

#[test]
fn credentials_are_asked_for_again_when_anything_changes_that_they_depend_on() {
    let scene = Scene::new(PLAIN);
    let other_url = scene.api.url().replace("localhost", "127.0.0.1");
    assert_ne!(other_url, scene.api.url());
    let endpoint = format!("--option=api-endpoint={other_url}");
    let grant = format!("--allow-secret-host={other_url}");
    scene.push("a");
    for (issued, change) in [
        (2, &["flavor", "grant", "digitalocean", "--registry=do", &grant][..]),
        (3, &["registry", "update", "do", "--no-verify", &endpoint]),
        (4, &["flavor", "grant", "digitalocean", "--allow-host=https://one.more.example"]),
        (5, &["connector", "update", "me", "--no-verify", "--token=@env:OTHER_TOKEN"]),
        // What came of a connector goes with its change.
        (6, &["connector", "update", "me", "--no-verify", "--token=@env:TOKEN"]),
    ] {
        scene.home.ok(change);
        scene.push("a");
        scene.push("a");
        assert_eq!(scene.proxy.passwords().issued(), issued, "{change:?}");
    }
}

#[test]
fn kept_credentials_that_are_refused_are_renewed_once() {
    for refusal in [PLAIN, LIKE_ECR, LIKE_ECR_PUBLIC] {
        let scene = Scene::new(refusal);
        let passwords = scene.proxy.passwords();
        scene.push("a");
        passwords.revoke();
        scene.push("b");
        assert_eq!(passwords.issued(), 2, "{refusal:?}");
        assert_eq!(passwords.refused(), ["GET /v2/"], "{refusal:?}");
        // The new ones are kept in the place of the old.
        scene.push("c");
        assert_eq!((passwords.issued(), passwords.refused().len()), (2, 1), "{refusal:?}");
    }
}

#[test]
fn credentials_that_are_refused_in_the_middle_of_a_push_are_renewed_once() {
    for refusal in [PLAIN, LIKE_ECR, LIKE_ECR_PUBLIC] {
        for request in ["POST /v2/acme/a/blobs/uploads/", "PUT /v2/acme/a/manifests/"] {
            let scene = Scene::new(refusal);
            let passwords = scene.proxy.passwords();
            passwords.revoke_at(request);
            scene.push("a");
            assert_eq!(passwords.issued(), 2, "{refusal:?}");
            assert!(passwords.refused().iter().all(|line| line.starts_with(request)), "{:?}", passwords.refused());
        }
    }
}

#[test]
fn credentials_that_are_refused_when_a_blob_comes_are_renewed_and_the_blob_sent_again() {
    for refusal in [PLAIN, LIKE_ECR, LIKE_ECR_PUBLIC] {
        let scene = Scene::new(refusal);
        let passwords = scene.proxy.passwords();
        passwords.revoke_at("PUT /v2/acme/a/blobs/uploads/");
        scene.push("a");
        assert_eq!(passwords.issued(), 2, "{refusal:?}");
    }
}

#[test]
fn credentials_that_one_of_two_registries_refuses_in_the_middle_are_renewed_for_that_one() {
    let (scene, other) = (Scene::new(PLAIN), Registry::open());
    scene.home.register("other", other.host());
    let passwords = scene.proxy.passwords();
    passwords.revoke_at("PUT /v2/acme/a/blobs/uploads/");
    scene.home.ok(&["push", "oci:layout:v1", "--to", "other", "--to", "do", "--as", "a", "--all-or-none"]);
    assert_eq!(passwords.issued(), 2);
    for (registry, name) in [(&scene.registry, "acme/a"), (&other, "a")] {
        skopeo::assert_same(registry.access(), &format!("{}/{name}:v1", registry.host()), &scene.image);
    }
}

#[test]
fn credentials_that_are_refused_again_end_the_push() {
    for refusal in [PLAIN, LIKE_ECR, LIKE_ECR_PUBLIC] {
        let scene = Scene::new(refusal);
        let passwords = scene.proxy.passwords();
        passwords.revoke_all();
        // The first push has new ones, and the second those that are kept: each asks for others once.
        for issued in [2, 3] {
            let words = if refusal == PLAIN { "authentication required" } else { "has expired" };
            scene.home.fails(4, &["push", "oci:layout:v1", "--to", "do", "--as", "a"]).says(words);
            assert_eq!((passwords.issued(), passwords.refused().len()), (issued, 2 * (issued - 1)), "{refusal:?}");
        }
        assert_eq!((scene.registry.stored(), scene.registry.tags()), (0, 0));
    }
}
