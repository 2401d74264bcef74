//! Alibaba Cloud: a named fake of its API, which issues the password of a real registry. The signatures are held to the
//! vendor's SDK by the flavor's unit tests.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};

/// The user of issued passwords.
const USER: &str = "cr_temp_user";
const SECRET: &str = "cAnary-4711-of-alibaba";

/// The fake of the API: one access key, and the namespace `team`, which creates no repository on a push.
fn acr() -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    let created = AtomicBool::new(false);
    move |request| {
        if !request.authorization().starts_with("ACS3-HMAC-SHA256 Credential=LTAIknown,SignedHeaders=host;x-acs-") {
            return (404, Vec::new(), json!({"Code": "InvalidAccessKeyId.NotFound", "Message": "not found"}));
        }
        assert!(request.line.contains("InstanceId=cri-1"), "{}", request.line);
        let action = request.headers["x-acs-action"].to_str().unwrap();
        let body = match action {
            "GetAuthorizationToken" => {
                json!({"TempUsername": USER, "AuthorizationToken": UNUSUAL_PASSWORD, "ExpireTime": 4_102_444_800_000_u64})
            }
            "ListNamespace" => json!({"Namespaces": [{"NamespaceName": "team", "AutoCreateRepo": false}]}),
            "ListRepository" if created.load(Ordering::Relaxed) => json!({"Repositories": [{"RepoName": "train"}]}),
            "ListRepository" => json!({"Repositories": []}),
            _ => {
                created.store(true, Ordering::Relaxed);
                json!({"IsSuccess": true, "RepoId": "crr-1"})
            }
        };
        (200, Vec::new(), body)
    }
}

/// A home with an access key, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, id: &str, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", SECRET);
    let connector = Connector::new("me", "alibaba", "access-key").field("access-key-id", id);
    connector.field("access-key-secret", "@env:SECRET").register(&home);
    let acr = RegistrySpec::new("acr", "alibaba", &format!("{}/team", registry.host())).connector("me").more(options);
    let acr = acr.option("instance-id", "cri-1").option("cr-endpoint", &api.url());
    acr.allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn alibaba_issues_a_password_and_creates_a_missing_repository() {
    let (api, registry) = (FakeApi::start(acr()), Registry::with_unusual_password_of(USER));
    let (home, image) = home(&api, &registry, "LTAIknown", &["--option=create-repository=true"]);
    for (round, note) in [(1, true), (2, false)] {
        let pushed = home.ok(&push_layout("acr", "train"));
        assert_eq!(pushed.stderr.contains("repository `team/train` was created"), note, "push {round}{pushed}");
    }
    skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
    for request in api.requests() {
        Needle::new(SECRET).assert_not_in(format!("{request:?}").as_bytes(), "a request");
    }
    for secret in [SECRET, UNUSUAL_PASSWORD] {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn what_alibaba_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(acr()), Registry::with_unusual_password_of(USER));
    for (code, id, words) in [(4, "LTAIother", "does not accept the access key"), (3, "LTAIknown", "create-repository")]
    {
        let (home, _) = home(&api, &registry, id, &[]);
        home.fails(code, &push_layout("acr", "train")).says(words);
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
