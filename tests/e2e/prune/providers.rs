//! Clean-ups where a provider's own API lists and deletes: named fakes of the APIs, in front of a real registry.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::{NEW, OLD, deletions, plan};
use crate::support::fakes::api::{FakeApi, RecordedRequest};
use crate::support::images::image_files;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::{Repository, digest_of};

/// A time of builds that say nothing.
const EPOCH: &str = "1970-01-01T00:00:00Z";

#[test]
fn github_lists_and_deletes_versions() {
    let (registry, mut home) = (Registry::open(), Home::new());
    let train = Repository { host: registry.host(), name: "acme/train" };
    let (old, new) = (train.image(Some("v1"), "old", EPOCH), train.image(Some("v2"), "new", EPOCH));
    let untagged = train.image(None, "untagged", EPOCH);
    let version = |id: u64, image: &Value, pushed: &str, tags: &[&str]| {
        json!({"id": id, "name": image["digest"], "created_at": pushed, "updated_at": pushed,
            "metadata": {"package_type": "container", "container": {"tags": tags}}})
    };
    let versions = Mutex::new(vec![
        version(1, &old, OLD, &["v1"]),
        version(2, &new, NEW, &["v2"]),
        version(3, &untagged, OLD, &[]),
    ]);
    // A fake of GitHub's API for the packages of one organization.
    let api = FakeApi::start(move |request: &RecordedRequest| {
        let line = request.line.as_str();
        let mut versions = versions.lock().unwrap();
        if let Some(id) = line.strip_prefix("DELETE /orgs/acme/packages/container/train/versions/") {
            versions.retain(|version| version["id"].as_u64() != id.parse().ok());
            return (204, Vec::new(), Value::Null);
        }
        match line.starts_with("GET /orgs/acme/packages/container/train/versions?") {
            true => (200, Vec::new(), json!(*versions)),
            false => (404, Vec::new(), json!({"message": "Not Found"})),
        }
    });
    home.set("SECRET", "the-token");
    Connector::new("me", "github", "token").field("token", "@env:SECRET").register(&home);
    let spec = RegistrySpec::new("gh", "github", &format!("{}/acme", registry.host())).connector("me");
    spec.option("api-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    let plan = plan(&home, &["gh/train", "--older-than", "30d", "--keep", "1", "--untagged"]);
    let mut gone = deletions(&plan);
    gone.sort_unstable();
    let mut expected = [&old, &untagged].map(digest_of);
    expected.sort_unstable();
    assert_eq!(gone, expected, "the times of pushes decide, and what has no tag is known: {plan}");
    home.ok(&["prune", "--apply", "plan.json", "--yes"]);
    let deleted: Vec<String> = api.lines().into_iter().filter(|line| line.starts_with("DELETE ")).collect();
    assert_eq!(deleted.len(), 2, "{deleted:?}");
    let described = home.ok(&["flavor", "describe", "github"]);
    assert!(described.stdout.contains("Deletes a version of a package"), "{described}");
}

#[test]
fn quay_tells_the_times_of_pushes_and_the_registry_deletes() {
    let (registry, mut home) = (Registry::deleting(), Home::new());
    let train = Repository { host: registry.host(), name: "acme/train" };
    let (old, new) = (train.image(Some("v1"), "old", EPOCH), train.image(Some("v2"), "new", EPOCH));
    let tag = |name: &str, image: &Value, pushed: u64| json!({"name": name, "manifest_digest": image["digest"], "start_ts": pushed, "size": 1, "is_manifest_list": false});
    let tags =
        json!({"tags": [tag("v1", &old, 1_700_000_000), tag("v2", &new, 1_767_225_600)], "has_additional": false});
    // A fake of Quay's API for one repository.
    let api = FakeApi::start(move |request: &RecordedRequest| {
        match request.line.starts_with("GET /api/v1/repository/acme/train/tag/?") {
            true => (200, Vec::new(), tags.clone()),
            false => (404, Vec::new(), json!({"error_message": "Not Found"})),
        }
    });
    home.set("SECRET", "the-token");
    Connector::new("me", "quay", "oauth-token").field("token", "@env:SECRET").register(&home);
    let spec = RegistrySpec::new("quay", "quay", registry.host()).connector("me");
    spec.option("quay-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    let plan = plan(&home, &["quay/acme/train", "--older-than", "30d", "--keep", "1"]);
    assert_eq!(deletions(&plan), [digest_of(&old)], "{plan}");
    home.ok(&["prune", "--apply", "plan.json", "--yes"]);
    assert!(!train.has("v1") && train.has("v2"));
}

#[test]
fn ecr_lists_and_deletes_by_signed_calls() {
    let actions = "ecr:GetAuthorizationToken,ecr:DescribeRepositories,ecr:DescribeImages,ecr:BatchDeleteImage,\
                   ecr:PutImage,sts:*";
    let (moto, registry) = (Moto::start(actions, &["team/train"]), Registry::with_ecr_token());
    let (mut home, image) = Home::with_image();
    image_files::layout(&home.path("other"), &[("v2", &image.with_another_top(7))]);
    home.set("SECRET_OF_THE_TEST", moto.secret());
    let keys = Connector::new("my-aws", "aws", "secret-key").field("aws-access-key-id", moto.id());
    keys.field("aws-secret-access-key", "@env:SECRET_OF_THE_TEST").register(&home);
    let (endpoint, ecr) = (moto.endpoint(), RegistrySpec::new("ecr", "aws", registry.host()).connector("my-aws"));
    let ecr = ecr.option("region", "eu-west-1").option("ecr-endpoint", endpoint).option("sts-endpoint", endpoint);
    ecr.allow_secret_host(endpoint).register(&home);
    home.ok(&["push", "oci:layout:v1", "--to", "ecr", "--as", "team/train"]);
    home.ok(&["push", "oci:other:v2", "--to", "ecr", "--as", "team/train"]);
    let digest = |tag: &str| skopeo::digest(registry.access(), &format!("{}/team/train:{tag}", registry.host()));
    let pairs: Vec<String> = ["v1", "v2"].map(|tag| format!("{tag}={}", digest(tag))).to_vec();
    assert_eq!(moto.images("team/train", &pairs).as_array().unwrap().len(), 2);
    let plan = plan(&home, &["ecr/team/train", "--keep", "0", "--include", "v1"]);
    assert_eq!(deletions(&plan), [digest("v1")], "{plan}");
    home.ok(&["prune", "--apply", "plan.json", "--yes"]);
    assert_eq!(moto.images("team/train", &[]), json!([digest("v2")]));
}
