//! `crhost delete`, `repos` and `tags` where the registry itself refuses: named fakes of providers' APIs, in front of
//! registries that delete or list nothing.

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::inspect::scripted::{registry, say};
use crate::support::fakes::api::{FakeApi, RecordedRequest};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::Registry;

/// Pushes a small image to a registry that is registered as `plain`, and gives its digest.
fn push(home: &Home, registry: &Registry, name: &str, tags: &[&str]) -> String {
    home.register("plain", registry.host());
    image_files::layout(&home.path("layout"), &[("x", &Image::small(here!(), architecture()))]);
    for tag in tags {
        home.ok(&["push", "oci:layout", "--to", "plain", "--as", &format!("{name}:{tag}")]);
    }
    home.ok(&["digest", &format!("plain/{name}:{}", tags[0])]).stdout.trim().to_owned()
}

#[test]
fn github_deletes_a_version_and_no_tag_alone() {
    let (registry, mut home) = (Registry::open(), Home::new());
    let digest = push(&home, &registry, "acme/train", &["v1", "latest"]);
    let version = json!([{"id": 7, "name": digest, "created_at": "2026-01-01T00:00:00Z",
        "metadata": {"container": {"tags": ["v1", "latest"]}}}]);
    // A fake of GitHub's API for the packages of one organization.
    let api = FakeApi::start(move |request: &RecordedRequest| match request.line.split('?').next().unwrap() {
        "GET /orgs/acme/packages" => (200, Vec::new(), json!([{"name": "train"}, {"name": "private"}])),
        "GET /orgs/acme/packages/container/train/versions" => (200, Vec::new(), version.clone()),
        "DELETE /orgs/acme/packages/container/train/versions/7" => (204, Vec::new(), Value::Null),
        _ => (404, Vec::new(), json!({"message": "Not Found"})),
    });
    home.set("SECRET", "the-token");
    Connector::new("me", "github", "token").field("token", "@env:SECRET").register(&home);
    let spec = RegistrySpec::new("gh", "github", &format!("{}/acme", registry.host())).connector("me");
    spec.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    let host = registry.host();
    assert_eq!(home.ok(&["repos", "gh"]).stdout, format!("{host}/acme/train\n{host}/acme/private\n"));
    // The registry answers 405 to the deletion of a tag, and GitHub's API has none.
    let alone = home.fails(1, &["delete", "gh/train:v1", "--yes"]);
    alone.says("does not delete a tag alone").says("`latest` included");
    home.ok(&["delete", &format!("gh/train@{digest}"), "--yes"]);
    let deleted: Vec<String> = api.lines().into_iter().filter(|line| line.starts_with("DELETE ")).collect();
    assert_eq!(deleted, ["DELETE /orgs/acme/packages/container/train/versions/7"]);
    home.fails(1, &["delete", &format!("plain/acme/train@{digest}"), "--yes"]).says("does not delete manifests");
}

#[test]
fn harbor_deletes_a_tag_alone_that_its_registry_refuses_to_delete() {
    let (registry, mut home) = (Registry::open(), Home::new());
    push(&home, &registry, "ml/team/train", &["v1", "latest"]);
    // A fake of Harbor's API for the tags of one repository.
    let tags = Mutex::new(vec!["v1", "latest"]);
    let api = FakeApi::start(move |request: &RecordedRequest| {
        let Some(tag) =
            request.line.strip_prefix("DELETE /api/v2.0/projects/ml/repositories/team%252Ftrain/artifacts/")
        else {
            return (404, Vec::new(), json!({"errors": [{"code": "NOT_FOUND", "message": "not found"}]}));
        };
        let mut tags = tags.lock().unwrap();
        let before = tags.len();
        tags.retain(|known| tag != format!("{known}/tags/{known}"));
        (if tags.len() < before { 200 } else { 412 }, Vec::new(), json!({"errors": [{"message": "immutable"}]}))
    });
    home.set("SECRET", "the-token");
    let robot = Connector::new("me", "harbor", "robot").field("username", "robot$ml+ci");
    robot.field("token", "@env:SECRET").register(&home);
    let spec = RegistrySpec::new("hub", "harbor", &format!("{}/ml", registry.host())).connector("me");
    spec.option("harbor-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    let done = home.ok(&["delete", "hub/team/train:v1", "--yes"]);
    assert_eq!(done.stdout.trim(), format!("{}/ml/team/train:v1", registry.host()));
    // Harbor keeps one that a rule of the project makes immutable.
    home.fails(5, &["delete", "hub/team/train:v1", "--yes"]).says("immutable");
}

#[test]
fn tags_are_listed_by_the_flavor_where_the_registry_refuses_to() {
    let fake = registry(|_, target| {
        target.contains("/tags/list").then(|| say(405, &[], r#"{"errors":[{"code":"UNSUPPORTED"}]}"#))
    });
    let mut home = Home::new();
    let digest = |letter: &str| format!("sha256:{}", letter.repeat(64));
    let artifacts =
        json!([{"digest": digest("a"), "tags": [{"name": "v2"}]}, {"digest": digest("b"), "tags": [{"name": "v1"}]}]);
    // A fake of Harbor's API for one repository.
    let api = FakeApi::start(move |request: &RecordedRequest| {
        match request.line.starts_with("GET /api/v2.0/projects/ml/repositories/train/artifacts?with_tag=true&") {
            true => (200, Vec::new(), artifacts.clone()),
            false => (404, Vec::new(), Value::Null),
        }
    });
    home.set("SECRET", "the-token");
    let robot = Connector::new("me", "harbor", "robot").field("username", "robot$ml+ci");
    robot.field("token", "@env:SECRET").register(&home);
    let spec = RegistrySpec::new("hub", "harbor", &format!("{}/ml", fake.host())).connector("me");
    spec.option("harbor-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    assert_eq!(home.ok(&["tags", "hub/train"]).stdout, "v1\nv2\n");
    home.fails(1, &["tags", "hub/other"]).says("405");
}
