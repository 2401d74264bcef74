//! Tencent Cloud: a named fake of its API, which issues the password of a real registry. The signatures are held to the
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
const USER: &str = "100012345678";
const SECRET: &str = "cAnary-4711-of-tencent";

/// The fake of the API: one key, the instance `tcr-1`, and no namespace before one is created.
fn tcr() -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    let created = AtomicBool::new(false);
    move |request| {
        let known = request.authorization().starts_with("TC3-HMAC-SHA256 Credential=AKIDknown/");
        let response = match request.headers["x-tc-action"].to_str().unwrap() {
            _ if !known => json!({"Error": {"Code": "AuthFailure.SecretIdNotFound", "Message": "no such key"}}),
            "DescribeInstances" => json!({"Registries": [{"RegistryId": "tcr-1", "RegionName": "eu-frankfurt"}]}),
            "CreateInstanceToken" => {
                json!({"Username": USER, "Token": UNUSUAL_PASSWORD, "ExpTime": 4_102_444_800_000_u64})
            }
            "DescribeNamespaces" if created.load(Ordering::Relaxed) => json!({"NamespaceList": [{"Name": "team"}]}),
            "DescribeNamespaces" => json!({"NamespaceList": []}),
            _ => {
                created.store(true, Ordering::Relaxed);
                json!({"RequestId": "r"})
            }
        };
        (200, Vec::new(), json!({ "Response": response }))
    }
}

/// A home with a key, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, id: &str, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", SECRET);
    let connector = Connector::new("me", "tencent", "secret-key").field("secret-id", id);
    connector.field("secret-key", "@env:SECRET").register(&home);
    let tcr = RegistrySpec::new("tcr", "tencent", &format!("{}/team", registry.host())).connector("me").more(options);
    let tcr = tcr.option("registry-id", "tcr-1").option("tcr-endpoint", &api.url());
    tcr.allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn tencent_issues_a_password_and_creates_a_missing_namespace() {
    let (api, registry) = (FakeApi::start(tcr()), Registry::with_unusual_password_of(USER));
    let (home, image) = home(&api, &registry, "AKIDknown", &["--option=create-namespace=true"]);
    for (round, note) in [(1, true), (2, false)] {
        let pushed = home.ok(&push_layout("tcr", "train"));
        assert_eq!(pushed.stderr.contains("the namespace `team` was created"), note, "push {round}{pushed}");
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
fn what_tencent_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(tcr()), Registry::with_unusual_password_of(USER));
    for (code, id, words) in [(4, "AKIDother", "no such key"), (3, "AKIDknown", "create-namespace=true")] {
        let (home, _) = home(&api, &registry, id, &[]);
        home.fails(code, &push_layout("tcr", "train")).says(words);
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
