//! Huawei Cloud: a named fake of its API, which issues the login of a real registry. The signatures are held to the
//! vendor's SDK by the flavor's unit tests.

use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};

/// The user of issued logins.
const USER: &str = "cn-north-4@AKknown";
const SECRET: &str = "cAnary-4711-of-huawei";

/// The fake of the API: one access key, and no organization before one is created.
fn swr() -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    let created = AtomicBool::new(false);
    move |request| {
        let signed = "SDK-HMAC-SHA256 Access=AKknown, SignedHeaders=content-type;host;x-sdk-date, Signature=";
        if !request.authorization().starts_with(signed) {
            return (401, Vec::new(), json!({"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication"}));
        }
        match request.line.as_str() {
            "POST /v2/manage/utils/secret" => {
                let auth = STANDARD.encode(format!("{USER}:{UNUSUAL_PASSWORD}"));
                let end = vec![("x-swr-expireat", "2099-12-31T00:00:00.000000Z".to_owned())];
                (200, end, json!({"auths": {"swr.cn-north-4.myhuaweicloud.com": {"auth": auth}}}))
            }
            "GET /v2/manage/namespaces/acme" if created.load(Ordering::Relaxed) => {
                (200, Vec::new(), json!({"id": 1, "name": "acme"}))
            }
            "POST /v2/manage/namespaces" => {
                created.store(true, Ordering::Relaxed);
                (201, Vec::new(), Value::Null)
            }
            _ => (404, Vec::new(), json!({"errors": [{"errorMessage": "Namespace does not exist"}]})),
        }
    }
}

/// A home with an access key, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, id: &str, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", SECRET);
    let connector = Connector::new("me", "huawei", "access-key").field("access-key-id", id);
    connector.field("secret-access-key", "@env:SECRET").register(&home);
    let swr = RegistrySpec::new("swr", "huawei", &format!("{}/acme", registry.host())).connector("me").more(options);
    swr.option("swr-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn huawei_issues_a_login_and_creates_a_missing_organization() {
    let (api, registry) = (FakeApi::start(swr()), Registry::with_unusual_password_of(USER));
    let (home, image) = home(&api, &registry, "AKknown", &["--option=create-organization=true"]);
    for (round, note) in [(1, true), (2, false)] {
        let pushed = home.ok(&push_layout("swr", "train"));
        assert_eq!(pushed.stderr.contains("the organization `acme` was created"), note, "push {round}{pushed}");
    }
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    for request in api.requests() {
        Needle::new(SECRET).assert_not_in(format!("{request:?}").as_bytes(), "a request");
    }
    for secret in [SECRET, UNUSUAL_PASSWORD] {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn what_huawei_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(swr()), Registry::with_unusual_password_of(USER));
    for (code, id, words) in [(4, "AKother", "Incorrect IAM"), (3, "AKknown", "create-organization=true")] {
        let (home, _) = home(&api, &registry, id, &[]);
        home.fails(code, &push_layout("swr", "train")).says(words);
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
