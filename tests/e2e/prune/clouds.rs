//! Clean-ups where the registry deletes and the provider's API tells the times of pushes: named fakes of the APIs, in
//! front of a real registry. The builds write a constant as their time, by which nothing would go.

use serde_json::{Value, json};

use super::{deletions, plan};
use crate::support::fakes::api::{FakeApi, RecordedRequest};
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::{Repository, digest_of};

/// A time of builds that say nothing.
const EPOCH: &str = "1970-01-01T00:00:00Z";
const OLD: &str = "2024-01-01T00:00:00.1234567Z";
const NEW: &str = "2026-01-01T00:00:00Z";

/// An old image `v1`, a new one `v2`, and an old one without a tag, in a repository.
struct Scene {
    registry: Registry,
    home: Home,
    name: &'static str,
    images: [Value; 3],
}

impl Scene {
    fn new(name: &'static str) -> Self {
        let (registry, mut home) = (Registry::deleting(), Home::new());
        let repository = Repository { host: registry.host(), name };
        let images = [Some("v1"), Some("v2"), None].map(|tag| repository.image(tag, tag.unwrap_or("none"), EPOCH));
        home.set("SECRET", "the-token");
        Self { registry, home, name, images }
    }

    /// The digests of the old images.
    fn old(&self) -> Vec<&str> {
        let [old, _, untagged] = &self.images;
        let mut digests = vec![digest_of(old), digest_of(untagged)];
        digests.sort_unstable();
        digests
    }

    /// A list of the images as an API has it, of their digests, times and tags.
    fn list(&self, entry: impl Fn(&str, &str, &[&str]) -> Value) -> Value {
        let times = [OLD, NEW, OLD];
        let tags: [&[&str]; 3] = [&["v1"], &["v2"], &[]];
        let entries = self.images.iter().zip(times).zip(tags);
        entries.map(|((image, time), tags)| entry(digest_of(image), time, tags)).collect()
    }

    /// Expects that the old images go, by their times at the registry, and no other.
    #[track_caller]
    fn assert_prunes(&self, spec: RegistrySpec, endpoint: &str, api: &FakeApi) {
        spec.connector("me").option(endpoint, &api.url()).allow_secret_host(&api.url()).register(&self.home);
        let plan = plan(&self.home, &["cloud", "--older-than", "30d", "--keep", "1", "--untagged"]);
        let mut gone = deletions(&plan);
        gone.sort_unstable();
        assert_eq!(gone, self.old(), "{plan}");
        self.home.ok(&["prune", "--apply", "plan.json", "--yes"]);
        let repository = Repository { host: self.registry.host(), name: self.name };
        assert!(!repository.has("v1") && repository.has("v2"));
    }
}

/// A fake of an API that answers lists by the beginnings of their requests.
fn lists(lists: Vec<(&'static str, Value)>) -> FakeApi {
    FakeApi::start(move |request: &RecordedRequest| {
        let list = lists.iter().find(|(line, _)| request.line.starts_with(line));
        list.map_or((404, Vec::new(), json!({"errors": []})), |(_, list)| (200, Vec::new(), list.clone()))
    })
}

#[test]
fn harbor_tells_the_times_of_pushes() {
    let scene = Scene::new("ml/team/train");
    let artifacts = scene.list(|digest, time, tags| {
        let tags: Vec<Value> = tags.iter().map(|tag| json!({"name": tag, "push_time": time})).collect();
        json!({"digest": digest, "size": 7, "push_time": time, "tags": tags})
    });
    let api = lists(vec![
        ("GET /api/v2.0/projects/ml/repositories?", json!([{"name": "ml/team/train"}])),
        ("GET /api/v2.0/projects/ml/repositories/team%252Ftrain/artifacts?", artifacts),
    ]);
    let robot = Connector::new("me", "harbor", "robot").field("username", "robot$ml+ci");
    robot.field("token", "@env:SECRET").register(&scene.home);
    let spec = RegistrySpec::new("cloud", "harbor", &format!("{}/ml", scene.registry.host()));
    scene.assert_prunes(spec, "harbor-endpoint", &api);
}

#[test]
fn azure_tells_the_times_of_pushes() {
    let scene = Scene::new("team/train");
    let manifests = scene.list(|digest, time, tags| {
        json!({"digest": digest, "imageSize": 7, "createdTime": OLD, "lastUpdateTime": time, "tags": tags})
    });
    let api = lists(vec![
        ("GET /oauth2/token?", json!({"access_token": "opaque"})),
        ("GET /acr/v1/team%2Ftrain/_manifests?", json!({"manifests": manifests})),
    ]);
    let admin = Connector::new("me", "azure", "admin-user").field("username", "contoso");
    admin.field("password", "@env:SECRET").register(&scene.home);
    let spec = RegistrySpec::new("cloud", "azure", &format!("{}/team", scene.registry.host()));
    scene.assert_prunes(spec, "exchange-endpoint", &api);
    let listed = api.requests().into_iter().find(|request| request.line.contains("_manifests")).unwrap();
    assert_eq!(listed.authorization(), "Bearer opaque");
}

#[test]
fn google_tells_the_times_of_pushes() {
    let scene = Scene::new("my-project/my-repository/team/train");
    let below = "GET /v1/projects/my-project/locations/europe-west1/repositories/my-repository/packages";
    let package = "projects/my-project/locations/europe-west1/repositories/my-repository/packages/team%2Ftrain";
    let versions = scene.list(|digest, time, tags| {
        let tags: Vec<Value> = tags.iter().map(|tag| json!({"name": format!("{package}/tags/{tag}")})).collect();
        json!({"name": format!("{package}/versions/{digest}"), "createTime": OLD, "updateTime": time,
            "relatedTags": tags, "metadata": {"imageSizeBytes": "7"}})
    });
    let versions_line: &'static str = Box::leak(format!("{below}/team%2Ftrain/versions?").into_boxed_str());
    let packages_line: &'static str = Box::leak(format!("{below}?").into_boxed_str());
    let api = lists(vec![
        (versions_line, json!({"versions": versions})),
        (packages_line, json!({"packages": [{"name": package}]})),
    ]);
    Connector::new("me", "gcp", "oauth2-token").field("token", "@env:SECRET").register(&scene.home);
    let uri = format!("{}/my-project/my-repository", scene.registry.host());
    let spec = RegistrySpec::new("cloud", "gcp", &uri).option("location", "europe-west1");
    scene.assert_prunes(spec, "artifact-registry-endpoint", &api);
}

#[test]
fn gitlab_lists_the_repositories_of_a_group_and_the_build_tells_the_time() {
    let (registry, mut home) = (Registry::deleting(), Home::new());
    let train = Repository { host: registry.host(), name: "acme/ml/train" };
    let old = train.image(Some("v1"), "old", OLD);
    train.image(Some("v2"), "new", NEW);
    // A fake of GitLab's API for one group.
    let api = lists(vec![("GET /api/v4/groups/acme%2Fml/registry/repositories?", json!([{"path": "acme/ml/train"}]))]);
    home.set("SECRET", "the-token");
    Connector::new("me", "gitlab", "personal-token").field("token", "@env:SECRET").register(&home);
    let spec = RegistrySpec::new("cloud", "gitlab", &format!("{}/acme/ml", registry.host())).connector("me");
    spec.option("gitlab-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    let plan = plan(&home, &["cloud", "--older-than", "30d", "--keep", "1"]);
    assert_eq!(deletions(&plan), [digest_of(&old)], "{plan}");
}
